# What a run would do, for --dry-run: nothing is run, and nothing written.

# preview::show: one loop.
preview::show() {
  local role words limit="iterations without a limit" streak
  if ((SL_MAX_ITERATIONS > 0)); then
    output::count_into limit "${SL_MAX_ITERATIONS}" iteration
    limit+=" at most"
  fi
  paths::of_loop "${SL_ID}"
  output::info "Loop '${SL_ID}' would run ${limit} of ${SL_SPEC_FILE}, until <promise>${SL_COMPLETION_PROMISE}</promise>:"
  _preview_request
  for role in "${SL_ROLES[@]}"; do
    runner::fill_in "${role}" "${SL_PROMPTS_DIR}/${role}.md" "${SL_MESSAGES_DIR}/${role}.txt"
    printf -v words ' %q' "${RUNNER_ARGV[@]}"
    if ! runner::is_installed "${RUNNER_ARGV[0]}"; then words+=" (there is no such program)"; fi
    output::info "  ${role}:${words}"
  done
  _preview_analysis
  _preview_gates
  if [[ ${SL_GIT_COMMIT_STRATEGY} == per_iteration ]]; then
    _preview_list "git, a commit for each iteration" true ${SL_GIT_PRE_COMMIT_COMMANDS[@]+"${SL_GIT_PRE_COMMIT_COMMANDS[@]}"}
  fi
  if [[ ${SL_STUCK_ENABLED} == true ]]; then
    output::count_into streak "${SL_STUCK_THRESHOLD}" iteration
    output::info "  stuck: ${SL_STUCK_ACTION} after ${streak} without a change"
  fi
  if [[ -n ${SL_HOOKS_ON_ITERATION_END} ]]; then output::info "  on_iteration_end: ${SL_HOOKS_ON_ITERATION_END}"; fi
  if [[ -n ${SL_HOOKS_ON_COMPLETE} ]]; then output::info "  on_complete: ${SL_HOOKS_ON_COMPLETE}"; fi
  if [[ -n ${SL_HOOKS_ON_FAILURE} ]]; then output::info "  on_failure: ${SL_HOOKS_ON_FAILURE}"; fi
}

_preview_analysis() {
  local answers="the role's own runner answers, with all that it may do; rlms.models names another, such as rlms:claude" words
  [[ ${SL_RLMS_ENABLED} == true ]] || return 0
  if ((${#SL_RLMS_MODELS_ROOT_COMMAND[@]} > 0)); then
    printf -v words ' %q' "${SL_RLMS_MODELS_ROOT_COMMAND[@]}" ${SL_RLMS_MODELS_ROOT_ARGS[@]+"${SL_RLMS_MODELS_ROOT_ARGS[@]}"}
    answers=${words# }
  fi
  output::info "  rlms: ${SL_RLMS_MODE}; ${SUPERLOOP_RLMS_ROOT_COMMAND_JSON:-${answers}}"
}

# An open request comes before any role.
_preview_request() {
  if ! approval::is_required; then return; fi
  approval::read
  case ${APPROVAL_STATUS} in
    pending) output::info "  first of all: approval of iteration ${APPROVAL_ITERATION}, which nobody has given yet" ;;
    approved) output::info "  nothing but this: iteration ${APPROVAL_ITERATION} is approved by ${APPROVAL_BY}, and the loop complete" ;;
    *) ;; # nothing was asked, or it was rejected
  esac
}

_preview_gates() {
  local checks
  local -a names=()
  if [[ ${SL_TESTS_MODE} != disabled ]]; then _preview_list "tests, ${SL_TESTS_MODE}" true ${SL_TESTS_COMMANDS[@]+"${SL_TESTS_COMMANDS[@]}"}; fi
  if [[ ${SL_VALIDATION_ENABLED} == true ]]; then
    _preview_list "validation, ${SL_VALIDATION_MODE}" "${SL_VALIDATION_REQUIRE_ON_COMPLETION}" ${SL_VALIDATION_COMMANDS[@]+"${SL_VALIDATION_COMMANDS[@]}"}
  fi
  if ((${#SL_CHECKLISTS[@]} > 0)); then _preview_list checklists true ${SL_CHECKLISTS[@]+"${SL_CHECKLISTS[@]}"}; fi
  if [[ ${SL_PREREQUISITES_ENABLED} == true ]]; then
    while IFS= read -r checks; do names+=("${checks}"); done < <(jq -r '.[] | .id // "\(.type):\(.path)"' <<<"${SL_PREREQUISITES_CHECKS:-[]}")
    _preview_list prerequisites "${SL_PREREQUISITES_REQUIRE_ON_COMPLETION}" ${names[@]+"${names[@]}"}
  fi
  if [[ ${SL_EVIDENCE_ENABLED} == true ]]; then
    _preview_list evidence "${SL_EVIDENCE_REQUIRE_ON_COMPLETION}" ${SL_EVIDENCE_ARTIFACTS[@]+"${SL_EVIDENCE_ARTIFACTS[@]}"}
  fi
  if approval::is_required; then output::info "  approval: ${SL_APPROVAL_ON_REQUEST}"; fi
}

# _preview_list TITLE REQUIRED [WORD…]
_preview_list() {
  local title=$1 words=""
  if [[ $2 != true ]]; then title+=", not required"; fi
  (($# == 2)) || printf -v words '; %s' "${@:3}"
  output::info "  ${title}${words/#;/:}"
}
