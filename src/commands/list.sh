# Usage: superloop.sh list --repo DIR
#
# The configured loops: whether each ran, how it ended, when. So those that were removed
# from the configuration while they ran, or were killed.
#
#   --config FILE

for _list_module in lib/lock resume; do
  # shellcheck source=/dev/null
  source "${SUPERLOOP_ROOT}/src/${_list_module}.sh"
done

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

# Sets status and last by what the loop's events tell last of a run.
_list_last_run() {
  status="NOT STARTED" last=-
  resume::read_standing "${SL_EVENTS_FILE}"
  case ${RESUME_STANDING}:${RESUME_REASON} in
    none:*) return 0 ;;
    complete:*) status=COMPLETED ;;
    interrupted:*) status=INTERRUPTED ;;
    *:approval_pending) status="TO APPROVE" ;;
    *:cancelled) status=CANCELLED ;;
    *) status=STOPPED ;;
  esac
  last=${RESUME_MARK#*'"timestamp":"'}
  last=${last%%'"'*}
}
