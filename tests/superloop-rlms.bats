#!/usr/bin/env bats
# superloop.sh run with analyses, through a stand-in for the door: when it is asked, with what, and what comes of it.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
  host::door <<<'answer "marker for ${F_role}"'
}

# The configuration with these rlms settings, and the reviewer alone.
rlms() {
  host::config ".loops[0].roles |= {reviewer} | .loops[0].rlms = ({enabled: true} + $1)"
}

# assert_decision RUN REASON STATUS: what the last run decided for the reviewer
assert_decision() {
  host::assert_json "$(host::loop rlms/latest/reviewer.status.json)" '[.should_run, .reason, .status]' "[$1,\"$2\",\"$3\"]"
  run jq -c 'select(.event == "rlms_decision") | [.data.should_run, .data.reason]' "$(host::loop events.jsonl)"
  assert_equal "${lines[${#lines[@]} - 1]}" "[$1,\"$2\"]"
  if [[ $1 == true ]]; then assert [ -e "${TMP}/door.calls" ]; else assert [ ! -e "${TMP}/door.calls" ]; fi
  rm -f "${TMP}/door.calls"
}

# decides SETTINGS RUN REASON
decides() {
  rlms "$1"
  host::run run
  assert_success
  assert_decision "$2" "$3" "$(if [[ $2 == true ]]; then echo ok; else echo skipped; fi)"
}

@test "without rlms, or with it not enabled, the door is not asked and prompts do not speak of it" {
  local settings
  for settings in . '.loops[0].rlms = {enabled: false, policy: {force_on: true}}'; do
    host::config "${settings}"
    host::run run
    assert_success
    assert [ ! -e "${TMP}/door.calls" ]
    run cat "${AGENTS}/reviewer.prompt-1"
    refute_output --partial RLMS
  done
}

@test "force_on runs an analysis whatever the context, force_off and a role that is off run none" {
  decides '{policy: {force_on: true}}' true force_on
  decides '{policy: {force_off: true}, auto: {max_files: 1}}' false force_off
  decides '{policy: {force_on: true}, roles: {reviewer: false}}' false role_disabled
  host::assert_json "$(host::loop rlms/latest/reviewer.status.json)" .metrics null
}

@test "an explicit false stays false, and only its own role is off" {
  host::config '.loops[0].rlms = {enabled: true, policy: {force_on: true}, roles: {implementer: false}}'
  host::run run
  assert_success
  assert_equal "$(paste -sd ' ' "${TMP}/door.calls")" "planner 1 tester 1 reviewer 1"
  host::assert_json "$(host::loop rlms/latest/implementer.status.json)" '[.status, .reason]' '["skipped","role_disabled"]'
}

@test "in auto mode a threshold is met at its value" {
  # the spec has 3 lines and 32 characters, which are 8 tokens, in 1 file; the configuration is committed with it
  local settings
  for settings in max_lines:3 max_estimated_tokens:8 max_files:1; do
    rlms "{mode: \"auto\", auto: ({max_lines: 999, max_estimated_tokens: 999, max_files: 999} + {${settings}})}"
    host::commit
    host::run run
    assert_decision true auto_threshold ok
    host::assert_json "$(host::loop rlms/latest/reviewer.status.json)" .metrics \
      '{"file_count":1,"line_count":3,"char_count":32,"estimated_tokens":8,"request_detected":false}'
    rm -rf "${REPO}/.superloop/loops"
    rlms "{mode: \"auto\", auto: ({max_lines: 999, max_estimated_tokens: 999, max_files: 999} + {${settings%:*}: $((${settings#*:} + 1))})}"
    host::commit
    host::run run
    assert_decision false auto_not_met skipped
    rm -rf "${REPO}/.superloop/loops"
  done
}

@test "in requested mode the keyword decides, wherever it was said" {
  decides '{mode: "requested", auto: {max_files: 1}}' false request_not_found
  printf '\nASK_NOW\n' >>"${REPO}/.superloop/specs/work.md"
  decides '{mode: "requested", auto: {max_files: 1}, request_keyword: "ASK_NOW"}' true requested_keyword
}

@test "an analysis that was asked for tells in which file: a context file, a last message, a request" {
  local file
  host::config '.loops[0].roles |= {reviewer} | .loops[0].rlms = {enabled: true, mode: "requested"}'
  mkdir -p "$(host::loop last_messages)" "$(host::loop rlms/requests)"
  printf 'RLMS_REQUEST\n' >>"${REPO}/.superloop/specs/work.md"
  for file in .superloop/specs/work.md .superloop/loops/work/last_messages/reviewer.txt .superloop/loops/work/rlms/requests/reviewer.md; do
    printf 'RLMS_REQUEST: why?\n' >"${REPO}/${file}"
    host::run run
    assert_line "  reviewer: analysis (requested_keyword in ${file})"
    assert_equal "$(jq -r 'select(.event == "rlms_decision").data.requested_in' "$(host::loop events.jsonl)" | tail -n 1)" "${file}"
    host::assert_json "$(host::loop rlms/iter-1/reviewer/metadata.json)" .requested_in "\"${file}\""
  done
  "${PROJECT_ROOT}/superloop.sh" report --repo "${REPO}" --out "${TMP}/report.html"
  run cat "${TMP}/report.html"
  assert_output --partial "it was asked for in .superloop/loops/work/rlms/requests/reviewer.md"
}

@test "in hybrid mode a request goes before the thresholds, and either is enough" {
  local low='auto: {max_files: 1}' high='auto: {max_files: 99, max_lines: 9999, max_estimated_tokens: 9999}'
  decides "{mode: \"hybrid\", ${high}}" false hybrid_not_met
  decides "{mode: \"hybrid\", ${low}}" true hybrid_auto
  printf '\nRLMS_REQUEST\n' >>"${REPO}/.superloop/specs/work.md"
  decides "{mode: \"hybrid\", ${high}}" true hybrid_requested
  decides "{mode: \"hybrid\", ${low}}" true hybrid_requested
}

@test "a request that leads to no analysis is not used up" {
  mkdir -p "$(host::loop rlms/requests)"
  printf 'where?\n' >"$(host::loop rlms/requests/reviewer.md)"
  decides '{mode: "auto"}' false auto_not_met
  assert_equal "$(cat "$(host::loop rlms/requests/reviewer.md)")" "where?"
  decides '{policy: {force_off: true}}' false force_off
  assert_equal "$(cat "$(host::loop rlms/requests/reviewer.md)")" "where?"
}

@test "a request whose role did not have its turn is there for the next run" {
  host::door <<<'fail "no luck"'
  mkdir -p "$(host::loop rlms/requests)"
  printf 'where?\n' >"$(host::loop rlms/requests/reviewer.md)"
  rlms '{mode: "requested", policy: {fail_mode: "fail_role"}}'
  host::run run
  assert_failure 1
  assert_equal "$(cat "$(host::loop rlms/requests/reviewer.md)")" "where?"
  rlms '{mode: "requested"}'
  host::run run
  assert_success
  run ! test -e "$(host::loop rlms/requests/reviewer.md)"
  assert_equal "$(cat "$(host::loop rlms/iter-1/reviewer/request.md)")" "where?"
}

@test "a role's own last message asks for its next turn, other roles' do not" {
  host::agent reviewer <<<'if ((ITERATION == 1)); then echo "RLMS_REQUEST: who calls it?"; else echo "<promise>DONE</promise>"; fi >"$1"'
  host::agent planner <<<'echo done >"$1"'
  host::config '.loops[0].roles |= {planner, reviewer} | .loops[0].rlms = {enabled: true, mode: "requested"}'
  host::run run
  assert_success
  assert_equal "$(cat "${TMP}/door.calls")" "reviewer 2"
}

@test "a result and a summary reach the prompt, and the latest files" {
  rlms '{policy: {force_on: true}}'
  host::run run
  assert_success
  assert_equal "${stderr}" ""
  run cat "${AGENTS}/reviewer.prompt-1"
  assert_line "- RLMS result: $(host::loop rlms/iter-1/reviewer/result.json)"
  assert_line "- RLMS summary: $(host::loop rlms/iter-1/reviewer/summary.md)"
  assert_line "- RLMS status: $(host::loop rlms/iter-1/reviewer/status.json)"
  assert_line "- marker for reviewer"
  local file
  for file in result.json:json summary.md:md status.json:status.json; do
    cmp "$(host::loop "rlms/iter-1/reviewer/${file%:*}")" "$(host::loop "rlms/latest/reviewer.${file#*:}")"
  done
}

@test "a failed analysis is a warning, and the role runs without it" {
  host::door <<<'fail "forced failure"'
  rlms '{policy: {force_on: true, fail_mode: "warn_and_continue"}}'
  host::run run
  assert_success
  assert_equal "${stderr}" "warning: RLMS failed for role 'reviewer' (continuing): forced failure"
  assert_line "Loop 'work' complete at iteration 1."
  host::assert_json "$(host::loop rlms/latest/reviewer.status.json)" '[.should_run, .status, .reason, .error]' '[true,"failed","force_on","forced failure"]'
  run cat "${AGENTS}/reviewer.prompt-1"
  refute_output --partial "forced failure"
  refute_output --partial "RLMS Context"
}

@test "a failed analysis fails its role where the policy says so, and the role is not run" {
  host::door <<<'fail "it is \u0022broken\u0022 – really"'
  rlms '{policy: {force_on: true, fail_mode: "fail_role"}}'
  host::run run
  assert_failure 1
  assert_equal "${stderr}" "error: RLMS failed for role 'reviewer' and fail_mode is 'fail_role': it is \"broken\" – really
  code: RLMS_FAILED
  fix: Read $(host::loop rlms/iter-1/reviewer), or set rlms.policy.fail_mode to warn_and_continue."
  assert [ ! -e "${TURNS}" ]
  host::assert_json "${REPO}/.superloop/state.json" .active false
  assert [ ! -e "$(host::loop run.lock)" ]
  run jq -c '[.event, .role, .status, .message // .data.reason]' <(tail -n 2 "$(host::loop events.jsonl)")
  assert_output '["rlms_end","reviewer","failed","it is \"broken\" – really"]
["loop_stopped","reviewer","stopped","rlms_failed"]'
}

@test "a door that fails without a result, or is not there, is told by its status" {
  rlms '{policy: {force_on: true}}'
  host::door <<<'exit 9'
  host::run run
  assert_success
  assert_equal "${stderr}" "warning: RLMS failed for role 'reviewer' (continuing): rlms script exited with status 9"
  host::door <<<'printf "no json" >"${F_output_dir}/result.json"; exit 3'
  host::run run
  assert_equal "${stderr}" "warning: RLMS failed for role 'reviewer' (continuing): rlms script exited with status 3"
  SUPERLOOP_RLMS_SCRIPT=${TMP}/none host::run run
  assert_equal "${stderr}" "warning: RLMS failed for role 'reviewer' (continuing): rlms script exited with status 127"
}

@test "a door that succeeds and leaves nothing has failed" {
  host::door <<<':'
  rlms '{policy: {force_on: true}}'
  host::run run
  assert_success
  assert_equal "${#stderr_lines[@]}" 1
  run printf '%s' "${stderr}"
  assert_output --partial "RLMS failed for role 'reviewer' (continuing): "
  assert_output --partial "result.json"
  host::assert_json "$(host::loop rlms/latest/reviewer.status.json)" .status '"failed"'
}
