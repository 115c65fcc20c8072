# Commands as a gate: each runs in the repository, whatever became of those before it.

# Appends each command, its output and its exit status to OUTPUT. Sets GATE_COMMANDS_STATUS (of the last that failed, else
# 0) and GATE_COMMANDS_RESULTS, a JSON array.
# gates::commands::run GATE OUTPUT [COMMAND…]
gates::commands::run() {
  local gate=$1 output=$2 command status log=${SL_LOG_DIR}/$1.log errors=${SL_LOG_DIR}/$1.stderr.log result results=""
  shift 2
  GATE_COMMANDS_STATUS=0
  for command in ${@+"$@"}; do
    status=0
    process::run 0 /dev/null "${log}" "${errors}" _gates_commands_run "${command}" || status=$?
    {
      printf '$ %s\n' "${command}"
      cat "${log}"
      if [[ -s ${log} && -n $(tail -c 1 "${log}") ]]; then printf '\n'; fi
      printf 'exit_code: %s\n\n' "${status}"
    } >>"${output}"
    if ((status != 0)); then
      GATE_COMMANDS_STATUS=${status}
      gates::note "${gate}" "${command%%$'\n'*}: exit ${status}"
    fi
    _gates_commands_result_into result "${command}" "${status}"
    results+=,${result}
  done
  rm -f "${errors}"
  GATE_COMMANDS_RESULTS="[${results#,}]"
}

_gates_commands_run() {
  cd "${SL_REPO}" && exec bash -lc "$1" 2>&1
}

_gates_commands_result_into() {
  local _ok=false _reason=command_failed
  case $3 in
    0) _ok=true _reason="" ;;
    126) _reason=command_not_executable ;;
    127) _reason=command_not_found ;;
    *) ;; # it failed by itself
  esac
  json::object_into "$1" command= "$2" ok: "${_ok}" exit_code: "$3" reason? "${_reason}"
}
