# Usage: superloop.sh report --repo DIR [--loop ID] [--out FILE]
#
# Writes a loop's last run as one HTML page that needs nothing else: iterations,
# roles, gates, analyses with their citations, evidence and cost.
#
#   --loop ID          which loop (default: the first)
#   --out FILE         default: .superloop/loops/ID/report.html
#   --config FILE

commands::report::main() {
  local file
  config::read_flags report "" out "$@"
  paths::of_repo
  config::choose_loop
  paths::of_loop "${SL_LOOP}"
  paths::require_files
  if [[ ! -f ${SL_EVENTS_FILE} ]]; then
    failure::raise NOTHING_TO_REPORT "loop '${SL_LOOP}' has not run yet" "Run it first: superloop.sh run --loop ${SL_LOOP}."
  fi
  file=${SL_FLAG_OUT:-${SL_REPORT_FILE}}
  config::worker host-report --repo "${SL_REPO}" --loop-dir "${SL_LOOP_DIR}" --out "${file}"
  output::info "Wrote report to ${file}"
}
