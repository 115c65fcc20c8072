# The approval: a person's word, asked for when every other gate holds. The request is a file; superloop.sh approve answers it.

# Sets GATE_APPROVAL: skipped, or pending once it was asked for.
# gates::approval::judge OTHERS_HOLD
gates::approval::judge() {
  local now promise gates files request data
  GATE_APPROVAL=skipped
  if [[ $1 != true ]] || ! approval::is_required; then return; fi
  GATE_APPROVAL=pending
  clock::now_into now
  json::object_into promise expected= "${SL_COMPLETION_PROMISE}" text= "${GATE_PROMISE_TEXT}" matched: "${GATE_PROMISE}"
  json::object_into gates tests= "${GATE_TESTS}" validation= "${GATE_VALIDATION}" checklist= "${GATE_CHECKLISTS}" \
    prerequisites= "${GATE_PREREQUISITES}" evidence= "${GATE_EVIDENCE}"
  json::object_into files gate_summary= "${SL_GATE_SUMMARY_FILE#"${SL_REPO}/"}" evidence= "${SL_EVIDENCE_FILE#"${SL_REPO}/"}" \
    reviewer_report= "${SL_REVIEW_FILE#"${SL_REPO}/"}" test_report= "${SL_TEST_REPORT_FILE#"${SL_REPO}/"}" \
    plan= "${SL_PLAN_FILE#"${SL_REPO}/"}" iteration_notes= "${SL_NOTES_FILE#"${SL_REPO}/"}"
  json::object_into data promise: "${promise}" gates: "${gates}"
  json::object_into request status= pending loop_id= "${SL_ID}" run_id= "${SL_RUN_ID}" iteration: "${SL_ITERATION}" \
    requested_at= "${now}" candidate: "${data}" files: "${files}"
  file::write "${SL_APPROVAL_FILE}" "${request}"
  events::log approval_requested "" pending "" "${data}"
}
