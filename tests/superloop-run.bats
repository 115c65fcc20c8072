#!/usr/bin/env bats
# superloop.sh run: roles, iterations, gates, endings.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
}

turns() {
  paste -sd ' ' - <"${TURNS}"
}

@test "the four roles run in their order, and the promise completes the loop" {
  host::run run
  assert_success
  host::without_turns
  assert_output "Loop 'work': iteration 1
Loop 'work' complete at iteration 1.
All loops complete."
  assert_equal "${stderr}" ""
  assert_equal "$(turns)" "planner implementer tester reviewer"
  host::assert_json "${REPO}/.superloop/state.json" '[.active, .iteration, .current_loop_id]' '[false,1,"work"]'
  assert [ ! -e "$(host::loop run.lock)" ]
}

@test "only the roles named run, in the fixed order" {
  host::config '.loops[0].roles |= {reviewer, planner}'
  host::run run --loop work
  assert_success
  host::without_turns
  assert_output "Loop 'work': iteration 1
Loop 'work' complete at iteration 1."
  assert_equal "$(turns)" "planner reviewer"
  host::config '.loops[0].roles = ["reviewer", "tester"] | .role_defaults = (["tester", "reviewer"] | map({key: ., value: {runner: .}}) | from_entries)'
  rm "${TURNS}"
  host::run run
  assert_success
  assert_equal "$(turns)" "tester reviewer"
}

@test "without a promise the loop goes on, and stops at its limit with status 1" {
  host::agent reviewer <<<'if ((ITERATION == 2)); then echo "<promise>WRONG</promise>"; else echo no; fi >"$1"'
  host::config '.loops[0].max_iterations = 2'
  host::run run
  assert_failure 1
  host::without_turns
  assert_output "Loop 'work': iteration 1
Iteration 1: promise false, tests skipped, checklists ok, evidence skipped
Loop 'work': iteration 2
Iteration 2: promise false, tests skipped, checklists ok, evidence skipped
Max iterations reached for loop 'work' (2). Stopping.
What does not hold yet: $(host::loop iteration_notes.md)
For more iterations, in a new run: superloop.sh run --repo ${REPO} --loop work"
  assert_equal "$(turns)" "planner implementer tester reviewer planner implementer tester reviewer"
  host::assert_json "${REPO}/.superloop/state.json" '[.active, .iteration]' '[false,2]'
}

@test "a loop completes at the iteration in which the promise comes" {
  host::agent reviewer <<<'if ((ITERATION == 3)); then echo "<promise> DONE </promise>"; fi >"$1"'
  host::config '.loops[0].max_iterations = 0'
  host::run run
  assert_success
  assert_line "Loop 'work' complete at iteration 3."
}

@test "the promise alone does not complete a loop whose tests, checklists or evidence do not hold" {
  local gate
  host::file todo.md '- [ ] open'
  for gate in 'tests = {mode: "every", commands: ["exit 1"]}' 'tests = {mode: "on_promise", commands: ["exit 1"]}' \
    'checklists = ["todo.md"]' 'evidence = {enabled: true, require_on_completion: true, artifacts: ["none.txt"]}'; do
    host::config ".loops[0].max_iterations = 1 | .loops[0].${gate}"
    host::run run
    assert_failure 1
    assert_line --partial "Iteration 1: promise true, "
    refute_output --partial "complete at iteration"
  done
  host::config '.loops[0].evidence = {enabled: true, require_on_completion: false, artifacts: ["none.txt"]}'
  host::run run
  assert_success
}

@test "work that the roles do opens the gates" {
  host::file todo.md '- [ ] write the file'
  host::agent implementer <<<'cd "$(dirname "$0")/../repo"; if ((ITERATION == 2)); then sed -i.bak "s/\[ \]/[x]/" todo.md; echo yes >result.txt; fi'
  host::config '.loops[0] += {checklists: ["todo.md"], tests: {mode: "every", commands: ["grep -q yes result.txt"]},
    evidence: {enabled: true, require_on_completion: true, artifacts: ["result.txt"]}}'
  host::run run
  assert_success
  assert_line "Iteration 1: promise true, tests failed, checklists remaining, evidence failed"
  assert_line "Loop 'work' complete at iteration 2."
  run cat "$(host::loop gate-summary.txt)"
  assert_output "promise=true tests=ok validation=skipped checklist=ok evidence=ok stuck=n/a approval=skipped"
  host::assert_json "$(host::loop run-summary.json)" '.entries | map([.iteration, .completion_ok, .gates.tests])' '[[1,false,"failed"],[2,true,"ok"]]'
}

@test "a role that fails ends the run with its last words, and the loop is not active" {
  host::agent tester <<<'for n in 1 2 3 4 5 6 7; do echo "complaint ${n}" >&2; done; exit 7'
  host::run run
  assert_failure 1
  assert_equal "${stderr}" "complaint 3
complaint 4
complaint 5
complaint 6
complaint 7
error: role 'tester' failed (exit 7)
  code: ROLE_FAILED
  fix: Read $(host::loop logs/iter-1)/tester.log and tester.stderr.log there. Then go on with the tester of iteration 1: superloop.sh run --repo ${REPO} --loop work"
  assert_equal "$(turns)" "planner implementer tester"
  host::assert_json "${REPO}/.superloop/state.json" '[.active, .role]' '[false,"tester"]'
  assert [ ! -e "$(host::loop run.lock)" ]
  run jq -c '[.event, .role, .status, .data.exit_status // .data.reason]' <(tail -n 2 "$(host::loop events.jsonl)")
  assert_output '["role_end","tester","failed",7]
["loop_stopped","tester","stopped","role_failed"]'
}

@test "of a role that fails without a complaint only the log that is there is named" {
  host::agent tester <<<'exit 7'
  host::run run
  assert_failure 1
  assert_equal "${stderr}" "error: role 'tester' failed (exit 7)
  code: ROLE_FAILED
  fix: Read $(host::loop logs/iter-1)/tester.log. Then go on with the tester of iteration 1: superloop.sh run --repo ${REPO} --loop work"
  assert [ ! -e "$(host::loop logs/iter-1)/tester.stderr.log" ]
}

@test "a role whose time is over ends with its whole group, and so does the run" {
  host::agent implementer <<EOS
trap 'wait; exit 143' TERM
echo \$\$ >>'${TMP}/pids'
bash -c 'trap "wait; exit 143" TERM; echo \$\$ >>"${TMP}/pids"; sleep 61 & echo \$! >>"${TMP}/pids"; wait' &
wait
EOS
  host::config '.loops[0].timeouts = {enabled: true, default: 60, implementer: 1}'
  host::run run
  assert_failure 1
  assert_equal "${stderr}" "error: role 'implementer' timed out after 1s
  code: ROLE_TIMED_OUT
  fix: Raise loops[].timeouts.implementer, or give it less to do. Then go on with the implementer of iteration 1: superloop.sh run --repo ${REPO} --loop work"
  assert_equal "$(grep -c '' "${TMP}/pids")" 3
  host::assert_gone "${TMP}/pids"
  assert_equal "$(turns)" "planner implementer"
  host::assert_json "${REPO}/.superloop/state.json" .active false
  run jq -c '[.event, .role, .status, .data.timeout_seconds // .data.reason]' <(tail -n 2 "$(host::loop events.jsonl)")
  assert_output '["role_timeout","implementer","timeout",1]
["loop_stopped","implementer","stopped","role_timeout"]'
}

@test "a run that breaks down is told, and the loop is not active" {
  mkdir "${TMP}/bin"
  printf '#!/bin/sh\ncase "$*" in *run-summary.jq*) exit 9 ;; *) exec %q "$@" ;; esac\n' "$(command -v jq)" >"${TMP}/bin/jq"
  chmod +x "${TMP}/bin/jq"
  PATH=${TMP}/bin:${PATH} host::run run
  assert_failure 9
  assert_equal "${stderr}" "error: the run ended unexpectedly (status 9)
  code: RUN_FAILED
  fix: Read what stands above. Then go on with: superloop.sh run --repo ${REPO} --loop work"
  host::assert_json "${REPO}/.superloop/state.json" .active false
  assert [ ! -e "$(host::loop run.lock)" ]
  run jq -c '[.event, .data.reason]' <(tail -n 1 "$(host::loop events.jsonl)")
  assert_output '["loop_stopped","failed with status 9"]'
}

@test "a role that ends with 124 by itself has failed, not run out of time" {
  host::agent planner <<<'exit 124'
  host::run run
  assert_failure 1
  assert_equal "${stderr_lines[0]}" "error: role 'planner' failed (exit 124)"
}

@test "time limits hold only where they are enabled" {
  host::agent planner <<<'exec sleep 1.2'
  host::config '.loops[0].timeouts = {enabled: false, default: 1, planner: 1}'
  host::run run
  assert_success
  host::config '.loops[0].timeouts = {enabled: true, default: 1, planner: 0}'
  host::run run
  assert_failure 1
  assert_equal "${stderr_lines[0]}" "error: role 'planner' timed out after 1s"
}

@test "a runner that answers on standard output is heard as well" {
  host::agent reviewer <<<'echo "Looks good. <promise>DONE</promise>"'
  host::run run
  assert_success
  assert_line "Loop 'work' complete at iteration 1."
  assert_equal "$(cat "$(host::loop last_messages/reviewer.txt)")" "Looks good. <promise>DONE</promise>"
}

@test "the last-message file goes before standard output, and an earlier one is not taken for this one's" {
  host::agent reviewer <<<'if ((ITERATION == 1)); then echo "not yet" >"$1"; echo "<promise>DONE</promise>"; else echo quiet; fi'
  host::config '.loops[0].max_iterations = 1'
  host::run run
  assert_failure 1
  host::agent reviewer <<<'echo "<promise>DONE</promise>" >"$1"'
  host::run run
  assert_success
  host::agent reviewer <<<':'
  host::run run
  assert_failure 1
  assert_line "Iteration 1: promise false, tests skipped, checklists ok, evidence skipped"
}

@test "--fast gives runners their fast arguments" {
  host::config '.runners.planner += {args: ["slow"], fast_args: ["fast"]}'
  host::agent planner <<<'echo "$2" >"${AGENTS}/speed"'
  host::run run
  assert_equal "$(cat "${AGENTS}/speed")" slow
  host::run run --fast
  assert_equal "$(cat "${AGENTS}/speed")" fast
}

@test "a configuration that is wrong is not run, by the static check either unless it is skipped" {
  host::config '.loops[0].rlms.mode = "x"'
  host::run run
  assert_failure 2
  host::run run --skip-validate
  assert_failure 2
  assert [ ! -e "${TURNS}" ]
  host::config '.loops[0].spec_file = "none.md"'
  host::run run
  assert_failure 2
  assert_equal "${stderr_lines[1]}" "  code: SPEC_FILE_MISSING"
  assert [ ! -e "${TURNS}" ]
  host::run run --skip-validate
  assert_success
}

@test "a loop that is not there is refused with the one that was probably meant" {
  host::run run --loop wrk
  assert_failure 2
  assert_equal "${stderr}" $'superloop: error: loop id not found: wrk\n  code: invalid_config\n  fix: Did you mean work?'
  host::run run --loop something-else
  assert_equal "${stderr_lines[2]}" "  fix: The loops are work."
}
