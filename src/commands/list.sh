# Usage: superloop.sh list --repo DIR
#
# The configured loops: whether each ran, how it ended, when.
#
#   --config FILE

commands::list::main() {
  local id state="" active status last
  config::read_flags list "" "" "$@"
  paths::of_repo
  config::load
  if [[ -f ${SL_STATE_FILE} ]]; then state=$(jq -r 'select(.active) | .current_loop_id // ""' "${SL_STATE_FILE}"); fi
  active=${state}
  printf '%-24s %-12s %s\n' LOOP STATUS "LAST RUN"
  for id in "${SL_LOOP_IDS[@]}"; do
    paths::of_loop "${id}"
    status="NOT STARTED" last=-
    if [[ -f ${SL_SUMMARY_FILE} ]]; then
      last=$(jq -r '.entries[-1] | "\(.completion_ok) \(.ended_at)"' "${SL_SUMMARY_FILE}")
      if [[ ${last%% *} == true ]]; then status=COMPLETED; else status=STOPPED; fi
      last=${last#* }
    elif [[ -d ${SL_LOOP_DIR} ]]; then
      status=STARTED
    fi
    if [[ ${active} == "${id}" ]]; then status=RUNNING; fi
    printf '%-24s %-12s %s\n' "${id}" "${status}" "${last}"
  done
}
