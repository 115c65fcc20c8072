# Hooks: an operator's commands, told what happened. One that fails is a warning, never the end of a run.

# Runs a hook, if there is one, with the event as JSON on standard input.
# hooks::run on_iteration_end|on_complete|on_failure EVENT RUN_ID DATA
hooks::run() {
  local hook=$1 command now event log status=0
  case ${hook} in
    on_iteration_end) command=${SL_HOOKS_ON_ITERATION_END} ;;
    on_complete) command=${SL_HOOKS_ON_COMPLETE} ;;
    on_failure) command=${SL_HOOKS_ON_FAILURE} ;;
    *) return 1 ;; # there is no other
  esac
  [[ -n ${command} ]] || return 0
  clock::now_into now
  json::object_into event timestamp= "${now}" event= "$2" hook= "${hook}" loop_id= "${SL_ID}" run_id= "$3" \
    iteration: "${SL_ITERATION}" repo= "${SL_REPO}" data: "$4"
  log=${SL_LOOP_DIR}/logs/${hook}
  file::make_folders "${SL_LOOP_DIR}/logs"
  file::write "${log}.json" "${event}"
  process::run "${SL_HOOKS_TIMEOUT_SECONDS}" "${log}.json" "${log}.log" "${log}.stderr.log" _hooks_in_repo "${command}" || status=$?
  if [[ ${PROCESS_OVERDUE} == true ]]; then
    output::warn "hook ${hook} of loop '${SL_ID}' was ended after ${SL_HOOKS_TIMEOUT_SECONDS}s: ${command}"
  elif ((status != 0)); then
    output::warn "hook ${hook} of loop '${SL_ID}' failed (exit ${status}), see ${log}.stderr.log: ${command}"
  fi
}

_hooks_in_repo() {
  cd "${SL_REPO}" && process::become bash -c "$1"
}
