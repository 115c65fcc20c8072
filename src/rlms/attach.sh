# One role's analysis from the decision to what its prompt gets: decide, go through the door, judge, record.

# What earlier iterations and runs left is not this iteration's, neither for people nor for gates. Of an analysis that was
# killed or cancelled the journal stays: the next one goes on with it.
rlms::attach::forget_earlier() {
  local result
  local -a finished=()
  [[ -e ${SL_RLMS_LATEST_DIR} || -e ${SL_RLMS_ITERATION_DIR} ]] || return 0
  while IFS= read -r result; do
    finished+=("${SL_RLMS_ITERATION_DIR}/${result%/*}")
  done < <(cd "${SL_RLMS_ITERATION_DIR}" 2>/dev/null && grep -Ls '"error_code": "cancelled"' -- */result.json)
  file::attempt remove "${SL_RLMS_LATEST_DIR}" rm -rf -- "${SL_RLMS_LATEST_DIR}" ${finished[@]+"${finished[@]}"} \
    "${SL_RLMS_ITERATION_DIR}"/*/{result.json,summary.md,status.json}
}

# Sets RLMS_RESULT_FILE, RLMS_SUMMARY_FILE and RLMS_STATUS_FILE, empty where this iteration made none. Ends the run when
# the analysis failed and rlms.policy.fail_mode is fail_role.
# rlms::attach::to_role ROLE
rlms::attach::to_role() {
  local role=$1 directory=${SL_RLMS_ITERATION_DIR}/$1 role_enabled threshold=false run reason where=""
  local list=${directory}/context-files.txt
  RLMS_RESULT_FILE="" RLMS_SUMMARY_FILE="" RLMS_STATUS_FILE="" RLMS_ERROR="" RLMS_ERROR_HINT="" RLMS_STATUS=skipped
  RLMS_REQUESTED=false RLMS_REQUESTED_IN="" RLMS_TASK="" RLMS_METRICS=null
  file::make_folders "${directory}" "${SL_RLMS_LATEST_DIR}"
  if [[ ${SL_ITERATION} == "${RESUME_ITERATION-}" ]] && _rlms_attach_take_up "${role}" "${directory}"; then return; fi
  rlms::policy::role_enabled_into role_enabled "${role}"
  if [[ ${role_enabled} == true && ${SL_RLMS_POLICY_FORCE_OFF} != true ]]; then
    rlms::context::collect "${list}"
    rlms::context::measure "${list}"
    rlms::policy::read_request "${role}" "${list}"
    _rlms_attach_metrics
    if ((RLMS_LINES >= SL_RLMS_AUTO_MAX_LINES || RLMS_TOKENS >= SL_RLMS_AUTO_MAX_ESTIMATED_TOKENS || RLMS_FILES >= SL_RLMS_AUTO_MAX_FILES)); then
      threshold=true
    fi
  fi
  rlms::trigger::decide_into run reason "${SL_RLMS_ENABLED}" "${role_enabled}" "${SL_RLMS_MODE}" \
    "${SL_RLMS_POLICY_FORCE_ON}" "${SL_RLMS_POLICY_FORCE_OFF}" "${threshold}" "${RLMS_REQUESTED}"
  _rlms_attach_record_decision "${role}" "${run}" "${reason}" "${directory}"
  if [[ ${run} == true ]]; then
    if [[ ${reason} == *requested* ]]; then where=" in ${RLMS_REQUESTED_IN}"; fi
    progress::begin "${role}: analysis (${reason}${where})"
    _rlms_attach_run "${role}" "${list}" "${directory}"
  fi
  _rlms_attach_record_status "${role}" "${run}" "${reason}" "${directory}"
  _rlms_attach_judge "${role}"
  rlms::policy::use_up_request "${role}" "${directory}"
}

# Of an iteration that goes on: an analysis that has ended is this role's already. One that was cancelled, or that the run
# ended for, goes on from its journal, as if it had left no result.
# _rlms_attach_take_up ROLE DIRECTORY
_rlms_attach_take_up() {
  local directory=$2 result=$2/result.json summary=$2/summary.md
  if [[ ! -s ${directory}/status.json ]]; then
    if grep -qs '"error_code": "cancelled"' "${result}"; then file::remove "${result}" "${summary}"; fi
    return 1
  fi
  {
    IFS= read -r RLMS_STATUS
    IFS= read -r RLMS_REQUESTED
    IFS= read -r -d '' RLMS_ERROR
  } < <(jq -j '.status, "\n", .metrics.request_detected == true, "\n", .error // ""' "${directory}/status.json") || : # there is no end mark to find
  if [[ ${RLMS_STATUS} == failed && ${SL_RLMS_POLICY_FAIL_MODE} == fail_role ]]; then
    _rlms_attach_try_again "${directory}"
    return 1
  fi
  RLMS_STATUS_FILE=${directory}/status.json
  if [[ ${RLMS_STATUS} == ok ]]; then
    RLMS_RESULT_FILE=${result}
    if [[ -s ${summary} ]]; then RLMS_SUMMARY_FILE=${summary}; fi
  fi
  _rlms_attach_judge "$1"
  rlms::policy::use_up_request "$1" "${directory}"
}

# The same code would fail again for what it is: that takes a new attempt.
_rlms_attach_try_again() {
  if grep -qsE '"error_code": "(code_error|sandbox_violation)"' "$1/result.json"; then file::remove "$1/journal.jsonl"; fi
  file::remove "$1"/{result.json,summary.md,status.json}
  RLMS_STATUS=skipped RLMS_REQUESTED=false RLMS_ERROR=""
}

_rlms_attach_metrics() {
  json::object_into RLMS_METRICS file_count: "${RLMS_FILES}" line_count: "${RLMS_LINES}" char_count: "${RLMS_CHARS}" \
    estimated_tokens: "${RLMS_TOKENS}" request_detected: "${RLMS_REQUESTED}"
}

_rlms_attach_record_decision() {
  local role=$1 run=$2 reason=$3 directory=$4 data limits metadata now
  json::object_into data role= "${role}" mode= "${SL_RLMS_MODE}" reason= "${reason}" should_run: "${run}" requested_in? "${RLMS_REQUESTED_IN}" \
    metrics: "${RLMS_METRICS}"
  events::log rlms_decision "${role}" "" "" "${data}"
  clock::now_into now
  json::object_into limits max_steps: "${SL_RLMS_LIMITS_MAX_STEPS}" max_depth: "${SL_RLMS_LIMITS_MAX_DEPTH}" \
    timeout_seconds: "${SL_RLMS_LIMITS_TIMEOUT_SECONDS}" max_subcalls: "${SL_RLMS_LIMITS_MAX_SUBCALLS}"
  json::object_into metadata generated_at= "${now}" loop_id= "${SL_ID}" run_id= "${SL_RUN_ID}" role= "${role}" \
    mode= "${SL_RLMS_MODE}" trigger_reason= "${reason}" should_run: "${run}" requested_in? "${RLMS_REQUESTED_IN}" \
    metrics: "${RLMS_METRICS}" limits: "${limits}"
  file::write "${directory}/metadata.json" "${metadata}"
}

_rlms_attach_run() {
  local role=$1 list=$2 directory=$3 data started started_second ended status=0 found=false
  local result=${directory}/result.json summary=${directory}/summary.md result_path summary_path output_path
  paths::relative_into output_path "${directory}"
  json::object_into data role= "${role}" output_dir= "${output_path}" metrics: "${RLMS_METRICS}"
  events::log rlms_start "${role}" "" "" "${data}"
  clock::now_into started
  clock::uptime_into started_second
  RLMS_IS_RESUMED=false
  if [[ ${SL_ITERATION} == "${RESUME_ITERATION-}" && -s ${result} ]]; then
    found=true
    runner::read "${role}"
    jq -e '.ok == true' "${result}" >/dev/null 2>&1 || status=$? # it ended before its host did
  else
    rlms::invoke::run "${role}" "${list}" "${directory}" "${RLMS_TASK}" || status=$?
  fi
  clock::now_into ended
  if [[ ${found} == false ]] || ! usage::is_noted "${role}" rlms; then
    usage::note_analysis "${role}" "${result}" "${started_second}" "${RLMS_IS_RESUMED}"
  fi
  if ((status == 0)) && [[ -s ${result} ]]; then
    RLMS_STATUS=ok RLMS_RESULT_FILE=${result}
    if [[ -s ${summary} ]]; then RLMS_SUMMARY_FILE=${summary}; fi
  else
    RLMS_STATUS=failed
    _rlms_attach_read_error "${result}" "${status}"
  fi
  if [[ -f ${result} ]]; then file::copy "${result}" "${SL_RLMS_LATEST_DIR}/${role}.json"; fi
  if [[ -f ${summary} ]]; then file::copy "${summary}" "${SL_RLMS_LATEST_DIR}/${role}.md"; fi
  paths::relative_into result_path "${result}"
  paths::relative_into summary_path "${summary}"
  json::object_into data role= "${role}" status= "${RLMS_STATUS}" error? "${RLMS_ERROR}" result_file= "${result_path}" \
    summary_file= "${summary_path}" started_at= "${started}" ended_at= "${ended}"
  events::log rlms_end "${role}" "${RLMS_STATUS}" "${RLMS_ERROR}" "${data}"
}

_rlms_attach_read_error() {
  local result=$1 status=$2
  if ((status == 0)); then
    RLMS_ERROR="rlms script left no result.json"
  elif [[ ${PROCESS_OVERDUE} == true ]]; then
    RLMS_ERROR="rlms script outlived its limit of ${SL_RLMS_LIMITS_TIMEOUT_SECONDS}s and was ended"
  elif [[ -s ${result} ]]; then
    RLMS_ERROR=$(jq -j '(.error // "" | strings), "\u001e", ({code: .error_code, fix: .error_fix} | to_entries[]
      | select(.value | strings != "") | "\n  \(.key): \(.value | gsub("--(?<flag>(max-[a-z]+|timeout-seconds))"; "rlms.limits.\(.flag | gsub("-"; "_"))"))")' "${result}" 2>/dev/null) || RLMS_ERROR=""
    RLMS_ERROR_HINT=${RLMS_ERROR#*$'\x1e'}
    RLMS_ERROR=${RLMS_ERROR%%$'\x1e'*}
  fi
  RLMS_ERROR=${RLMS_ERROR:-rlms script exited with status ${status}}
}

_rlms_attach_record_status() {
  local role=$1 run=$2 reason=$3 directory=$4 now error=null result summary metadata status entry status_path
  clock::now_into now
  if [[ -n ${RLMS_ERROR} ]]; then json::quote_into error "${RLMS_ERROR}"; fi
  paths::relative_into result "${directory}/result.json"
  paths::relative_into summary "${directory}/summary.md"
  paths::relative_into metadata "${directory}/metadata.json"
  paths::relative_into status_path "${directory}/status.json"
  json::object_into status generated_at= "${now}" status= "${RLMS_STATUS}" reason= "${reason}" mode= "${SL_RLMS_MODE}" \
    should_run: "${run}" error: "${error}" result_file= "${result}" summary_file= "${summary}" metadata_file= "${metadata}" \
    metrics: "${RLMS_METRICS}"
  file::write "${SL_RLMS_LATEST_DIR}/${role}.status.json" "${status}"
  json::object_into entry timestamp= "${now}" role= "${role}" run_id= "${SL_RUN_ID}" iteration: "${SL_ITERATION}" \
    status= "${RLMS_STATUS}" reason= "${reason}" error: "${error}" result_file= "${result}" summary_file= "${summary}" \
    status_file= "${status_path}" metrics: "${RLMS_METRICS}"
  _rlms_attach_index "${now}" "${entry}"
  RLMS_STATUS_FILE=${directory}/status.json # written last: with it the analysis has ended
  file::write "${RLMS_STATUS_FILE}" "${status}"
}

# index.json has one entry a line. A last one of the same turn was written before the host ended.
_rlms_attach_index() {
  local now=$1 entry=$2 entries="" head id same="${2#*,}"
  json::quote_into id "${SL_ID}"
  head='{"version":1,"loop_id":'${id}',"updated_at":"'${now}'","entries":['
  if [[ -s ${SL_RLMS_INDEX_FILE} ]]; then
    file::read_into entries "${SL_RLMS_INDEX_FILE}"
    if [[ ${entries%%$'\n'*} == *'"entries":[' && ${entries} == *$'\n]}' ]]; then
      entries=${entries#*$'\n'}
      entries=${entries%$'\n]}'}
    else
      # another program wrote it
      if ! entries=$(jq -c '.entries[]' "${SL_RLMS_INDEX_FILE}" 2>/dev/null | sed '$!s/$/,/'); then
        json::set_aside "${SL_RLMS_INDEX_FILE}"
        entries=""
      fi
    fi
  fi
  same=${same%%',"status":'*}
  if [[ ${entries##*$'\n'} == *"${same}"* ]]; then
    if [[ ${entries} == *$'\n'* ]]; then entries=${entries%,$'\n'*}; else entries=""; fi
  fi
  [[ -z ${entries} ]] || entries+=$',\n'
  file::write "${SL_RLMS_INDEX_FILE}" "${head}"$'\n'"${entries}${entry}"$'\n]}'
}

_rlms_attach_judge() {
  [[ ${RLMS_STATUS} == failed ]] || return 0
  if [[ ${SL_RLMS_POLICY_FAIL_MODE} == fail_role ]]; then
    ending::stop rlms_failed "$1"
    if [[ -z ${RLMS_ERROR_HINT} ]]; then
      RLMS_ERROR_HINT=$'\n  code: RLMS_FAILED\n  fix: '"Read ${SL_RLMS_ITERATION_DIR}/$1, or set rlms.policy.fail_mode to warn_and_continue."
    fi
    printf "error: RLMS failed for role '%s' and fail_mode is 'fail_role': %s\n" "$1" "${RLMS_ERROR}${RLMS_ERROR_HINT//--resume/superloop.sh run}" >&2
    ending::tell_next
    exit 1
  fi
  # this run goes on without it, and so does any that takes it up
  RLMS_ERROR_HINT=${RLMS_ERROR_HINT//, or continue with --resume/}
  output::warn "RLMS failed for role '$1' (continuing): ${RLMS_ERROR}${RLMS_ERROR_HINT//; --resume continues from the journal/}"
}
