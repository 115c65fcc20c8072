#!/usr/bin/env bats
# An analysis belongs to its iteration and its run: a later one neither shows it to a role nor lists it as its own.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
  host::door <<<'answer "marker of call ${CALL}"'
}

# The reviewer alone, with these rlms settings; its promise comes in its Nth turn.
# reviewer_with SETTINGS TURN
reviewer_with() {
  host::agent reviewer <<<"if ((ITERATION >= $2)); then echo '<promise>DONE</promise>' >\"\$1\"; fi"
  host::config ".loops[0].roles |= {reviewer} | .loops[0].evidence.enabled = true | .loops[0].rlms = ({enabled: true} + $1)"
}

# assert_no_analysis PROMPT: neither the prompt nor the latest files show one
assert_no_analysis() {
  run cat "${AGENTS}/$1"
  refute_output --partial marker
  refute_output --partial "RLMS result"
  refute_output --partial "RLMS Context"
  run ! test -e "$(host::loop rlms/latest/reviewer.json)"
  run ! test -e "$(host::loop rlms/latest/reviewer.md)"
}

request_analysis() {
  mkdir -p "$(host::loop rlms/requests)"
  echo "question" >"$(host::loop rlms/requests/reviewer.md)"
}

@test "an iteration without an analysis does not see the one before it" {
  reviewer_with '{mode: "requested"}' 2
  request_analysis
  host::run run
  assert_success
  assert_equal "$(cat "${TMP}/door.calls")" "reviewer 1"
  run cat "${AGENTS}/reviewer.prompt-1"
  assert_line "- marker of call 1"
  assert_no_analysis reviewer.prompt-2
  host::assert_json "$(host::loop rlms/latest/reviewer.status.json)" '[.status, .reason]' '["skipped","request_not_found"]'
  host::assert_json "$(host::loop evidence.json)" '.rlms.latest | map(.path | split("/")[-1])' '["reviewer.status.json"]'
}

@test "an iteration whose analysis failed does not see the one before it" {
  host::door <<<'if ((CALL == 2)); then exit 9; fi; answer "marker of call ${CALL}"'
  reviewer_with '{policy: {force_on: true}}' 2
  host::run run
  assert_success
  assert_no_analysis reviewer.prompt-2
  host::assert_json "$(host::loop rlms/latest/reviewer.status.json)" '[.status, .error]' '["failed","rlms script exited with status 9"]'
}

@test "each iteration sees its own analysis" {
  reviewer_with '{policy: {force_on: true}}' 3
  host::run run
  assert_success
  local iteration
  for iteration in 1 2 3; do
    run grep -h marker "${AGENTS}/reviewer.prompt-${iteration}"
    assert_output "- marker of call ${iteration}"
  done
  run cat "$(host::loop rlms/latest/reviewer.md)"
  assert_line "- marker of call 3"
}

# A first run with an analysis that went well, and then a door like this for the second.
second_run_with() {
  reviewer_with '{policy: {force_on: true}}' 1
  host::run run
  assert_success
  host::door
}

@test "a later run whose door fails without a word does not see the first run's analysis" {
  second_run_with <<<'exit 9'
  host::run run
  assert_success
  assert_equal "${stderr}" "warning: RLMS failed for role 'reviewer' (continuing): rlms script exited with status 9"
  assert_no_analysis reviewer.prompt-2
}

@test "a later run whose door succeeds without a result does not take the first run's for it" {
  second_run_with <<<':'
  host::run run
  assert_success
  host::assert_json "$(host::loop rlms/latest/reviewer.status.json)" .status '"failed"'
  assert_no_analysis reviewer.prompt-2
}

@test "a later run's failure is told in its own words, not in those of an earlier failure" {
  second_run_with <<<'fail "the first failure"'
  host::run run
  assert_equal "${stderr}" "warning: RLMS failed for role 'reviewer' (continuing): the first failure"
  host::door <<<'exit 9'
  host::run run
  assert_equal "${stderr}" "warning: RLMS failed for role 'reviewer' (continuing): rlms script exited with status 9"
}

@test "a later run with a result and no summary does not show the first run's summary" {
  second_run_with <<<'printf "{\"ok\":true}\n" >"${F_output_dir}/result.json"'
  host::run run
  assert_success
  run cat "${AGENTS}/reviewer.prompt-2"
  assert_line --partial "RLMS result"
  refute_output --partial marker
  run ! test -e "$(host::loop rlms/latest/reviewer.md)"
}

@test "the evidence of a run without an analysis lists none, whether it was skipped or RLMS is off" {
  local settings
  for settings in '{mode: "requested"}' '{enabled: false}'; do
    rm -rf "${REPO}/.superloop/loops" "${TURNS}"
    second_run_with <<<':'
    reviewer_with "${settings}" 1
    host::run run
    assert_success
    assert_no_analysis reviewer.prompt-2
    host::assert_json "$(host::loop evidence.json)" '[.rlms.latest[], .rlms.files[] | .path | split("/")[-1] | select(test("result.json|summary.md|reviewer.json|reviewer.md"))]' '[]'
  done
}
