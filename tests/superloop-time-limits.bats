#!/usr/bin/env bats
# What takes too long: silent roles, and commands of gates and commits.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes
# shellcheck disable=SC2030,SC2031 # each test is a shell of its own

setup() {
  load helpers/host
  host::setup
  host::make_repo
}

events() {
  jq -c "select(.event == \"$1\") | $2" "$(host::loop events.jsonl)"
}

# Its pids are kept, so that none of them is left.
HANGS='bash -c "echo \$\$ >>\"${PIDS}\"; trap \"\" HUP; sleep 61 & echo \$! >>\"${PIDS}\"; wait"'

@test "a role that prints nothing for too long is ended with all that it has started" {
  export PIDS=${TMP}/pids
  host::agent implementer <<<"echo working; ${HANGS}"
  host::config '.loops[0].timeouts = {enabled: true, default: 60, inactivity: 3}'
  host::run run
  assert_failure 1
  assert_equal "${stderr}" "error: role 'implementer' printed nothing for 3s and was ended
  code: ROLE_INACTIVE
  fix: Read $(host::loop logs/iter-1/implementer.log); raise loops[].timeouts.inactivity if its program is silent while it works. Then go on with the implementer of iteration 1: superloop.sh run --repo ${REPO} --loop work"
  host::assert_gone "${PIDS}"
  assert_equal "$(events role_timeout '[.role, .status, .data]')" \
    '["implementer","timeout",{"role":"implementer","reason":"inactivity","inactivity_seconds":3}]'
  assert_equal "$(events loop_stopped .data.reason)" '"role_inactive"'
}

@test "a role that goes on printing is not inactive, and without timeouts.enabled none is" {
  host::agent tester <<<'for i in 1 2 3 4 5 6 7 8; do echo "$i" >&2; sleep 0.5; done'
  host::agent planner <<<'sleep 1.5'
  host::config '.loops[0].timeouts = {enabled: false, inactivity: 1}'
  host::run run
  assert_success
  host::agent planner <<<':'
  host::config '.loops[0].timeouts = {enabled: true, inactivity: 3}'
  host::run run
  assert_success
}

@test "tests that take too long are ended with all that they have started, and have failed" {
  export PIDS=${TMP}/pids
  host::config ".loops[0].max_iterations = 1 | .loops[0].tests = {mode: \"every\", timeout_seconds: 3, commands: [$(jq -Rs . <<<"echo begun; ${HANGS}"), \"echo second\"]}"
  host::run run
  assert_failure 1
  host::assert_gone "${PIDS}"
  host::assert_json "$(host::loop test-status.json)" '[.ok, .exit_code, .reason]' '[false,124,"command_timed_out"]'
  run cat "$(host::loop test-output.txt)"
  assert_line begun
  assert_line "exit_code: 124 (ended after 3s)"
  assert_line second
  run cat "$(host::loop iteration_notes.md)"
  assert_line --partial ": exit 124 (ended after 3s)"
}

@test "so has a validation" {
  host::config '.loops[0].max_iterations = 1 | .loops[0].validation = {enabled: true, require_on_completion: true,
    timeout_seconds: 3, commands: ["sleep 61", "exit 3", "true"]}'
  host::run run
  assert_failure 1
  host::assert_json "$(host::loop validation-status.json)" '[.status, .reason]' '["failed","command_timed_out"]'
  host::assert_json "$(host::loop validation-results.json)" '.commands | map([.exit_code, .reason])' \
    '[[124,"command_timed_out"],[3,"command_failed"],[0,null]]'
  assert_line "  validation: sleep 61: exit 124 (ended after 3s)"
}

@test "a command before the commit that takes too long is ended, and nothing is committed" {
  git -C "${REPO}" config user.name t
  git -C "${REPO}" config user.email t@example.org
  host::agent implementer <<<"echo new >'${REPO}/new.txt'"
  host::config '.loops[0].git = {commit_strategy: "per_iteration", pre_commit_timeout_seconds: 1, pre_commit_commands: ["sleep 61"]}'
  host::run run
  assert_success
  assert_equal "${stderr_lines[0]}" "warning: nothing is committed: the command before it was ended after 1s: sleep 61 (see $(host::loop logs/iter-1/pre-commit.log)); the work stays as it is, and is part of the next commit"
  assert_equal "$(events auto_commit_failed .data.reason)" '"pre_commit_timed_out"'
  assert_equal "$(git -C "${REPO}" log --format=%s)" change
}

@test "a limit of 0 is none, and six hours are the tests' own" {
  host::config '.loops[0].tests = {mode: "every", timeout_seconds: 0, commands: ["sleep 1.2"]}'
  host::run run
  assert_success
  host::config '.loops[0].tests = {mode: "every", commands: ["ps -A -o args= | grep -c \"[s]leep 21600\""]}'
  host::run run
  assert_success
}
