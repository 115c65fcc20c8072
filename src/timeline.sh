# timeline.md: a line for each iteration of every run, and one where a run stopped or was taken up. Only ever appended.

# After the gates were judged.
# timeline::add_iteration ENDED_AT
timeline::add_iteration() {
  local gates
  file::read_into gates "${SL_GATE_SUMMARY_FILE}"
  gates+=" completion=${GATE_COMPLETE}"
  if [[ ${SL_ITERATION} == "${RESUME_ITERATION-}" ]] && grep -qsF "run=${SL_RUN_ID} iter=${SL_ITERATION} ${gates}" "${SL_TIMELINE_FILE}"; then
    return 0 # it ended behind this line
  fi
  _timeline_append "$1" "${gates}"
}

timeline::add_resume() {
  local now
  clock::now_into now
  _timeline_append "${now}" "taken up"
}

# timeline::add_stop REASON
timeline::add_stop() {
  local now
  clock::now_into now
  _timeline_append "${now}" "stopped: $1"
}

_timeline_append() {
  if [[ ! -s ${SL_TIMELINE_FILE} ]]; then file::write "${SL_TIMELINE_FILE}" $'# Timeline\n\n'"Loop: ${SL_ID}"$'\n'; fi
  file::append "${SL_TIMELINE_FILE}" "- $1 run=${SL_RUN_ID} iter=${SL_ITERATION} $2"
}
