# The gates: promise, tests, validation, checklists, prerequisites, evidence, approval. Each leaves its verdict in a
# variable; the loop is complete when all that are required hold.

# Sets GATE_COMPLETE (true or false) and GATE_REASONS, a line for all that keeps a gate from holding. Writes gate-summary.txt.
# gates::evaluate MESSAGE_FILE
gates::evaluate() {
  local checked=false claimed
  GATE_REASONS=()
  progress::show gates
  _gates_judge_promise "$1"
  # Before the tests and the validation: with on_promise they are due when the last box is checked, too.
  gates::checklists::judge
  if [[ ${GATE_CHECKLISTS} == ok && ${#SL_CHECKLISTS[@]} -gt 0 ]]; then checked=true; fi
  if [[ ${GATE_PROMISE} == true || ${checked} == true ]]; then claimed=true; else claimed=false; fi
  events::log tests_start
  gates::tests::judge "${GATE_PROMISE}" "${checked}"
  events::log tests_end "" "${GATE_TESTS}"
  gates::validation::judge "${claimed}"
  if [[ ${GATE_CHECKLISTS} != ok ]]; then gates::note_lines checklists "${GATE_CHECKLISTS_REMAINING}" "${SL_CHECKLIST_REMAINING_FILE}"; fi
  gates::prerequisites::judge
  gates::evidence::judge
  if [[ ${GATE_EVIDENCE} == failed ]]; then
    gates::note_lines evidence "$(jq -r '.artifacts[] | select(.exists | not) | .path + ": missing"' "${SL_EVIDENCE_FILE}")" \
      "${SL_EVIDENCE_FILE}"
  fi
  GATE_COMPLETE=false
  if _gates_hold; then GATE_COMPLETE=true; fi
  gates::approval::judge "${GATE_COMPLETE}"
  if [[ ${GATE_COMPLETE} == false ]]; then stuck::judge true; else stuck::judge false; fi
  if [[ ${GATE_APPROVAL} == pending ]]; then GATE_COMPLETE=false; fi
  _gates_record
}

# Adds to GATE_REASONS.
# gates::note GATE REASON
gates::note() {
  GATE_REASONS+=("$1: $2")
}

# Adds the lines of a text, the first ten and where the others are.
# gates::note_lines GATE TEXT FILE
gates::note_lines() {
  local line count=0
  while IFS= read -r line; do
    count=$((count + 1))
    if ((count <= 10)); then gates::note "$1" "${line}"; fi
  done <<<"$2"
  if ((count > 10)); then gates::note "$1" "and $((count - 10)) more, see ${3##*/}"; fi
}

# Shows the verdicts: those that every loop has, the others where they are enabled, and what keeps them from holding.
gates::show() {
  local text="promise ${GATE_PROMISE}, tests ${GATE_TESTS}" reason
  if [[ ${SL_VALIDATION_ENABLED} == true ]]; then text+=", validation ${GATE_VALIDATION}"; fi
  text+=", checklists ${GATE_CHECKLISTS}"
  if [[ ${SL_PREREQUISITES_ENABLED} == true ]]; then text+=", prerequisites ${GATE_PREREQUISITES}"; fi
  text+=", evidence ${GATE_EVIDENCE}"
  if approval::is_required; then text+=", approval ${GATE_APPROVAL}"; fi
  if [[ ${GATE_STUCK} != n/a ]]; then text+=", stuck ${GATE_STUCK}"; fi
  output::info "Iteration ${SL_ITERATION}: ${text}"
  for reason in ${GATE_REASONS[@]+"${GATE_REASONS[@]}"}; do output::info "  ${reason}"; done
}

_gates_judge_promise() {
  local data
  gates::promise::judge "$1"
  json::object_into data expected= "${SL_COMPLETION_PROMISE}" text= "${GATE_PROMISE_TEXT}" matched: "${GATE_PROMISE}"
  events::log promise_checked "" "" "" "${data}"
}

_gates_hold() {
  [[ ${GATE_PROMISE} == true && ${GATE_TESTS} != failed && ${GATE_CHECKLISTS} == ok ]] || return 1
  [[ ${GATE_VALIDATION} != failed || ${SL_VALIDATION_REQUIRE_ON_COMPLETION} != true ]] || return 1
  [[ ${GATE_PREREQUISITES} != failed || ${SL_PREREQUISITES_REQUIRE_ON_COMPLETION} != true ]] || return 1
  [[ ${GATE_EVIDENCE} != failed || ${SL_EVIDENCE_REQUIRE_ON_COMPLETION} != true ]]
}

# A loop without prerequisites has the line that it always had.
_gates_record() {
  local prerequisites="" data verdicts
  if [[ ${SL_PREREQUISITES_ENABLED} == true ]]; then prerequisites=" prerequisites=${GATE_PREREQUISITES}"; fi
  printf -v verdicts 'promise=%s tests=%s validation=%s checklist=%s%s evidence=%s stuck=%s approval=%s' "${GATE_PROMISE}" \
    "${GATE_TESTS}" "${GATE_VALIDATION}" "${GATE_CHECKLISTS}" "${prerequisites}" "${GATE_EVIDENCE}" "${GATE_STUCK}" "${GATE_APPROVAL}"
  file::write "${SL_GATE_SUMMARY_FILE}" "${verdicts}"
  json::object_into data promise: "${GATE_PROMISE}" tests= "${GATE_TESTS}" validation= "${GATE_VALIDATION}" \
    checklist= "${GATE_CHECKLISTS}" prerequisites= "${GATE_PREREQUISITES}" evidence= "${GATE_EVIDENCE}" approval= "${GATE_APPROVAL}" stuck= "${GATE_STUCK}"
  events::log gates_evaluated "" "" "" "${data}"
}
