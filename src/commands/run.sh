# Usage: superloop.sh run --repo DIR [--loop ID] [--dry-run] [--fast] [--skip-validate]
#
# Runs the loops of the configuration in their order, or the one named, each until
# its reviewer's promise and its gates hold.
#
#   --loop ID          only this loop
#   --dry-run          only say what would run
#   --fast             runners get their fast_args
#   --skip-validate    leave out the static checks (the schema is always checked)
#   --config FILE --schema FILE
#
# Exit status: 0 complete; 1 stopped before; 2 configuration; 130, 143 interrupted.

for _run_module in lib/lock state events progress rate_limit git git/changes git/message git/commit runner prompt role iteration loop evidence \
  gates approval stuck hooks preview usage timeline packet \
  gates/promise gates/commands gates/tests gates/validation gates/checklists gates/prerequisites gates/evidence \
  gates/approval \
  rlms/policy rlms/context rlms/trigger rlms/invoke rlms/attach; do
  # shellcheck source=/dev/null
  source "${SUPERLOOP_ROOT}/src/${_run_module}.sh"
done

commands::run::main() {
  local settings
  local -a checks=(--static)
  config::read_flags run "dry-run fast skip-validate" "" "$@"
  json::require_jq
  if [[ ${SL_FLAG_SKIP_VALIDATE-} == true ]]; then checks=(); fi
  paths::of_repo
  clock::start
  trap 'loop::abandon "$?"' EXIT
  trap 'loop::interrupt INT 130' INT
  trap 'loop::interrupt TERM 143' TERM
  trap 'loop::interrupt HUP 129' HUP
  trap : PIPE # see output::info
  _run_forget_models
  config::load "${SL_LOOP}" ${checks[@]+"${checks[@]}"}
  if [[ -n ${SL_LOOP} ]]; then
    _run_loop
    return
  fi
  # read once: what a role does to the configuration changes nothing for the loops that follow
  for settings in "${SL_LOOP_SETTINGS[@]}"; do
    _run_forget_models
    json::eval_assignments "${settings}"
    _run_loop
  done
  [[ ${SL_FLAG_DRY_RUN-} == true ]] || output::info "All loops complete."
}

_run_loop() {
  if [[ ${SL_FLAG_DRY_RUN-} == true ]]; then preview::show; else loop::run; fi
}

# Settings without a default are there only where a loop has them.
_run_forget_models() {
  SL_RLMS_MODELS_ROOT_COMMAND=() SL_RLMS_MODELS_ROOT_ARGS=() SL_RLMS_MODELS_SUBCALL_COMMAND=() SL_RLMS_MODELS_SUBCALL_ARGS=()
  unset SL_RLMS_MODELS_ROOT_PROMPT_MODE SL_RLMS_MODELS_ROOT_MODEL SL_RLMS_MODELS_SUBCALL_PROMPT_MODE \
    SL_RLMS_MODELS_SUBCALL_MODEL SL_RLMS_LIMITS_MAX_TOKENS SL_RLMS_LIMITS_MAX_USD SL_BUDGET_MAX_USD SL_BUDGET_MAX_TOKENS
}
