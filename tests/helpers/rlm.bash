# Shared by tests/rlm-*.bats: the rlm command in a folder of its own, without the settings of whoever runs the tests.
# Everything lies in BATS_TEST_TMPDIR. Use: load helpers/rlm, then set_up_rlm in setup().

set_up_rlm() {
  bats_require_minimum_version 1.5.0
  load helpers/common
  local name
  for name in "${!RLM_@}" "${!RLMS_@}" "${!SUPERLOOP_RLMS_@}" NODE_EXTRA_CA_CERTS OPENAI_API_KEY ANTHROPIC_API_KEY; do
    if [[ ${name} != SUPERLOOP_RLMS_PYTHON ]]; then unset "${name}"; fi
  done
  TMP=${BATS_TEST_TMPDIR}
  export HOME=${TMP}/home XDG_STATE_HOME=${TMP}/state XDG_CONFIG_HOME=${TMP}/config
  SCRIPT=${TMP}/script.json
  # for bash, env and node; no agent program must be found
  mkdir -p "${TMP}/bin" "${TMP}/work" "${HOME}"
  ln -s "$(command -v node)" "${TMP}/bin/node"
  PATH=${TMP}/bin:/usr/bin:/bin
  cd "${TMP}/work" || return 1
  printf 'first line\nthe answer is 42\n' >notes.txt
}

rlm() { run --separate-stderr "${PROJECT_ROOT}/dist/rlm.cjs" "$@"; }

# The model of the run replies with these pieces of code, one a step; sub-calls are answered with "sub answer".
code() {
  jq -n '{root: [$ARGS.positional[] | "```python\n\(.)\n```"], sub: ["sub answer"]}' --args "$@" >"${SCRIPT}"
  MODEL=(--model "[\"rlms:scripted\",\"${SCRIPT}\"]")
}

# The same with replies as they are.
replies() {
  jq -n '{root: $ARGS.positional, sub: ["sub answer"]}' --args "$@" >"${SCRIPT}"
  MODEL=(--model "[\"rlms:scripted\",\"${SCRIPT}\"]")
}

# assert_json FILTER VALUE: what the filter finds in the one document on standard output.
assert_json() { assert_equal "$(jq -c "$1" <<<"${output}")" "$2"; }

# assert_refused STATUS MESSAGE FIX: told on standard error, nothing on standard output.
assert_refused() {
  assert_equal "${status} ${output}" "$1 "
  assert_equal "${stderr}" "rlm: error: $2"$'\n'"  code: invalid_config"$'\n'"  fix: $3"
}
