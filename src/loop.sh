# One loop: iterations until the gates hold or a limit is reached.

# loop::run: status 0 when complete, 1 when stopped before.
loop::run() {
  local next
  paths::of_loop "${SL_ID}"
  records::require_files
  runner::require_programs
  git::ignore_records
  file::make_folders "${SL_LOOP_DIR}" "${SL_PROMPTS_DIR}" "${SL_MESSAGES_DIR}" "${SL_TASKS_DIR}" "${SL_LOOP_DIR}/rlms/requests"
  if ! lock::take "${SL_LOCK_FILE}"; then
    failure::raise LOOP_RUNNING "loop '${SL_ID}' is running already (pid ${LOCK_HOLDER})" "Wait for it, or end it with superloop.sh cancel."
  fi
  PROCESS_OWNER=${SL_LOCK_FILE} PROCESS_AFTERWARDS=records::set_aside STRAYS_FOUND=false LOOP_END="" next=1
  RECORDS_LOST="" USAGE_UNCOUNTED="" # of the loop before
  if [[ ${LOCK_WAS_LEFT} == true ]]; then _loop_clear_away; fi
  work_tree::claim
  resume::find
  git::absence::settle
  file::heal_lines "${SL_EVENTS_FILE}" "${SL_USAGE_NOTES_FILE}" "${SL_DECISIONS_FILE}"
  resume::choice::make
  if [[ -n ${RESUME_RUN} ]]; then _loop_take_up; else _loop_begin; fi
  git::absence::tell
  while [[ -z ${LOOP_END} ]]; do
    _loop_iterate "${next}"
    next=$((next + 1))
  done
  if [[ ${LOOP_END} == complete ]]; then
    ending::complete
  else
    ending::stop "${LOOP_END}"
    return 1
  fi
}

# loop::preview: says which run would be taken up.
loop::preview() {
  paths::of_loop "${SL_ID}"
  records::require_files
  if lock::is_held "${SL_LOCK_FILE}"; then return 0; fi # it has not ended
  resume::find
  resume::choice::make
  if [[ -n ${RESUME_RUN} ]]; then resume::account::show; fi
}

# What a host that was killed has left: processes, and files that were to replace others.
_loop_clear_away() {
  strays::end_orphans "${SL_LOCK_FILE}" "${SL_LOOP_DIR}/logs"
  find "${SL_LOOP_DIR}" "${SL_STATE_FILE}".*.tmp -type f \( -name '*.[0-9]*.tmp' -o -name '*.timed-out' \) -exec rm -f {} + 2>/dev/null || : # there is no such state
}

_loop_begin() {
  local now
  LOOP_COUNT=$((${LOOP_COUNT:-0} + 1))
  clock::now_into now
  SL_RUN_ID=${now}-$$.${LOOP_COUNT} SL_ITERATION=1
  _loop_touch "${SL_CHANGED_FILE}"
  if [[ ${RESUME_IS_REFUSED} == true ]]; then file::remove "${SL_APPROVAL_FILE}"; fi
  _loop_log_start false
  _loop_settle_approval pending
  if [[ -z ${LOOP_END} ]]; then stuck::start; fi
}

# Goes on where the run stood. Sets next, of its caller.
_loop_take_up() {
  SL_RUN_ID=${RESUME_RUN} SL_ITERATION=${RESUME_ITERATION} next=${RESUME_ITERATION}
  if ((RESUME_ITERATION == 0)); then SL_ITERATION=1 next=1; fi
  _loop_touch
  resume::account::show
  _loop_log_start true
  timeline::add_resume
  state::write true
  stuck::start
  if [[ ${RESUME_IS_COMPLETE} == true ]]; then
    LOOP_END=complete
  elif [[ ${RESUME_IS_OVER} == true ]]; then
    next=$((RESUME_ITERATION + 1))
    if [[ ${RESUME_COMMIT} != auto_commit_failed ]]; then git::changes::forget; fi
    _loop_settle_approval pending
    if [[ -z ${LOOP_END} ]] && stuck::is_triggered; then _loop_tell_stuck; fi
  elif ((RESUME_ITERATION == 0)); then
    _loop_settle_approval pending
  fi
}

# _loop_log_start IS_TAKEN_UP
_loop_log_start() {
  local data
  file::write "${SL_SETTINGS_FILE}" "${SL_SETTINGS}"
  json::object_into data spec_file= "${SL_SPEC_FILE}" max_iterations: "${SL_MAX_ITERATIONS}" tests_mode= "${SL_TESTS_MODE}" \
    rlms_enabled: "${SL_RLMS_ENABLED}" rlms_mode= "${SL_RLMS_MODE}" resumed: "$1"
  events::log loop_start "" "" "" "${data}"
}

# Sets LOOP_END when the iteration was the last one, or would have been one too many: complete, or why the loop stops.
_loop_iterate() {
  if ((SL_MAX_ITERATIONS > 0 && $1 > SL_MAX_ITERATIONS)); then
    output::info "Max iterations reached for loop '${SL_ID}' (${SL_MAX_ITERATIONS}). Stopping."
    _loop_tell_limit
    LOOP_END=max_iterations
    return
  fi
  output::info "Loop '${SL_ID}': iteration $1"
  iteration::run "$1"
  if [[ ${GATE_COMPLETE} == true ]]; then
    LOOP_END=complete
    return
  fi
  gates::show
  if [[ ${GATE_APPROVAL} == pending ]]; then _loop_settle_approval required; fi
  if stuck::is_triggered; then _loop_tell_stuck; fi
}

_loop_tell_limit() {
  local command
  ending::command_into command
  output::info "What does not hold yet: ${SL_NOTES_FILE}"
  output::info "For more iterations, in a new run: ${command}"
}

_loop_tell_stuck() {
  local command streak
  if [[ ${SL_STUCK_ACTION} == report_and_stop ]]; then
    output::info "Stuck detection triggered for loop '${SL_ID}'. Stopping."
    ending::command_into command
    output::info "Read ${SL_STUCK_REPORT_FILE}"
    output::info "To try again, in a new run: ${command}"
    LOOP_END=stuck
  else
    output::count_into streak "${STUCK_STREAK}" iteration
    output::warn "loop '${SL_ID}' has changed nothing in ${streak}: ${SL_STUCK_REPORT_FILE}"
  fi
}

# Sets LOOP_END: complete when it was approved, approval_pending when nobody has answered, empty when there is work to do.
# _loop_settle_approval WORD
_loop_settle_approval() {
  approval::settle "$1"
  case ${APPROVAL_STATUS} in
    approved) LOOP_END=complete ;;
    pending) LOOP_END=approval_pending ;;
    *) LOOP_END="" ;; # nothing was asked, or it was rejected
  esac
}

# Roles are told of these files; they are there from the start. Verdicts of gates that are no more go.
# _loop_touch [FILE_THAT_GOES…]
_loop_touch() {
  local file
  local -a gone=("${SL_CANCEL_FILE}" "$@")
  for file in "${SL_PLAN_FILE}" "${SL_NOTES_FILE}" "${SL_IMPLEMENTER_FILE}" "${SL_REVIEW_FILE}" "${SL_TEST_REPORT_FILE}"; do
    [[ -e ${file} ]] || file::empty "${file}"
  done
  if [[ ${SL_VALIDATION_ENABLED} != true ]]; then
    gone+=("${SL_VALIDATION_STATUS_FILE}" "${SL_VALIDATION_RESULTS_FILE}" "${SL_VALIDATION_OUTPUT_FILE}")
  fi
  if [[ ${SL_PREREQUISITES_ENABLED} != true ]]; then gone+=("${SL_PREREQUISITES_STATUS_FILE}"); fi
  file::remove ${gone[@]+"${gone[@]}"}
}
