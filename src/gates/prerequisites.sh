# The prerequisites: conditions on files, judged by the worker, because their patterns are JavaScript's.

readonly _GATES_PREREQUISITES_SECONDS=120

# Sets GATE_PREREQUISITES: ok, failed or skipped. prerequisites-status.json names each check that does not hold, and why.
gates::prerequisites::judge() {
  local checks=${SL_LOG_DIR}/prerequisites.json report=${SL_LOG_DIR}/prerequisites.log errors=${SL_LOG_DIR}/prerequisites.stderr.log
  local status=0 verdict
  GATE_PREREQUISITES=skipped
  [[ ${SL_PREREQUISITES_ENABLED} == true ]] || return 0
  events::log prerequisites_start
  file::write "${checks}" "${SL_PREREQUISITES_CHECKS:-[]}"
  process::run "${_GATES_PREREQUISITES_SECONDS}" "${checks}" "${report}" "${errors}" \
    config::become_worker prerequisites --repo "${SL_REPO}" || status=$?
  file::read_into verdict "${report}"
  if ((status != 0)) || [[ ${verdict} != '{"ok":'* ]]; then _gates_prerequisites_unjudged_into verdict "${errors}"; fi
  file::remove "${checks}" "${report}" "${errors}"
  file::write "${SL_PREREQUISITES_STATUS_FILE}" "${verdict}"
  if [[ ${verdict} == '{"ok":true,'* ]]; then
    GATE_PREREQUISITES=ok
  else
    GATE_PREREQUISITES=failed
    gates::note_lines prerequisites "$(jq -r '.failed[] | [.id, .reason] | map(values) | join(": ") | gsub("[\u0000-\u001f]"; " ")' \
      "${SL_PREREQUISITES_STATUS_FILE}")" "${SL_PREREQUISITES_STATUS_FILE}"
  fi
  events::log prerequisites_end "" "${GATE_PREREQUISITES}"
}

# The report when the worker made none.
_gates_prerequisites_unjudged_into() {
  local _made_at _failure _details _errors
  clock::now_into _made_at
  file::read_into _errors "$2"
  json::object_into _details message= "${_errors}"
  json::object_into _failure id: null type: null path: null reason= checker_failed details: "${_details}"
  json::object_into "$1" ok: false status= failed generated_at= "${_made_at}" total: 0 passed: 0 verified: '[]' failed: "[${_failure}]"
}
