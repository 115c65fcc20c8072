# One iteration: every role in its order, then the gates, then the record.

# iteration::run NUMBER: sets GATE_COMPLETE. One that was begun goes on where it stood; it has ended when its last event says so.
iteration::run() {
  local role started="" data message ended
  SL_ITERATION=$1
  paths::of_iteration "$1"
  file::make_folders "${SL_LOG_DIR}"
  if [[ ${SL_ITERATION} == "${RESUME_ITERATION}" ]]; then
    started=${RESUME_STARTED}
  else
    rlms::attach::forget_earlier
    _iteration_forget_statuses
    clock::now_into started
    json::object_into data started_at= "${started}"
    events::log iteration_start "" "" "" "${data}"
  fi
  git::changes::begin
  for role in "${SL_ROLES[@]}"; do
    if ! resume::has_passed "${role}"; then role::run "${role}"; fi
    message=${SL_MESSAGES_DIR}/${role}.txt
  done
  git::commit::prepare
  gates::evaluate "${message}"
  records::refuse_loss
  git::commit::iteration
  clock::now_into ended
  timeline::add_iteration "${ended}"
  usage::record
  _iteration_write_notes "${ended}"
  summary::add_iteration "${started}" "${ended}"
  json::object_into data started_at= "${started}" ended_at= "${ended}" completion: "${GATE_COMPLETE}" \
    promise: "${GATE_PROMISE}" tests= "${GATE_TESTS}" validation= "${GATE_VALIDATION}" checklist= "${GATE_CHECKLISTS}" \
    prerequisites= "${GATE_PREREQUISITES}" evidence= "${GATE_EVIDENCE}" approval= "${GATE_APPROVAL}" changed_files: "${GIT_CHANGED}"
  events::log iteration_end "" "" "" "${data}"
  git::commit::end
  hooks::run on_iteration_end iteration_end "${SL_RUN_ID}" "${data}"
  records::refuse_loss
}

# What programs of an earlier run have left tells nothing of this one's.
_iteration_forget_statuses() {
  local role
  local -a left=()
  for role in planner implementer tester reviewer; do
    if [[ -e ${SL_LOG_DIR}/${role}.exit ]]; then left+=("${SL_LOG_DIR}/${role}.exit"); fi
  done
  if ((${#left[@]} > 0)); then file::remove ${left[@]+"${left[@]}"}; fi
}

_iteration_write_notes() {
  local notes why=""
  if ((${#GATE_REASONS[@]} > 0)); then printf -v why '%s\n' "What does not hold:" "${GATE_REASONS[@]/#/- }" ""; fi
  printf -v notes '%s\n' "Iteration: ${SL_ITERATION}" "Loop: ${SL_ID}" "Promise matched: ${GATE_PROMISE}" \
    "Tests: ${GATE_TESTS} (mode: ${SL_TESTS_MODE})" "Validation: ${GATE_VALIDATION}" "Checklist: ${GATE_CHECKLISTS}" \
    "Prerequisites: ${GATE_PREREQUISITES}" "Evidence: ${GATE_EVIDENCE}" "Approval: ${GATE_APPROVAL}" "Stuck: ${GATE_STUCK}" \
    "Generated at: $1" "" "${why}Next steps:" "- Read the test output and the remaining checklist items."
  file::write "${SL_NOTES_FILE}" "${notes}- Change the plan or the code where they fail."
}
