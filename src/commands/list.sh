# Usage: superloop.sh list --repo DIR
#
# The configured loops: whether each ran, how it ended, when.
#
#   --config FILE

# shellcheck source=src/lib/lock.sh
source "${SUPERLOOP_ROOT}/src/lib/lock.sh"

commands::list::main() {
  local id status last
  config::read_flags list "" "" "$@"
  paths::of_repo
  config::load
  printf '%-24s %-12s %s\n' LOOP STATUS "LAST RUN"
  for id in "${SL_LOOP_IDS[@]}"; do
    paths::of_loop "${id}"
    paths::require_files
    _list_last_run
    if lock::is_held "${SL_LOCK_FILE}"; then status=RUNNING; fi
    printf '%-24s %-12s %s\n' "${id}" "${status}" "${last}"
  done
}

# Sets status and last by the loop's last event of a run.
_list_last_run() {
  local event=""
  status="NOT STARTED" last=-
  [[ -s ${SL_EVENTS_FILE} ]] || return 0
  event=$(grep -aE '"event":"loop_(start|complete|stopped)"' "${SL_EVENTS_FILE}" | tail -n 1) || : # none of them
  case ${event} in
    *'"event":"loop_complete"'*) status=COMPLETED ;;
    *'"reason":"approval_pending"'*) status="TO APPROVE" ;;
    *'"reason":"cancelled"'*) status=CANCELLED ;;
    *'"event":"loop_'*) status=STOPPED ;;
    *) return 0 ;;
  esac
  last=${event#*'"timestamp":"'}
  last=${last%%'"'*}
}
