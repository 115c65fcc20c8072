# Usage: superloop.sh list --repo DIR
#
# The configured loops: whether each ran, how it ended, when. So those that were removed
# from the configuration while they ran, or were killed.
#
#   --config FILE

# shellcheck source=src/lib/lock.sh
source "${SUPERLOOP_ROOT}/src/lib/lock.sh"

commands::list::main() {
  local id file
  config::read_flags list "" "" "$@"
  paths::of_repo
  config::load
  printf '%-24s %-12s %s\n' LOOP STATUS "LAST RUN"
  for id in "${SL_LOOP_IDS[@]}"; do _list_loop "${id}"; done
  for file in "${SL_HOME}"/loops/*/run.lock; do
    id=${file%/run.lock}
    id=${id##*/}
    if [[ -e ${file} ]] && ! config::has_loop "${id}"; then _list_loop "${id}" " (not configured)"; fi
  done
}

# _list_loop ID [REMARK]
_list_loop() {
  local status last
  paths::of_loop "$1"
  records::require_files
  _list_last_run
  if lock::is_held "${SL_LOCK_FILE}"; then status=RUNNING; fi
  printf '%-24s %-12s %s\n' "$1" "${status}" "${last}${2-}"
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
