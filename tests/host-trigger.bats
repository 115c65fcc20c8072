#!/usr/bin/env bats
# rlms/trigger: whether a role gets an analysis, and why.

setup() {
  load helpers/host
  host::setup
  host::source lib/failure rlms/trigger
}

# The contract, first rule first: enabled role_enabled mode force_on force_off threshold requested -> run reason
RULES='
false *     *         *     *     *     *     false disabled
true  false *         *     *     *     *     false role_disabled
true  true  *         *     true  *     *     false force_off
true  true  *         true  false *     *     true  force_on
true  true  auto      false false true  *     true  auto_threshold
true  true  auto      false false false *     false auto_not_met
true  true  requested false false *     true  true  requested_keyword
true  true  requested false false *     false false request_not_found
true  true  hybrid    false false *     true  true  hybrid_requested
true  true  hybrid    false false true  false true  hybrid_auto
true  true  hybrid    false false false false false hybrid_not_met
'

# expected_for "ENABLED … REQUESTED": sets EXPECTED
expected_for() {
  local enabled role mode on off threshold requested run reason pattern
  while read -r enabled role mode on off threshold requested run reason; do
    pattern="${enabled} ${role} ${mode} ${on} ${off} ${threshold} ${requested}"
    # shellcheck disable=SC2053 # the rules are patterns
    if [[ -n ${reason} && $1 == ${pattern} ]]; then
      EXPECTED="${run} ${reason}"
      return
    fi
  done <<<"${RULES}"
  fail "no rule for $1"
}

@test "every combination of settings, thresholds and requests is decided as the contract says" {
  local facts run reason count=0
  for facts in {true,false}" "{true,false}" "{auto,requested,hybrid}" "{true,false}" "{true,false}" "{true,false}" "{true,false}; do
    expected_for "${facts}"
    # shellcheck disable=SC2086 # seven words
    rlms::trigger::decide_into run reason ${facts}
    assert_equal "${facts}: ${run} ${reason}" "${facts}: ${EXPECTED}"
    count=$((count + 1))
  done
  assert_equal "${count}" 192
}

@test "a mode that there is not is refused by name" {
  local run reason
  run rlms::trigger::decide_into run reason true true sometimes false false true true
  assert_failure 2
  assert_line "error: there is no RLMS mode 'sometimes'"
  assert_line "  code: RLMS_CONFIG_INVALID"
  assert_line "  fix: Use auto, requested or hybrid."
}
