# Commands as a gate: each runs in the repository, whatever became of those before it.

# Appends each command, its output and its exit status to OUTPUT; SECONDS is the limit of each, 0: none. Sets
# GATE_COMMANDS_STATUS (of the last that failed, else 0), GATE_COMMANDS_REASON (empty, command_failed, or command_timed_out
# when one was) and GATE_COMMANDS_RESULTS, a JSON array.
# gates::commands::run GATE SECONDS OUTPUT [COMMAND…]
gates::commands::run() {
  local gate=$1 seconds=$2 output=$3 command status ok reason said result results=""
  local log=${SL_LOG_DIR}/$1.log errors=${SL_LOG_DIR}/$1.stderr.log
  shift 3
  GATE_COMMANDS_STATUS=0 GATE_COMMANDS_REASON=""
  for command in ${@+"$@"}; do
    status=0 ok=true
    progress::show "${gate}: ${command}"
    process::run "${seconds}" /dev/null "${log}" "${errors}" _gates_commands_run "${command}" || status=$?
    _gates_commands_judge "${status}" "${seconds}"
    file::attempt write "${output}" _gates_commands_record
    if ((status != 0)); then
      ok=false
      GATE_COMMANDS_STATUS=${status}
      if [[ ${PROCESS_OVERDUE} == true ]]; then GATE_COMMANDS_REASON=${reason}; fi
      GATE_COMMANDS_REASON=${GATE_COMMANDS_REASON:-command_failed}
      gates::note "${gate}" "${command%%$'\n'*}: exit ${said}"
    fi
    json::object_into result command= "${command}" ok: "${ok}" exit_code: "${status}" reason? "${reason}"
    results+=,${result}
  done
  file::remove "${errors}"
  GATE_COMMANDS_RESULTS="[${results#,}]"
}

# Reads the locals of gates::commands::run.
_gates_commands_record() {
  {
    printf '$ %s\n' "${command}" \
      && cat "${log}" \
      && { [[ ! -s ${log} || -z $(tail -c 1 "${log}") ]] || printf '\n'; } \
      && printf 'exit_code: %s\n\n' "${said}"
  } >>"${output}"
}

_gates_commands_run() {
  cd "${SL_REPO}" && process::become bash -lc "$1" 2>&1
}

# Sets reason and said, of its caller: the status as people read it.
# _gates_commands_judge STATUS SECONDS
_gates_commands_judge() {
  reason=command_failed said=$1
  case $1 in
    0) reason="" ;;
    126) reason=command_not_executable ;;
    127) reason=command_not_found ;;
    *) ;; # it failed by itself
  esac
  if [[ ${PROCESS_OVERDUE} == true ]]; then reason=command_timed_out said="$1 (ended after $2s)"; fi
}
