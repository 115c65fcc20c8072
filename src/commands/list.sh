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
    status="NOT STARTED" last=-
    if [[ -f ${SL_SUMMARY_FILE} ]]; then
      last=$(json::read "${SL_SUMMARY_FILE}" '.entries[-1] | "\(.completion_ok) \(.ended_at)"')
      if [[ ${last%% *} == true ]]; then status=COMPLETED; else status=STOPPED; fi
      last=${last#* }
    elif [[ -d ${SL_LOOP_DIR} ]]; then
      status=STARTED
    fi
    if lock::is_held "${SL_LOCK_FILE}"; then status=RUNNING; fi
    printf '%-24s %-12s %s\n' "${id}" "${status}" "${last}"
  done
}
