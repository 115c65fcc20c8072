#!/usr/bin/env bats
# superloop.sh run with several loops, and several runs at once.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
}

teardown() { host::end_left; }

@test "several loops run one after the other, each with its own settings" {
  host::door <<<'answer "${F_loop_id}"'
  host::file first.md '- [x] done'
  host::config '
    .runners.reviewer.args = ["first"] | .runners.other = {command: [.runners.reviewer.command[0], "{last_message_file}", "other"]}
    | .loops[0] += {id: "first", roles: {planner: {runner: "planner", model: "m1"}, reviewer: {runner: "reviewer"}}, checklists: ["first.md"],
        tests: {mode: "every", commands: ["echo first"]}, evidence: {enabled: true, artifacts: ["first.md"]},
        rlms: {enabled: true, policy: {force_on: true}, limits: {max_steps: 7, max_tokens: 5}, models: {root: {command: ["root"], args: ["a"], model: "x"}}}}
    | .loops += [{id: "second", spec_file: .loops[0].spec_file, completion_promise: "SECOND", max_iterations: 1, roles: {reviewer: {runner: "other"}},
        rlms: {enabled: true, policy: {force_on: true}}}]'
  host::agent planner <<<'echo "$*" >"${AGENTS}/planner.arguments"'
  host::agent reviewer <<<'if [[ $2 == first ]]; then echo "<promise>DONE</promise>"; else echo "<promise>SECOND</promise>"; fi >"$1"'
  host::run run
  assert_success
  host::without_turns
  assert_output "Loop 'first': iteration 1
Loop 'first' complete at iteration 1.
Loop 'second': iteration 1
Loop 'second' complete at iteration 1.
All loops complete."
  assert_equal "$(cat "${AGENTS}/planner.arguments")" "$(host::loop last_messages/planner.txt first) --model m1"
  assert_equal "$(paste -sd ' ' - <"${TURNS}")" "planner reviewer reviewer"
  # the door of the second loop gets the defaults and its own runner
  run paste -sd ' ' "${TMP}/door.flags-1"
  assert_output --partial '--max-steps 7 '
  assert_output --partial '--root-command-json ["root"] --root-args-json ["a"]'
  run paste -sd ' ' "${TMP}/door.flags-3"
  assert_output --partial '--loop-id second '
  assert_output --partial '--max-steps 40 '
  assert_output --partial "--root-command-json [\"${AGENTS}/reviewer\",\"{last_message_file}\",\"other\"] --root-args-json []"
  host::assert_json "$(host::loop run-summary.json first)" '.entries[0].gates | [.tests, .evidence]' '["ok","ok"]'
  host::assert_json "$(host::loop run-summary.json second)" '.entries[0].gates | [.tests, .evidence]' '["skipped","skipped"]'
  host::assert_json "${REPO}/.superloop/state.json" '[.current_loop_id, .loop_index]' '["second",1]'
}

@test "settings that only the first loop has are not the second loop's" {
  unset SUPERLOOP_RLMS_SCRIPT
  host::config '.loops[0] += {id: "first", roles: {reviewer: {runner: "reviewer"}},
      rlms: {enabled: true, policy: {force_on: true}, limits: {max_tokens: 1}, models: {root: {command: ["rlms:offline"]}}}}
    | .loops += [.loops[0] + {id: "second", rlms: {enabled: true, policy: {force_on: true}, models: {root: {command: ["rlms:offline"]}}}}]'
  host::run run
  assert_success
  host::assert_json "$(host::loop rlms/iter-1/reviewer/result.json first)" .error_code '"limit_exceeded"'
  host::assert_json "$(host::loop rlms/iter-1/reviewer/result.json second)" .ok true
}

@test "what a role does to the configuration changes nothing for the loops that follow" {
  host::config '.loops[0] += {id: "first", roles: {reviewer: {runner: "reviewer"}}}
    | .loops += [.loops[0] + {id: "second", max_iterations: 1, checklists: ["todo.md"]}]'
  host::file todo.md '- [ ] open'
  host::agent reviewer <<<'echo "{}" >"$(dirname "$0")/../repo/.superloop/config.json"; echo "<promise>DONE</promise>" >"$1"'
  host::run run
  assert_failure 1
  assert_line "Loop 'first' complete at iteration 1."
  assert_line "Iteration 1: promise true, tests skipped, checklists remaining, evidence skipped"
}

@test "a loop that stops keeps the later ones from running" {
  host::config '.loops[0].completion_promise = "NEVER" | .loops[0].max_iterations = 1 | .loops += [.loops[0] + {id: "second"}]'
  host::run run
  assert_failure 1
  refute_output --partial second
  assert [ ! -e "$(host::loop events.jsonl second)" ]
}

@test "of two runs of one loop at once the second is refused, and the first is not disturbed" {
  host::agent planner <<EOS
echo here >'${TMP}/here'
until [[ -e '${TMP}/go' ]]; do sleep 0.05; done
EOS
  "${PROJECT_ROOT}/superloop.sh" run --repo "${REPO}" >"${TMP}/first.out" 2>&1 3>&- &
  local first=$! ended=0
  host::wait_until test -e "${TMP}/here"
  cp "${REPO}/.superloop/state.json" "${TMP}/state.before"
  cp "$(host::loop events.jsonl)" "${TMP}/events.before"
  host::run run
  assert_failure 1
  assert_output ""
  assert_equal "${stderr}" "error: loop 'work' is running already (pid ${first})
  code: LOOP_RUNNING
  fix: Wait for it, or end it with superloop.sh cancel."
  cmp "${TMP}/state.before" "${REPO}/.superloop/state.json"
  cmp "${TMP}/events.before" "$(host::loop events.jsonl)"
  : >"${TMP}/go"
  wait "${first}" || ended=$?
  assert_equal "${ended}" 0
  run cat "${TMP}/first.out"
  assert_line "Loop 'work' complete at iteration 1."
  assert_equal "$(paste -sd ' ' - <"${TURNS}")" "planner implementer tester reviewer"
}

@test "a run after one that was killed takes over its lock and goes on" {
  host::agent planner <<EOS
if ((ITERATION == 1)); then echo \$\$ >'${TMP}/agent'; exec sleep 61; fi
EOS
  "${PROJECT_ROOT}/superloop.sh" run --repo "${REPO}" >/dev/null 2>&1 3>&- &
  local first=$!
  host::wait_until test -s "${TMP}/agent"
  kill -KILL "${first}"
  wait "${first}" || : # killed, as it should be
  kill "$(cat "${TMP}/agent")"
  assert [ -e "$(host::loop run.lock)" ]
  host::run run
  assert_success
  assert_line "Loop 'work' complete at iteration 1."
  assert_equal "${stderr}" ""
}

@test "no command takes a loop that neither ran nor is configured" {
  local command
  for command in report usage "status --json" "status --summary" cancel "approve --by me"; do
    # shellcheck disable=SC2086 # a command and its flag
    host::run ${command} --loop wrk
    assert_failure 2
    assert_equal "${stderr}" $'superloop: error: loop id not found: wrk\n  code: invalid_config\n  fix: Did you mean work?'
  done
  host::run run
  host::config '.loops[0].id = "renamed"'
  host::run status --summary --loop work
  assert_success
  assert_output --partial "loop=work "
}
