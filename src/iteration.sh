# One iteration: every role in its order, then the gates, then the record.

# iteration::run NUMBER: sets GATE_COMPLETE.
iteration::run() {
  local role started data message ended
  SL_ITERATION=$1
  paths::of_iteration "$1"
  mkdir -p "${SL_LOG_DIR}"
  rlms::attach::forget_earlier
  clock::now_into started
  json::object_into data started_at= "${started}"
  events::log iteration_start "" "" "" "${data}"
  git::changes::begin
  for role in "${SL_ROLES[@]}"; do
    role::run "${role}"
    message=${SL_MESSAGES_DIR}/${role}.txt
  done
  git::commit::prepare
  gates::evaluate "${message}"
  git::commit::iteration
  clock::now_into ended
  json::object_into data started_at= "${started}" ended_at= "${ended}" completion: "${GATE_COMPLETE}" \
    promise: "${GATE_PROMISE}" tests= "${GATE_TESTS}" validation= "${GATE_VALIDATION}" checklist= "${GATE_CHECKLISTS}" \
    prerequisites= "${GATE_PREREQUISITES}" evidence= "${GATE_EVIDENCE}" approval= "${GATE_APPROVAL}" changed_files: "${GIT_CHANGED}"
  events::log iteration_end "" "" "" "${data}"
  timeline::add_iteration "${ended}"
  usage::record
  _iteration_write_notes "${ended}"
  _iteration_append_summary "${started}" "${ended}"
  hooks::run on_iteration_end iteration_end "${SL_RUN_ID}" "${data}"
}

_iteration_write_notes() {
  {
    cat <<EOF
Iteration: ${SL_ITERATION}
Loop: ${SL_ID}
Promise matched: ${GATE_PROMISE}
Tests: ${GATE_TESTS} (mode: ${SL_TESTS_MODE})
Validation: ${GATE_VALIDATION}
Checklist: ${GATE_CHECKLISTS}
Prerequisites: ${GATE_PREREQUISITES}
Evidence: ${GATE_EVIDENCE}
Approval: ${GATE_APPROVAL}
Stuck: ${GATE_STUCK}
Generated at: $1
EOF
    if ((${#GATE_REASONS[@]} > 0)); then printf '\nWhat does not hold:\n'; fi
    gates::list_reasons
    cat <<'EOF'

Next steps:
- Read the test output and the remaining checklist items.
- Change the plan or the code where they fail.
EOF
  } >"${SL_NOTES_FILE}"
}

# run-summary.json: one entry for each iteration.
_iteration_append_summary() {
  local entry promise gates artifacts hashes rlms summary
  json::object_into promise expected= "${SL_COMPLETION_PROMISE}" text? "${GATE_PROMISE_TEXT}" matched: "${GATE_PROMISE}"
  json::object_into gates tests= "${GATE_TESTS}" validation= "${GATE_VALIDATION}" checklist= "${GATE_CHECKLISTS}" \
    prerequisites= "${GATE_PREREQUISITES}" evidence= "${GATE_EVIDENCE}" stuck= "${GATE_STUCK}" approval= "${GATE_APPROVAL}"
  json::object_into rlms index_file= "${SL_RLMS_INDEX_FILE#"${SL_REPO}/"}" enabled: "${SL_RLMS_ENABLED}"
  json::object_into entry run_id= "${SL_RUN_ID}" iteration: "${SL_ITERATION}" started_at= "$1" ended_at= "$2" \
    promise: "${promise}" gates: "${gates}" tests_mode= "${SL_TESTS_MODE}" completion_ok: "${GATE_COMPLETE}" rlms: "${rlms}"
  json::object_into artifacts plan= "${SL_PLAN_FILE}" implementer= "${SL_IMPLEMENTER_FILE}" test_report= "${SL_TEST_REPORT_FILE}" \
    reviewer= "${SL_REVIEW_FILE}" test_output= "${SL_TEST_OUTPUT_FILE}" test_status= "${SL_TEST_STATUS_FILE}" \
    checklist_status= "${SL_CHECKLIST_STATUS_FILE}" checklist_remaining= "${SL_CHECKLIST_REMAINING_FILE}" \
    evidence= "${SL_EVIDENCE_FILE}" gate_summary= "${SL_GATE_SUMMARY_FILE}" iteration_notes= "${SL_NOTES_FILE}" \
    events= "${SL_EVENTS_FILE}"
  hashes=$(paths::hash_list "${SL_LOOP_DIR}"/*.md "${SL_LOOP_DIR}"/*.json "${SL_LOOP_DIR}"/*.txt "${SL_EVENTS_FILE}")
  local -a arguments=(--argjson artifacts "${artifacts}" --arg hashes "${hashes}" --arg now "$2" --arg loop_id "${SL_ID}"
    --arg repo "${SL_REPO}/" -f "${SUPERLOOP_ROOT}/src/run-summary.jq")
  if [[ ! -s ${SL_SUMMARY_FILE} ]] || ! summary=$(jq -s "${arguments[@]}" "${SL_SUMMARY_FILE}" - 2>/dev/null <<<"${entry}"); then
    if [[ -s ${SL_SUMMARY_FILE} ]]; then json::set_aside "${SL_SUMMARY_FILE}"; fi
    summary=$(jq -s "${arguments[@]}" <<<"{} ${entry}")
  fi
  file::write "${SL_SUMMARY_FILE}" "${summary}"
}
