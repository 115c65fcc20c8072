# reviewer-packet.md: what the reviewer needs to know, in one file.

readonly _PACKET_LINES=200

# Before the reviewer's prompt is built; nothing where the loop does not want it.
packet::write() {
  local packet
  [[ ${SL_REVIEWER_PACKET_ENABLED} == true ]] || return 0
  # silenced in the braces, where Bash would talk about a zero byte
  { packet=$(_packet_text); } 2>/dev/null
  file::write "${SL_PACKET_FILE}" "${packet}"
}

_packet_text() {
  _packet_head
  _packet_section 'Files changed in this run' "${SL_CHANGED_FILE}" head
  _packet_section 'Implementer report' "${SL_IMPLEMENTER_FILE}" head
  _packet_section 'Test report' "${SL_TEST_REPORT_FILE}" head
  _packet_gates
  _packet_section 'Analysis made for you' "${RLMS_SUMMARY_FILE}" head
}

_packet_head() {
  local spec
  paths::spec_into spec
  printf '# Reviewer packet\n\n- Loop: %s, iteration %s, run %s\n- Spec: %s\n- Plan: %s\n' \
    "${SL_ID}" "${SL_ITERATION}" "${SL_RUN_ID}" "${spec}" "${SL_PLAN_FILE}"
}

# Gates are judged behind the reviewer: these verdicts are of the iteration before.
_packet_gates() {
  if ((SL_ITERATION == 1)); then
    printf '\n## Gates\n\nNot judged yet in this run.\n'
    return
  fi
  _packet_section "Gates, as iteration $((SL_ITERATION - 1)) left them" "${SL_GATE_SUMMARY_FILE}" head
  _packet_section 'Test output' "${SL_TEST_OUTPUT_FILE}" tail
  _packet_section 'Open in checklists' "${SL_CHECKLIST_REMAINING_FILE}" head
}

# The first or last lines of a file under a heading, in a fence longer than those that it may hold.
# _packet_section TITLE FILE head|tail
_packet_section() {
  printf '\n## %s\n\n' "$1"
  if [[ ! -s $2 ]]; then
    printf 'None.\n'
    return
  fi
  printf '%s lines at most; all of it: %s\n\n~~~~~~\n' "${_PACKET_LINES}" "$2"
  "$3" -n "${_PACKET_LINES}" -- "$2"
  printf '\n~~~~~~\n'
}
