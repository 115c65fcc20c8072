# Usage: superloop.sh cancel --repo DIR [--loop ID]
#
# Ends what is running in a repository, with all that it has started, and removes
# the state. What a run that was killed has left running ends as well (on Linux).
#
#   --loop ID          only this loop

for _cancel_module in lib/lock events; do
  # shellcheck source=/dev/null
  source "${SUPERLOOP_ROOT}/src/${_cancel_module}.sh"
done

# A run first ends its role.
readonly _CANCEL_PATIENCE=$((2 * PROCESS_GRACE_SECONDS))

commands::cancel::main() {
  local lock id found=false
  config::read_flags cancel "" "" "$@"
  paths::of_repo
  config::require_loop
  clock::start
  for lock in "${SL_HOME}"/loops/*/run.lock; do
    id=${lock%/run.lock}
    id=${id##*/}
    if [[ ! -e ${lock} || (-n ${SL_LOOP} && ${SL_LOOP} != "${id}") ]]; then continue; fi
    _cancel_run "${id}"
    found=true
  done
  if [[ -e ${SL_STATE_FILE} ]] && _cancel_owns_state; then
    rm -f "${SL_STATE_FILE}"
    found=true
  fi
  if [[ ${found} == true ]]; then output::info "Cancelled loop state."; else output::info "No active state file found."; fi
}

_cancel_owns_state() {
  [[ -z ${SL_LOOP} || $(json::read "${SL_STATE_FILE}" '.current_loop_id // ""') == "${SL_LOOP}" ]]
}

_cancel_run() {
  local ended=false
  SL_ID=$1
  paths::of_loop "${SL_ID}"
  if lock::is_held "${SL_LOCK_FILE}"; then
    : >"${SL_CANCEL_FILE}"
    if _cancel_end TERM; then
      ended=true
    elif ! _cancel_end KILL; then
      failure::raise CANCEL_FAILED "the run of loop '${SL_ID}' (pid ${LOCK_HOLDER}) cannot be ended" "End it as the user who started it."
    fi
  fi
  process::end_orphans "${LOCK_HOLDER}"
  if [[ ${ended} == false ]]; then _cancel_log; fi
  rm -f "${SL_LOCK_FILE}" "${SL_CANCEL_FILE}"
}

# Whether the run is gone soon after the signal.
# _cancel_end SIGNAL
_cancel_end() {
  local attempt
  kill "-$1" "${LOCK_HOLDER}" 2>/dev/null || : # gone this moment, or another user's
  for ((attempt = 0; attempt < _CANCEL_PATIENCE * 20; attempt++)); do
    if ! lock::is_held "${SL_LOCK_FILE}"; then return 0; fi
    sleep 0.05
  done
  return 1
}

# For a run that could not write down its end itself.
_cancel_log() {
  SL_RUN_ID=unknown SL_ITERATION=0
  if [[ -e ${SL_STATE_FILE} && $(json::read "${SL_STATE_FILE}" .current_loop_id) == "${SL_ID}" ]]; then
    SL_RUN_ID=$(json::read "${SL_STATE_FILE}" .run_id)
    SL_ITERATION=$(json::read "${SL_STATE_FILE}" .iteration)
  fi
  events::log loop_stopped "" stopped "" '{"reason":"cancelled"}'
}
