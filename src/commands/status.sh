# Usage: superloop.sh status --repo DIR [--summary] [--loop ID]
#
# The state of the current run, as JSON. With --summary one line on the last
# iteration of a loop: its gates and its evidence.
#
#   --loop ID          with --summary: which loop (default: the first)
#   --config FILE

commands::status::main() {
  config::read_flags status summary "" "$@"
  paths::of_repo
  if [[ ${SL_FLAG_SUMMARY-} == true ]]; then
    _status_summary
  elif [[ -f ${SL_STATE_FILE} ]]; then
    cat "${SL_STATE_FILE}"
  else
    output::info "No state file found."
  fi
}

_status_summary() {
  config::choose_loop
  paths::of_loop "${SL_LOOP}"
  if [[ ! -f ${SL_SUMMARY_FILE} ]]; then
    output::info "No run summary found for loop '${SL_LOOP}'."
    return
  fi
  # shellcheck disable=SC2016 # jq's own variables
  json::read "${SL_SUMMARY_FILE}" '
    .updated_at as $updated | .entries[-1] as $last
    | ["loop=\($loop)", "run_id=\($last.run_id)", "iteration=\($last.iteration)", "updated_at=\($updated)",
       "promise=\($last.promise.matched)", "tests=\($last.gates.tests)", "validation=\($last.gates.validation)",
       "checklist=\($last.gates.checklist)", "evidence=\($last.gates.evidence)", "approval=\($last.gates.approval)",
       "evidence_file=\($last.artifacts.evidence.path)", "evidence_exists=\($last.artifacts.evidence.exists)",
       "evidence_sha256=\($last.artifacts.evidence.sha256)"] | join(" ")' --arg loop "${SL_LOOP}"
}
