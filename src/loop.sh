# One loop: iterations until the gates hold or a limit is reached.

# loop::run: status 0 when complete, 1 when stopped before.
loop::run() {
  local data iteration=0
  paths::of_loop "${SL_ID}"
  runner::require_programs
  mkdir -p "${SL_LOOP_DIR}" "${SL_PROMPTS_DIR}" "${SL_MESSAGES_DIR}" "${SL_TASKS_DIR}" "${SL_LOOP_DIR}/rlms/requests"
  if ! lock::take "${SL_LOCK_FILE}"; then
    failure::raise LOOP_RUNNING "loop '${SL_ID}' is running already (pid ${LOCK_HOLDER})" "Wait for it, or end it with superloop.sh cancel."
  fi
  clock::now_into SL_RUN_ID
  SL_ITERATION=1
  _loop_touch
  json::object_into data spec_file= "${SL_SPEC_FILE}" max_iterations: "${SL_MAX_ITERATIONS}" tests_mode= "${SL_TESTS_MODE}" \
    rlms_enabled: "${SL_RLMS_ENABLED}" rlms_mode= "${SL_RLMS_MODE}"
  events::log loop_start "" "" "" "${data}"
  _loop_settle_approval pending
  if [[ -z ${LOOP_END} ]]; then stuck::start; fi
  while [[ -z ${LOOP_END} ]]; do
    iteration=$((iteration + 1))
    _loop_iterate "${iteration}"
  done
  if [[ ${LOOP_END} == complete ]]; then
    _loop_complete
  else
    loop::stop "${LOOP_END}"
    return 1
  fi
}

# loop::stop REASON [ROLE]: writes down that the loop ended before it was complete. A person who interrupts or has to
# approve knows; of anything else the operator is told.
loop::stop() {
  local data run_id=${SL_RUN_ID}
  mkdir -p "${SL_LOOP_DIR}" 2>/dev/null || : # a role may have removed it; what cannot be written is told below
  json::object_into data reason= "$1"
  events::log loop_stopped "${2-}" stopped "" "${data}"
  timeline::add_stop "$1"
  usage::record
  _loop_end "${2-}"
  case $1 in
    interrupted* | cancelled | approval_pending) ;;
    *) hooks::run on_failure loop_stopped "${run_id}" "${data}" ;;
  esac
}

# loop::interrupt SIGNAL STATUS: ends what is running, writes it down, ends.
loop::interrupt() {
  local why="interrupted by SIG$1"
  trap '' INT TERM HUP
  process::end_current
  if [[ -e ${SL_CANCEL_FILE-} ]]; then why=cancelled; fi
  if [[ -n ${SL_RUN_ID-} ]]; then loop::stop "${why}" "${SL_ROLE-}"; fi
  printf 'error: %s\n' "${why}" >&2
  exit "$2"
}

# loop::abandon STATUS: the program ends although a loop is running; that is written down, and said if nobody has.
loop::abandon() {
  [[ -n ${SL_RUN_ID-} ]] || return 0
  process::end_current
  loop::stop "failed with status $1" "${SL_ROLE-}"
  [[ ${FAILURE_TOLD-} == true ]] \
    || failure::raise RUN_FAILED "the run ended unexpectedly (status $1)" "Read what stands above, then run again." "$1"
}

# Sets LOOP_END when the iteration was the last one, or would have been one too many: complete, or why the loop stops.
_loop_iterate() {
  if ((SL_MAX_ITERATIONS > 0 && $1 > SL_MAX_ITERATIONS)); then
    output::info "Max iterations reached for loop '${SL_ID}' (${SL_MAX_ITERATIONS}). Stopping."
    _loop_tell_how_to_go_on
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

_loop_tell_how_to_go_on() {
  local repo
  printf -v repo '%q' "${SL_REPO}"
  output::info "What does not hold yet: ${SL_NOTES_FILE}"
  output::info "For more iterations: superloop.sh run --repo ${repo} --loop ${SL_ID}, or a higher max_iterations."
}

_loop_tell_stuck() {
  if [[ ${SL_STUCK_ACTION} == report_and_stop ]]; then
    output::info "Stuck detection triggered for loop '${SL_ID}'. Stopping."
    output::info "Read ${SL_STUCK_REPORT_FILE}"
    LOOP_END=stuck
  else
    output::warn "loop '${SL_ID}' has changed nothing in ${STUCK_STREAK} iterations: ${SL_STUCK_REPORT_FILE}"
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

_loop_complete() {
  local data run_id=${SL_RUN_ID}
  json::object_into data iteration: "${SL_ITERATION}" run_id= "${SL_RUN_ID}"
  events::log loop_complete "" ok "" "${data}"
  _loop_end ""
  output::info "Loop '${SL_ID}' complete at iteration ${SL_ITERATION}."
  hooks::run on_complete loop_complete "${run_id}" "${data}"
}

# No loop is running from here on.
_loop_end() {
  progress::finish
  state::write false "$1"
  stuck::finish
  lock::release "${SL_LOCK_FILE}"
  SL_RUN_ID=""
}

# Roles are told of these files; they are there from the start. Verdicts of gates that are no more go.
_loop_touch() {
  local file
  local -a gone=("${SL_CANCEL_FILE}" "${SL_CHANGED_FILE}")
  for file in "${SL_PLAN_FILE}" "${SL_NOTES_FILE}" "${SL_IMPLEMENTER_FILE}" "${SL_REVIEW_FILE}" "${SL_TEST_REPORT_FILE}"; do
    [[ -e ${file} ]] || : >"${file}"
  done
  if [[ ${SL_VALIDATION_ENABLED} != true ]]; then
    gone+=("${SL_VALIDATION_STATUS_FILE}" "${SL_VALIDATION_RESULTS_FILE}" "${SL_VALIDATION_OUTPUT_FILE}")
  fi
  if [[ ${SL_PREREQUISITES_ENABLED} != true ]]; then gone+=("${SL_PREREQUISITES_STATUS_FILE}"); fi
  rm -f ${gone[@]+"${gone[@]}"}
}
