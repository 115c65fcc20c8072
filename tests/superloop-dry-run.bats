#!/usr/bin/env bats
# What is said before anything runs: --dry-run, and programs that are not there.

setup() {
  load helpers/host
  host::setup
  host::make_repo
}

@test "--dry-run says what would run, and runs nothing" {
  host::config '.loops[0] += {checklists: ["todo.md", "docs/*.md"], tests: {mode: "every", commands: ["npm test"]}, rlms: {enabled: true},
      evidence: {enabled: true}, roles: {planner: {runner: "planner", model: "m 1"}}} | .loops += [.loops[0] + {id: "second", max_iterations: 0}]'
  cp -R "${REPO}" "${TMP}/before"
  host::run run --dry-run --loop work
  assert_success
  assert_output "Loop 'work' would run 3 iterations at most of .superloop/specs/work.md, until <promise>DONE</promise>:
  planner: ${AGENTS}/planner $(host::loop last_messages/planner.txt) --model m\\ 1
  rlms: hybrid; the role's own runner answers, with all that it may do; rlms.models names another, such as rlms:claude
  tests, every: npm test
  checklists: todo.md; docs/*.md
  evidence, not required"
  host::run run --dry-run
  assert_success
  assert_line --partial "Loop 'second' would run iterations without a limit"
  refute_line "All loops complete."
  assert [ ! -e "${TURNS}" ]
  diff -r "${TMP}/before" "${REPO}"
}

@test "--dry-run has no line for what a loop does not have" {
  host::run run --dry-run
  assert_success
  assert_equal "$(sed 1d <<<"${output}" | cut -d : -f 1 | paste -sd ' ' -)" "  planner   implementer   tester   reviewer"
}

@test "--dry-run names the model of analyses, and programs that are not there" {
  host::config '.loops[0].rlms = {enabled: true, models: {root: {command: ["rlms:claude"], args: ["--model", "opus"]}}} | .runners.tester.command = ["no-such-agent"]'
  host::run run --dry-run
  assert_success
  assert_line "  rlms: hybrid; rlms:claude --model opus"
  assert_line "  tester: no-such-agent (there is no such program)"
}

@test "a program that is not there is told before anything runs" {
  local program
  for program in no-such-agent "${TMP}/no-such-agent" bin/agent; do
    host::config ".runners.reviewer.command = [\"${program}\"]"
    host::run run
    assert_failure 2
    assert_equal "${stderr}" "error: there is no program '${program}', which the reviewer runs
  code: PROGRAM_MISSING
  fix: Install it, or correct the command of its runner."
    assert [ ! -e "${TURNS}" ]
  done
  mkdir "${REPO}/bin"
  cp "${AGENTS}/reviewer" "${REPO}/bin/agent"
  host::config '.runners.reviewer.command = ["bin/agent", "{last_message_file}"]'
  host::run run
  assert_success
}
