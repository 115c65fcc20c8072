# One loop: iterations until the gates hold or a limit is reached.

# loop::run: status 0 when complete, 1 when stopped before.
loop::run() {
  local iteration data
  paths::of_loop "${SL_ID}"
  mkdir -p "${SL_LOOP_DIR}" "${SL_PROMPTS_DIR}" "${SL_MESSAGES_DIR}" "${SL_TASKS_DIR}" "${SL_LOOP_DIR}/rlms/requests"
  if ! lock::take "${SL_LOCK_FILE}"; then
    failure::raise LOOP_RUNNING "loop '${SL_ID}' is running already (pid ${LOCK_HOLDER})" "Wait for it, or end that process."
  fi
  clock::now_into SL_RUN_ID
  SL_ITERATION=1
  _loop_touch
  json::object_into data spec_file= "${SL_SPEC_FILE}" max_iterations: "${SL_MAX_ITERATIONS}" tests_mode= "${SL_TESTS_MODE}" \
    rlms_enabled: "${SL_RLMS_ENABLED}" rlms_mode= "${SL_RLMS_MODE}"
  events::log loop_start "" "" "" "${data}"
  if _loop_approval pending; then return "${LOOP_STATUS}"; fi
  for ((iteration = 1; SL_MAX_ITERATIONS == 0 || iteration <= SL_MAX_ITERATIONS; iteration++)); do
    output::info "Loop '${SL_ID}': iteration ${iteration}"
    iteration::run "${iteration}"
    if [[ ${GATE_COMPLETE} == true ]]; then
      _loop_complete
      return 0
    fi
    gates::show
    if [[ ${GATE_APPROVAL} == pending ]] && _loop_approval required; then return "${LOOP_STATUS}"; fi
  done
  output::info "Max iterations reached for loop '${SL_ID}' (${SL_MAX_ITERATIONS}). Stopping."
  loop::stop max_iterations
  return 1
}

# Says what loop::run would do, and does nothing.
loop::describe() {
  local role words limit="${SL_MAX_ITERATIONS} iterations at most"
  if ((SL_MAX_ITERATIONS == 0)); then limit="iterations without a limit"; fi
  paths::of_loop "${SL_ID}"
  output::info "Loop '${SL_ID}' would run ${limit} of ${SL_SPEC_FILE}, until <promise>${SL_COMPLETION_PROMISE}</promise>:"
  for role in "${SL_ROLES[@]}"; do
    runner::fill_in "${role}" "${SL_PROMPTS_DIR}/${role}.md" "${SL_MESSAGES_DIR}/${role}.txt"
    printf -v words ' %q' "${RUNNER_ARGV[@]}"
    output::info "  ${role}:${words}"
  done
  _loop_describe_list checklists ${SL_CHECKLISTS[@]+"${SL_CHECKLISTS[@]}"}
  if [[ ${SL_TESTS_MODE} != disabled ]]; then _loop_describe_list "tests, ${SL_TESTS_MODE}" ${SL_TESTS_COMMANDS[@]+"${SL_TESTS_COMMANDS[@]}"}; fi
  if [[ ${SL_EVIDENCE_ENABLED} == true ]]; then _loop_describe_list evidence ${SL_EVIDENCE_ARTIFACTS[@]+"${SL_EVIDENCE_ARTIFACTS[@]}"}; fi
  if [[ ${SL_RLMS_ENABLED} == true ]]; then output::info "  rlms: ${SL_RLMS_MODE}"; fi
}

# loop::stop REASON [ROLE]: writes down that the loop ended before it was complete.
loop::stop() {
  local data
  json::object_into data reason= "$1"
  events::log loop_stopped "${2-}" stopped "" "${data}"
  _loop_end "${2-}"
}

# loop::interrupt SIGNAL STATUS: ends what is running, writes it down, ends.
loop::interrupt() {
  trap '' INT TERM HUP
  process::end_current
  if [[ -n ${SL_RUN_ID-} ]]; then loop::stop "interrupted by SIG$1" "${SL_ROLE-}"; fi
  printf 'error: interrupted by SIG%s\n' "$1" >&2
  exit "$2"
}

# _loop_describe_list TITLE [WORD…]
_loop_describe_list() {
  local words=""
  (($# == 1)) || printf -v words '; %s' "${@:2}"
  output::info "  $1:${words#;}"
}

# loop::abandon STATUS: the program ends although a loop is running; that is written down, and said if nobody has.
loop::abandon() {
  [[ -n ${SL_RUN_ID-} ]] || return 0
  process::end_current
  loop::stop "failed with status $1" "${SL_ROLE-}"
  [[ ${FAILURE_TOLD-} == true ]] \
    || failure::raise RUN_FAILED "the run ended unexpectedly (status $1)" "Read what stands above; run again to go on." "$1"
}

# Settles a request for approval. Status 0 when it ends the run, LOOP_STATUS is then its status.
# _loop_approval WORD
_loop_approval() {
  approval::settle "$1"
  case ${APPROVAL_STATUS} in
    approved)
      _loop_complete
      LOOP_STATUS=0
      ;;
    pending)
      loop::stop approval_pending
      LOOP_STATUS=1
      ;;
    *) return 1 ;; # nothing was asked, or it was rejected: the work goes on
  esac
}

_loop_complete() {
  local data
  json::object_into data iteration: "${SL_ITERATION}" run_id= "${SL_RUN_ID}"
  events::log loop_complete "" ok "" "${data}"
  _loop_end ""
  output::info "Loop '${SL_ID}' complete at iteration ${SL_ITERATION}."
}

# No loop is running from here on.
_loop_end() {
  state::write false "$1"
  lock::release "${SL_LOCK_FILE}"
  SL_RUN_ID=""
}

# Roles are told of these files; they are there from the start.
_loop_touch() {
  local file
  for file in "${SL_PLAN_FILE}" "${SL_NOTES_FILE}" "${SL_IMPLEMENTER_FILE}" "${SL_REVIEW_FILE}" "${SL_TEST_REPORT_FILE}"; do
    [[ -e ${file} ]] || : >"${file}"
  done
  rm -f "${SL_CHANGED_FILE}"
}
