# Through the door: the flags of scripts/rlms, which an existing checkout may replace by SUPERLOOP_RLMS_SCRIPT.

# Its exit status; 124 when it outlived its own time limit. RLMS_IS_RESUMED tells whether it went on with what an earlier
# one had paid for, which its result counts.
# rlms::invoke::run ROLE CONTEXT_LIST OUTPUT_DIR TASK
rlms::invoke::run() {
  local role=$1 list=$2 output_dir=$3 task=$4
  local -a flags=(
    --repo "${SL_REPO}" --loop-id "${SL_ID}" --role "${role}" --iteration "${SL_ITERATION}"
    --context-file-list "${list}" --output-dir "${output_dir}" --metadata-file "${output_dir}/metadata.json"
    --max-steps "${SL_RLMS_LIMITS_MAX_STEPS}" --max-depth "${SL_RLMS_LIMITS_MAX_DEPTH}"
    --timeout-seconds "${SL_RLMS_LIMITS_TIMEOUT_SECONDS}" --max-subcalls "${SL_RLMS_LIMITS_MAX_SUBCALLS}"
    --require-citations "${SL_RLMS_OUTPUT_REQUIRE_CITATIONS}" --format "${SL_RLMS_OUTPUT_FORMAT}"
  )
  _rlms_invoke_models "${role}"
  flags+=("${_rlms_models[@]}")
  if [[ -z ${SUPERLOOP_RLMS_SCRIPT-} ]]; then _rlms_invoke_own_flags "${task}"; else _rlms_own=(); fi
  flags+=(${_rlms_own[@]+"${_rlms_own[@]}"})
  local status=0
  runner::set_thinking "${role}"
  # A run that was killed left its journal, and no result: what it paid for is not paid for again.
  if [[ -z ${SUPERLOOP_RLMS_SCRIPT-} && -s ${output_dir}/journal.jsonl && ! -e ${output_dir}/result.json ]]; then
    RLMS_IS_RESUMED=true
    _rlms_invoke_door "${output_dir}" "${flags[@]}" --resume || status=$?
    # the journal may be of another question by now
    if ((status == 2)) && grep -qs '"error_code": "invalid_config"' "${output_dir}/result.json"; then
      status=0 RLMS_IS_RESUMED=false
      _rlms_invoke_door "${output_dir}" "${flags[@]}" || status=$?
    fi
  else
    _rlms_invoke_door "${output_dir}" "${flags[@]}" || status=$?
  fi
  runner::unset_thinking
  return "${status}"
}

# _rlms_invoke_door OUTPUT_DIR FLAG…
_rlms_invoke_door() {
  local said=$1/door-stdout.log complained=$1/door-stderr.log status=0
  shift
  # The worker ends itself at its limit; this is for a door that does not.
  local patience=$((${SL_RLMS_LIMITS_TIMEOUT_SECONDS%.*} + 30))
  process::run "${patience}" /dev/null "${said}" "${complained}" "${SL_RLMS_SCRIPT}" "$@" || status=$?
  _rlms_invoke_drop_empty "${said}" "${complained}"
  return "${status}"
}

# What only our own door knows.
_rlms_invoke_own_flags() {
  _rlms_own=(
    --sandbox "${SL_RLMS_SANDBOX}" --sandbox-require "${SL_RLMS_SANDBOX_REQUIRE}" --progress none
    --concurrency "${SL_RLMS_LIMITS_CONCURRENCY}" --max-errors "${SL_RLMS_LIMITS_MAX_ERRORS}"
  )
  [[ -z ${SL_RLMS_LIMITS_MAX_TOKENS-} ]] || _rlms_own+=(--max-tokens "${SL_RLMS_LIMITS_MAX_TOKENS}")
  [[ -z ${SL_RLMS_LIMITS_MAX_USD-} ]] || _rlms_own+=(--max-usd "${SL_RLMS_LIMITS_MAX_USD}")
  [[ -z ${1} ]] || _rlms_own+=(--task "$1")
  [[ -z ${SL_RLMS_MODELS_ROOT_MODEL-} ]] || _rlms_own+=(--root-model "${SL_RLMS_MODELS_ROOT_MODEL}")
  [[ -z ${SL_RLMS_MODELS_SUBCALL_MODEL-} ]] || _rlms_own+=(--subcall-model "${SL_RLMS_MODELS_SUBCALL_MODEL}")
}

# The environment first, then rlms.models, then the role's own runner.
_rlms_invoke_models() {
  local role=$1 command args mode
  if [[ ${#SL_RLMS_MODELS_ROOT_COMMAND[@]} -gt 0 ]]; then
    json::array_into command "${SL_RLMS_MODELS_ROOT_COMMAND[@]}"
    json::array_into args ${SL_RLMS_MODELS_ROOT_ARGS[@]+"${SL_RLMS_MODELS_ROOT_ARGS[@]}"}
    mode=${SL_RLMS_MODELS_ROOT_PROMPT_MODE:-stdin}
  else
    runner::read "${role}"
    json::array_into command ${RUNNER_COMMAND[@]+"${RUNNER_COMMAND[@]}"}
    json::array_into args ${RUNNER_ARGS[@]+"${RUNNER_ARGS[@]}"}
    mode=${RUNNER_PROMPT_MODE}
  fi
  command=${SUPERLOOP_RLMS_ROOT_COMMAND_JSON:-${command}}
  args=${SUPERLOOP_RLMS_ROOT_ARGS_JSON:-${args}}
  mode=${SUPERLOOP_RLMS_ROOT_PROMPT_MODE:-${mode}}
  _rlms_models=(--root-command-json "${command}" --root-args-json "${args}" --root-prompt-mode "${mode}")
  if [[ ${#SL_RLMS_MODELS_SUBCALL_COMMAND[@]} -gt 0 ]]; then
    json::array_into command "${SL_RLMS_MODELS_SUBCALL_COMMAND[@]}"
    json::array_into args ${SL_RLMS_MODELS_SUBCALL_ARGS[@]+"${SL_RLMS_MODELS_SUBCALL_ARGS[@]}"}
    mode=${SL_RLMS_MODELS_SUBCALL_PROMPT_MODE:-stdin}
  fi
  command=${SUPERLOOP_RLMS_SUBCALL_COMMAND_JSON:-${command}}
  args=${SUPERLOOP_RLMS_SUBCALL_ARGS_JSON:-${args}}
  mode=${SUPERLOOP_RLMS_SUBCALL_PROMPT_MODE:-${mode}}
  _rlms_models+=(--subcall-command-json "${command}" --subcall-args-json "${args}" --subcall-prompt-mode "${mode}")
}

_rlms_invoke_drop_empty() {
  local file
  for file in "$@"; do
    if [[ ! -s ${file} ]]; then file::remove "${file}"; fi
  done
}
