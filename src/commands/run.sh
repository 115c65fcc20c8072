# Usage: superloop.sh run --repo DIR [--loop ID] [--fresh] [--dry-run] [--fast] [--skip-validate]
#
# Runs the loops of the configuration in their order, or the one named, each until
# its reviewer's promise and its gates hold. A run that was interrupted, failed, or was
# stopped by a budget or a rate limit is taken up where it stood.
#
#   --fresh            take nothing up: begin anew
#   --loop ID          only this loop
#   --dry-run          only say what would run
#   --fast             runners get their fast_args
#   --skip-validate    leave out the static checks (the schema is always checked)
#   --config FILE --schema FILE
#
# Exit status: 0 complete; 1 stopped before; 2 configuration; 130, 143 interrupted.

for _run_module in lib/lock work_tree state events resume resume/choice resume/account progress rate_limit git git/changes git/absence git/message git/commit runner prompt role iteration \
  loop ending evidence summary gates approval stuck hooks preview usage timeline packet \
  gates/promise gates/commands gates/tests gates/validation gates/checklists gates/prerequisites gates/evidence \
  gates/approval \
  rlms/policy rlms/context rlms/trigger rlms/invoke rlms/attach; do
  # shellcheck source=/dev/null
  source "${SUPERLOOP_ROOT}/src/${_run_module}.sh"
done

commands::run::main() {
  local settings
  local -a checks=(--static)
  config::read_flags run "fresh dry-run fast skip-validate" "" "$@"
  json::require_jq
  if [[ ${SL_FLAG_SKIP_VALIDATE-} == true ]]; then checks=(); fi
  paths::of_repo
  clock::start
  trap 'ending::abandon "$?"' EXIT
  trap 'ending::interrupt INT 130' INT
  trap 'ending::interrupt TERM 143' TERM
  trap 'ending::interrupt HUP 129' HUP
  trap : PIPE # see output::info
  _run_forget_models
  config::load "${SL_LOOP}" ${checks[@]+"${checks[@]}"}
  if [[ ${SL_FLAG_DRY_RUN-} != true ]]; then _run_end_left_behind; fi
  if [[ -n ${SL_LOOP} ]]; then
    _run_loop
    return
  fi
  # read once: what a role does to the configuration changes nothing for the loops that follow
  _run_find_done
  for settings in "${SL_LOOP_SETTINGS[@]:_RUN_DONE}"; do
    _run_forget_models
    config::use "${settings}"
    _run_loop
  done
  [[ ${SL_FLAG_DRY_RUN-} == true ]] || output::info "All loops complete."
}

# Ends what a killed host has left running where its loop does not find it any more: that was taken out of the
# configuration, or its folder removed.
_run_end_left_behind() {
  local file id state
  file::read_into state "${SL_STATE_FILE}"
  if [[ ${state} =~ ^\{\"active\":true,.*\"current_loop_id\":\"([^\"]+)\" && ! -e ${SL_HOME}/loops/${BASH_REMATCH[1]}/run.lock ]]; then
    _run_end_strays_of "${BASH_REMATCH[1]}"
  fi
  for file in "${SL_HOME}"/loops/*/run.lock; do
    id=${file%/run.lock}
    id=${id##*/}
    if [[ -e ${file} ]] && ! config::has_loop "${id}"; then _run_end_strays_of "${id}"; fi
  done
}

# Unless that loop runs.
_run_end_strays_of() {
  paths::of_loop "$1"
  records::require_files
  file::make_folders "${SL_LOOP_DIR}"
  lock::take "${SL_LOCK_FILE}" || return 0
  strays::end_orphans "${SL_LOCK_FILE}" "${SL_LOOP_DIR}/logs"
  lock::release "${SL_LOCK_FILE}"
  rmdir "${SL_LOOP_DIR}" 2>/dev/null || : # it was there before
  if [[ ${STRAYS_FOUND} == true ]]; then output::warn "ended what a run of loop '$1' that was killed had left running"; fi
}

# Sets _RUN_DONE: how many loops come before one that goes on, and are complete.
_run_find_done() {
  local id at=0 complete=0
  _RUN_DONE=0
  [[ ${SL_FLAG_FRESH-} != true ]] || return 0
  for id in "${SL_LOOP_IDS[@]}"; do
    resume::read_standing "${SL_HOME}/loops/${id}/events.jsonl"
    if [[ ${RESUME_STANDING} == complete && ${complete} == "${at}" ]]; then complete=$((complete + 1)); fi
    if resume::goes_on; then _RUN_DONE=${complete}; fi
    at=$((at + 1))
  done
  if ((_RUN_DONE > 0)); then output::info "Complete already: ${SL_LOOP_IDS[*]:0:_RUN_DONE}"; fi
}

_run_loop() {
  if [[ ${SL_FLAG_DRY_RUN-} == true ]]; then
    loop::preview
    preview::show
  else
    loop::run
  fi
}

# Settings without a default are there only where a loop has them.
_run_forget_models() {
  SL_RLMS_MODELS_ROOT_COMMAND=() SL_RLMS_MODELS_ROOT_ARGS=() SL_RLMS_MODELS_SUBCALL_COMMAND=() SL_RLMS_MODELS_SUBCALL_ARGS=()
  unset SL_RLMS_MODELS_ROOT_PROMPT_MODE SL_RLMS_MODELS_ROOT_MODEL SL_RLMS_MODELS_SUBCALL_PROMPT_MODE \
    SL_RLMS_MODELS_SUBCALL_MODEL SL_RLMS_LIMITS_MAX_TOKENS SL_RLMS_LIMITS_MAX_USD SL_BUDGET_MAX_USD SL_BUDGET_MAX_TOKENS
}
