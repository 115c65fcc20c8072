# Usage: superloop.sh status --repo DIR [--summary | --json] [--loop ID]
#
# The state of the current run, as JSON.
#
#   --summary          one line on a loop's last iteration, its gates and its evidence, and
#                      one on what the run waits for, if it does
#   --json             where a loop stands, how it ended, its last gates, analyses and
#                      usage, as one JSON object
#   --loop ID          which loop (default: with --json the one that ran last; else the
#                      first)
#   --config FILE

# shellcheck source=src/lib/lock.sh
source "${SUPERLOOP_ROOT}/src/lib/lock.sh"

commands::status::main() {
  config::read_flags status "summary json" "" "$@"
  paths::of_repo
  if [[ ${SL_FLAG_JSON-} == true ]]; then
    _status_json
  elif [[ ${SL_FLAG_SUMMARY-} == true ]]; then
    _status_summary
  elif [[ -e ${SL_STATE_FILE} ]]; then
    paths::require_files
    cat "${SL_STATE_FILE}"
  else
    output::info "No state file found."
  fi
}

_status_json() {
  local state holder=""
  paths::require_files
  file::read_into state "${SL_STATE_FILE}"
  if [[ -z ${SL_LOOP} && ${state} =~ \"current_loop_id\":\ *\"([^\"]+)\" ]]; then SL_LOOP=${BASH_REMATCH[1]}; fi
  config::choose_loop
  paths::of_loop "${SL_LOOP}"
  paths::require_files
  if lock::is_held "${SL_LOCK_FILE}"; then holder=${LOCK_HOLDER}; fi
  jq -n --arg loop "${SL_LOOP}" --arg holder "${holder}" --arg state "${state}" \
    --arg events "$(_status_events)" \
    --rawfile summary "$(_status_or_nothing "${SL_SUMMARY_FILE}")" \
    --rawfile usage "$(_status_or_nothing "${SL_USAGE_FILE}")" \
    --rawfile index "$(_status_or_nothing "${SL_RLMS_INDEX_FILE}")" -f "${SUPERLOOP_ROOT}/src/status.jq"
}

# The last events, and before them how the run began or ended if that is longer ago.
_status_events() {
  [[ -f ${SL_EVENTS_FILE} ]] || return 0
  grep -aE '"event": ?"loop_(start|stopped|complete)"' "${SL_EVENTS_FILE}" | tail -n 1
  tail -n 20 "${SL_EVENTS_FILE}"
}

_status_or_nothing() {
  if [[ -f $1 ]]; then printf '%s' "$1"; else printf /dev/null; fi
}

_status_summary() {
  config::choose_loop
  paths::of_loop "${SL_LOOP}"
  paths::require_files
  if [[ ! -f ${SL_SUMMARY_FILE} ]]; then
    output::info "No run summary found for loop '${SL_LOOP}'."
    _status_tell_wait
    return
  fi
  # shellcheck disable=SC2016 # jq's own variables
  json::read "${SL_SUMMARY_FILE}" '
    .updated_at as $updated | .entries[-1] as $last
    | ["loop=\($loop)", "run_id=\($last.run_id)", "iteration=\($last.iteration)", "updated_at=\($updated)",
       "promise=\($last.promise.matched)",
       (["tests", "validation", "checklist", "prerequisites", "evidence", "stuck", "approval"][] | "\(.)=\($last.gates[.])"),
       "complete=\($last.completion_ok)",
       "evidence_file=\($last.artifacts.evidence.path)", "evidence_exists=\($last.artifacts.evidence.exists)",
       "evidence_sha256=\($last.artifacts.evidence.sha256)"] | join(" ")' --arg loop "${SL_LOOP}"
  _status_tell_wait
}

_status_tell_wait() {
  local state
  file::read_into state "${SL_STATE_FILE}"
  if [[ ${state} != *'"waiting":{'* ]] || ! lock::is_held "${SL_LOCK_FILE}"; then return; fi
  # shellcheck disable=SC2016 # jq's own variables
  json::read "${SL_STATE_FILE}" 'select(.current_loop_id == $loop)
    | ["waiting_for=\(.waiting.for)", "role=\(.role)", "until=\(.waiting.until)"] | join(" ")' --arg loop "${SL_LOOP}"
}
