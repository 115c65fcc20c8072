# Usage: superloop.sh cancel --repo DIR [--loop ID]
#
# Ends what is running in a repository, with all that it has started, and removes
# the state. What a run that was killed has left running ends as well (on Linux),
# also of a loop that was removed since; a run that could be taken up is not any
# more; a request for approval stays.
#
#   --loop ID          only this loop

for _cancel_module in lib/lock events resume summary; do
  # shellcheck source=/dev/null
  source "${SUPERLOOP_ROOT}/src/${_cancel_module}.sh"
done

# A run first ends its role.
readonly _CANCEL_PATIENCE=$((2 * PROCESS_GRACE_SECONDS))

commands::cancel::main() {
  local directory id found=false
  config::read_flags cancel "" "" "$@"
  paths::of_repo
  config::require_loop
  clock::start
  records::set_aside
  for directory in "${SL_HOME}"/loops/*/; do
    id=${directory%/}
    id=${id##*/}
    if [[ ! -d ${directory} || (-n ${SL_LOOP} && ${SL_LOOP} != "${id}") ]]; then continue; fi
    if _cancel_run "${id}"; then found=true; fi
  done
  if [[ -z ${SL_LOOP} ]]; then
    strays::end_orphans "${SL_HOME}/loops/" "${SL_HOME}/loops" "/*/logs" # of loops whose folder is gone
    if [[ ${STRAYS_FOUND} == true ]]; then found=true; fi
  fi
  if [[ -e ${SL_STATE_FILE} ]] && _cancel_owns_state; then
    file::remove "${SL_STATE_FILE}"
    found=true
  fi
  if [[ ${found} == true ]]; then output::info "Cancelled loop state."; else output::info "No active state file found."; fi
}

_cancel_owns_state() {
  local owner
  if [[ -z ${SL_LOOP} ]]; then return 0; fi
  if ! owner=$(jq -nr 'input | .current_loop_id // ""' "${SL_STATE_FILE}" 2>/dev/null); then
    json::set_aside "${SL_STATE_FILE}"
    return 1
  fi
  [[ ${owner} == "${SL_LOOP}" ]]
}

# Status 1 when there is nothing to cancel.
_cancel_run() {
  SL_ID=$1
  paths::of_loop "${SL_ID}"
  records::set_aside
  if [[ ! -e ${SL_LOCK_FILE} ]]; then
    _cancel_log
    return
  fi
  if lock::is_held "${SL_LOCK_FILE}"; then
    if ! kill -0 "${LOCK_HOLDER}" 2>/dev/null && lock::is_held "${SL_LOCK_FILE}"; then
      failure::raise CANCEL_FAILED "the run of loop '${SL_ID}' (pid ${LOCK_HOLDER}) is another user's" "End it as the user who started it."
    fi
    { : >"${SL_CANCEL_FILE}"; } 2>/dev/null || : # where that cannot be written, the run says that it was interrupted
    if ! _cancel_end TERM && ! _cancel_end KILL; then
      failure::raise CANCEL_FAILED "the run of loop '${SL_ID}' (pid ${LOCK_HOLDER}) outlives KILL" "Its disk may not answer; look at it with ps."
    fi
  fi
  strays::end_orphans "${SL_LOCK_FILE}" "${SL_LOOP_DIR}/logs"
  _cancel_log || : # it has written down its end itself
  file::remove "${SL_LOCK_FILE}" "${SL_CANCEL_FILE}"
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

# Of a run that would be taken up. Status 1 when there is none.
_cancel_log() {
  records::require_files
  file::heal_lines "${SL_EVENTS_FILE}"
  resume::find
  [[ -n ${RESUME_RUN} && ${RESUME_REASON} != approval_pending ]] || return 1
  SL_RUN_ID=${RESUME_RUN} SL_ITERATION=${RESUME_ITERATION}
  events::log loop_stopped "" stopped "" '{"reason":"cancelled"}'
  summary::seal
}
