#!/usr/bin/env bats
# The canary: its loop, and the assertions over it.

setup() {
  load helpers/host
  host::setup
  unset GITHUB_ACTIONS
  STATUS=${TMP}/reviewer.status.json RESULT=${TMP}/reviewer.json
  write_status ok true
  write_result '["It works."]' '[{"signal":"definition"}]'
}

write_status() { printf '{"status":"%s","should_run":%s}\n' "$1" "$2" >"${STATUS}"; }

# write_result HIGHLIGHTS CITATIONS [OK]
write_result() { printf '{"ok":%s,"highlights":%s,"citations":%s}\n' "${3:-true}" "$1" "$2" >"${RESULT}"; }

# assert_canary [FLAG…]
assert_canary() { run --separate-stderr "${PROJECT_ROOT}/scripts/assert-rlms-canary.sh" --status-file "${STATUS}" "$@"; }

# assert_fails MESSAGE…: status 1, and each told on a line.
assert_fails() {
  assert_failure 1
  assert_output ""
  assert_equal "${stderr}" "$(printf 'RLMS canary assertion failed: %s\n' "$@")"
}

@test "an analysis that is well passes, and its figures are told" {
  assert_canary --require-highlight-pattern 'w.rks'
  assert_success
  assert_output "RLMS canary assertions passed: status=ok, should_run=true, citations=1, non_fallback_citations=1"
  assert_equal "${stderr}" ""
}

@test "a status that is not ok fails" {
  write_status failed true
  assert_canary
  assert_fails "expected status=ok, got failed in ${STATUS}"
}

@test "should_run is required unless it is not" {
  write_status ok false
  assert_canary
  assert_fails "expected should_run=true in ${STATUS}"
  assert_canary --require-should-run=false
  assert_success
  RLMS_CANARY_REQUIRE_SHOULD_RUN=false assert_canary
  assert_success
}

@test "a result that is not ok, or is not there, fails" {
  write_result '[]' '[{"signal":"definition"}]' false
  assert_canary
  assert_fails "expected ok=true in ${RESULT}"
  rm "${RESULT}"
  assert_canary
  assert_fails "result file not found: ${RESULT}"
}

@test "too few citations fail with the threshold, from the flag or the environment" {
  assert_canary --min-citations 2
  assert_fails 'citation threshold failed: expected >= 2 (--min-citations), got 1'
  RLMS_CANARY_MIN_CITATIONS=3 assert_canary
  assert_fails 'citation threshold failed: expected >= 3 (--min-citations), got 1'
  RLMS_CANARY_MIN_CITATIONS=3 assert_canary --min-citations 1
  assert_success
  write_result '[]' '[]'
  assert_canary --min-citations 0 --min-non-fallback-citations 0
  assert_success
}

@test "citations that only point at a file do not count as found" {
  write_result '[]' '[{"signal":"file_reference"},{"signal":"definition"}]'
  assert_canary --min-non-fallback-citations 2
  assert_fails 'non-fallback citation threshold failed: expected >= 2 (--min-non-fallback-citations), got 1 (fallback signals: file_reference)'
  assert_canary --fallback-signals 'file_reference, definition'
  assert_fails 'non-fallback citation threshold failed: expected >= 1 (--min-non-fallback-citations), got 0 (fallback signals: file_reference, definition)'
  RLMS_CANARY_FALLBACK_SIGNALS=definition RLMS_CANARY_MIN_NON_FALLBACK_CITATIONS=2 assert_canary
  assert_fails 'non-fallback citation threshold failed: expected >= 2 (--min-non-fallback-citations), got 1 (fallback signals: definition)'
  assert_canary --fallback-signals '' --min-non-fallback-citations 2
  assert_success
}

@test "a citation that does not verify does not count" {
  write_result '[]' '[{"signal":"definition","verified":false},{"signal":"definition","verified":true}]'
  assert_canary --min-citations 2
  assert_fails 'citation threshold failed: expected >= 2 (--min-citations), got 1'
}

@test "a highlight must match the pattern, from the flag or the environment" {
  assert_canary --require-highlight-pattern '^works'
  assert_fails 'required highlight pattern not found: ^works (--require-highlight-pattern)'
  RLMS_CANARY_REQUIRE_HIGHLIGHT_PATTERN=nothing assert_canary
  assert_fails 'required highlight pattern not found: nothing (--require-highlight-pattern)'
}

@test "everything that fails is told at once" {
  write_status skipped false
  write_result '[]' '[]' false
  assert_canary --require-highlight-pattern x
  assert_failure 1
  assert_equal "${#stderr_lines[@]}" 6
}

@test "the result stands beside the status" {
  mkdir "${TMP}/iteration"
  mv "${STATUS}" "${TMP}/iteration/status.json"
  mv "${RESULT}" "${TMP}/iteration/result.json"
  run "${PROJECT_ROOT}/scripts/assert-rlms-canary.sh" --status-file "${TMP}/iteration/status.json"
  assert_success
}

@test "a result of another place is named by its flag" {
  mv "${RESULT}" "${TMP}/other.json"
  assert_canary
  assert_fails "result file not found: ${RESULT}"
  assert_canary --result-file "${TMP}/other.json"
  assert_success
  printf '{' >"${TMP}/other.json"
  assert_canary --result-file "${TMP}/other.json"
  assert_failure 2
  assert_output ""
  [[ ${stderr} == *"assert-rlms-canary: error: ${TMP}/other.json is no JSON"* ]]
}

@test "wrong use is named, status 2" {
  local flags message
  while IFS='|' read -r flags message; do
    # shellcheck disable=SC2086 # flags are words
    assert_canary ${flags}
    assert_failure 2
    assert_equal "${stderr_lines[0]}" "assert-rlms-canary: error: ${message}"
  done <<'EOF'
--min-citations x|--min-citations must be a whole number, not 'x'
--min-non-fallback-citations -1|--min-non-fallback-citations must be a whole number, not '-1'
--require-should-run yes|--require-should-run must be true or false, not 'yes'
--min-citations|--min-citations needs a value
--colour red|there is no flag --colour
--require-highlight-pattern (|--require-highlight-pattern is no regular expression: (
EOF
  run "${PROJECT_ROOT}/scripts/assert-rlms-canary.sh"
  assert_failure 2
  assert_line --index 0 'assert-rlms-canary: error: --status-file is missing'
  echo '{"ok' >"${TMP}/cut"
  assert_canary --result-file "${TMP}/cut"
  assert_failure 2
  assert_regex "${stderr}" "assert-rlms-canary: error: ${TMP}/cut is no JSON"
  assert_canary --status-file "${TMP}/none"
  assert_fails "status file not found: ${TMP}/none"
}

@test "the help names every flag" {
  run "${PROJECT_ROOT}/scripts/assert-rlms-canary.sh" --help
  assert_success
  assert_line --index 0 'Usage: scripts/assert-rlms-canary.sh --status-file FILE [options]'
  local flag
  for flag in status-file result-file require-should-run min-citations min-non-fallback-citations fallback-signals require-highlight-pattern; do
    assert_output --partial "--${flag} "
  done
}

# The loop of this repository, in a copy of what it needs.
copy_canary() {
  mkdir -p "${REPO}/.superloop"
  cp -R "${PROJECT_ROOT}/.superloop/config.json" "${PROJECT_ROOT}/.superloop/canary" "${PROJECT_ROOT}/.superloop/specs" "${REPO}/.superloop/"
  git -C "${REPO}" init -q
}

@test "the canary of this repository completes with an analysis that passes, the same every time" {
  local first latest
  copy_canary
  host::run validate --static
  assert_success
  host::run run --loop rlms-canary
  assert_success
  assert_output --partial "Loop 'rlms-canary' complete at iteration 1."
  latest=$(host::loop rlms/latest rlms-canary)
  run "${PROJECT_ROOT}/scripts/assert-rlms-canary.sh" --status-file "${latest}/reviewer.status.json" \
    --min-citations 4 --min-non-fallback-citations 4 --require-highlight-pattern '^7 definitions; '
  assert_success
  first=$(jq -cS '[.highlights, .citations, .final]' "${latest}/reviewer.json")
  rm -rf "${REPO}/.superloop/loops"
  host::run run --loop rlms-canary
  assert_success
  assert_equal "$(jq -cS '[.highlights, .citations, .final]' "${latest}/reviewer.json")" "${first}"
}

@test "a canary whose analysis fails does not complete" {
  copy_canary
  SUPERLOOP_RLMS_ROOT_COMMAND_JSON='["false"]' host::run run --loop rlms-canary
  assert_failure 1
  run "${PROJECT_ROOT}/scripts/assert-rlms-canary.sh" --status-file "$(host::loop rlms/latest/reviewer.status.json rlms-canary)"
  assert_failure 1
  assert_line --index 0 --partial 'expected status=ok, got failed in '
}

# .ci/run in a tree of stand-ins that tell when they are called.
ci() {
  local name
  mkdir -p "${TMP}/tree/.ci" "${TMP}/tree/scripts"
  cp "${PROJECT_ROOT}/.ci/run" "${TMP}/tree/.ci/run"
  for name in superloop.sh scripts/setup scripts/assert-rlms-canary.sh scripts/test; do
    # shellcheck disable=SC2016 # a script
    printf '#!/bin/sh\necho "%s"\n[ "%s" != "$FAILING" ]\n' "${name##*/}" "${name##*/}" >"${TMP}/tree/${name}"
    chmod +x "${TMP}/tree/${name}"
  done
  FAILING=$1 run "${TMP}/tree/.ci/run"
}

@test "continuous integration runs the canary before the tests, and fails with either" {
  ci none
  assert_success
  assert_output $'setup\nsuperloop.sh\nassert-rlms-canary.sh\ntest'
  ci assert-rlms-canary.sh
  assert_failure 1
  assert_output $'setup\nsuperloop.sh\nassert-rlms-canary.sh\ntest'
  ci superloop.sh
  assert_failure 1
  assert_output $'setup\nsuperloop.sh\ntest'
  ci test
  assert_failure 1
}
