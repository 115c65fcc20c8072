# run-summary.json: one entry for each iteration, with the hashes of its files.

# An iteration that is recorded again replaces what was recorded of it.
# summary::add_iteration STARTED_AT ENDED_AT
summary::add_iteration() {
  local entry promise gates artifacts hashes rlms
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
  _summary_change "${entry}" "${artifacts}" "${hashes}" "$2"
}

# Of files that grew behind the last iteration its entry has the hashes that they end with.
summary::seal() {
  local hashes artifacts now
  [[ -s ${SL_SUMMARY_FILE} ]] || return 0
  clock::now_into now
  hashes=$(paths::hash_list "${SL_EVENTS_FILE}" "${SL_GATE_SUMMARY_FILE}" "${SL_NOTES_FILE}")
  json::object_into artifacts gate_summary= "${SL_GATE_SUMMARY_FILE}" iteration_notes= "${SL_NOTES_FILE}" events= "${SL_EVENTS_FILE}"
  _summary_change null "${artifacts}" "${hashes}" "${now}"
}

# _summary_change ENTRY ARTIFACTS HASHES NOW
_summary_change() {
  local summary
  local -a arguments=(--argjson artifacts "$2" --arg hashes "$3" --arg now "$4" --arg loop_id "${SL_ID}"
    --arg repo "${SL_REPO}/" -f "${SUPERLOOP_ROOT}/src/run-summary.jq")
  if [[ ! -s ${SL_SUMMARY_FILE} ]] || ! summary=$(jq -s "${arguments[@]}" "${SL_SUMMARY_FILE}" - 2>/dev/null <<<"$1"); then
    if [[ -s ${SL_SUMMARY_FILE} ]]; then json::set_aside "${SL_SUMMARY_FILE}"; fi
    summary=$(jq -s "${arguments[@]}" <<<"{} $1")
  fi
  file::write "${SL_SUMMARY_FILE}" "${summary}"
}
