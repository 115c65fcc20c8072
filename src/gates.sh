# The gates, in their order. Each leaves its verdict in a variable; the loop is complete when all that are required hold.

# Sets GATE_COMPLETE (true or false) and writes gate-summary.txt.
# gates::evaluate MESSAGE_FILE
gates::evaluate() {
  local data
  gates::promise::judge "$1"
  json::object_into data expected= "${SL_COMPLETION_PROMISE}" text= "${GATE_PROMISE_TEXT}" matched: "${GATE_PROMISE}"
  events::log promise_checked "" "" "" "${data}"
  gates::checklists::judge
  events::log tests_start
  gates::tests::judge "${GATE_PROMISE}" "$([[ ${#SL_CHECKLISTS[@]} -gt 0 && ${GATE_CHECKLISTS} == ok ]] && echo true)"
  events::log tests_end "" "${GATE_TESTS}"
  gates::evidence::judge
  GATE_COMPLETE=false
  if [[ ${GATE_PROMISE} == true && ${GATE_TESTS} != failed && ${GATE_CHECKLISTS} == ok ]] && _gates_evidence_holds; then
    GATE_COMPLETE=true
  fi
  printf 'promise=%s tests=%s validation=skipped checklist=%s evidence=%s stuck=n/a approval=skipped\n' \
    "${GATE_PROMISE}" "${GATE_TESTS}" "${GATE_CHECKLISTS}" "${GATE_EVIDENCE}" >"${SL_GATE_SUMMARY_FILE}"
  json::object_into data promise: "${GATE_PROMISE}" tests= "${GATE_TESTS}" validation= skipped \
    checklist= "${GATE_CHECKLISTS}" evidence= "${GATE_EVIDENCE}" approval= skipped stuck= n/a
  events::log gates_evaluated "" "" "" "${data}"
}

_gates_evidence_holds() {
  [[ ${SL_EVIDENCE_REQUIRE_ON_COMPLETION} != true || ${GATE_EVIDENCE} != failed ]]
}
