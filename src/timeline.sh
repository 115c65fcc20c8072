# timeline.md: a line for each iteration of every run, and one where a run stopped. Only ever appended.

# After the gates were judged.
# timeline::add_iteration ENDED_AT
timeline::add_iteration() {
  local gates
  file::read_into gates "${SL_GATE_SUMMARY_FILE}"
  _timeline_append "$1" "${gates} completion=${GATE_COMPLETE}"
}

# timeline::add_stop REASON
timeline::add_stop() {
  local now
  clock::now_into now
  _timeline_append "${now}" "stopped: $1"
}

_timeline_append() {
  if [[ ! -s ${SL_TIMELINE_FILE} ]]; then printf '# Timeline\n\nLoop: %s\n\n' "${SL_ID}" >"${SL_TIMELINE_FILE}"; fi
  printf -- '- %s run=%s iter=%s %s\n' "$1" "${SL_RUN_ID}" "${SL_ITERATION}" "$2" >>"${SL_TIMELINE_FILE}"
}
