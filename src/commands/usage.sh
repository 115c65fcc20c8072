# Usage: superloop.sh usage --repo DIR [--loop ID] [--json]
#
# Tokens and US dollars of a loop's last run, by role, model and iteration, as its
# runners and analyses told them.
#
#   --loop ID          which loop (default: the first)
#   --json             the same as JSON, with every run
#   --config FILE

commands::usage::main() {
  local -a arguments
  config::read_flags usage json "" "$@"
  paths::of_repo
  config::choose_loop
  paths::of_loop "${SL_LOOP}"
  paths::require_files
  arguments=(show --repo "${SL_REPO}" --loop-dir "${SL_LOOP_DIR}")
  [[ ${SL_FLAG_JSON-} != true ]] || arguments+=(--json)
  config::worker host-usage "${arguments[@]}"
}
