#!/usr/bin/env bats
# Validators and agents that misbehave, and what a run may spend.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/goal
  set_up_goal
}

teardown() { tear_down_goal; }

last_line() { printf '%s\n' "${lines[${#lines[@]} - 1]}"; }

@test "a validator that prints 50 MB is kept whole, and shown by its ends and its errors" {
  cat >chatty <<'END_OF_CHECK'
echo the first line
node -e 'const line = "x".repeat(99) + "\n"; for (let at = 0; at < 260; at++) process.stdout.write(line.repeat(1000))'
echo 'src/a.js:7: error: the needle'
node -e 'const line = "y".repeat(99) + "\n"; for (let at = 0; at < 260; at++) process.stdout.write(line.repeat(1000))'
echo the last line
test -e ready
END_OF_CHECK
  agent <<<'if ((calls == 2)); then touch ready; fi'
  goal --validator 'sh chatty'
  assert_equal "${status}" 0
  assert [ "$(wc -c <"$(run_folder)/rlm/iterations/0000/validator.log")" -gt 50000000 ]
  local prompt=${LOG}.prompt.1
  assert [ "$(wc -c <"${prompt}")" -lt 40000 ]
  assert grep -qx 'the first line' "${prompt}"
  assert grep -qx 'src/a.js:7: error: the needle' "${prompt}"
  assert grep -qx 'the last line' "${prompt}"
  assert grep -q 'lines left out; of them:' "${prompt}"
}

@test "NUL bytes and escape codes of a validator are kept in its log and cleaned for the agent" {
  agent <<<'touch ready'
  goal --validator "printf 'a\\000b\\033[31mred\\033[0m\\007 \\033]0;title\\007end\\r\\nold\\rnew\\n'; test -e ready"
  assert_equal "${status}" 0
  assert grep -qax $'abred end' "${LOG}.prompt.1"
  assert grep -qx 'new' "${LOG}.prompt.1"
  assert_equal "$(tr -cd '\000\033\007' <"${LOG}.prompt.1" | wc -c | tr -d ' ')" 0
  assert_equal "$(tr -cd '\000' <"$(run_folder)/rlm/iterations/0001/validator.log" | wc -c | tr -d ' ')" 1
}

@test "a validator that hangs past its limit is ended with all that it started, and the run goes on" {
  echo 'if test -e ready; then exit 0; fi; trap "" TERM; sleep 300 & echo $! >>"$PIDS"; setsid sleep 301 & echo $! >>"$PIDS"; wait; wait' >check
  agent <<<'touch ready'
  goal --validator 'sh check' --validator-timeout 0.5
  assert_equal "${status}" 0
  assert_regex "${output}" $'\n  0  timed out \\(not done after 0\\.5 s, and ended\\)'
  assert_manifest '[.iterations[].verdict]' '["timed_out","passed"]'
  assert_nothing_survives
}

@test "a validator that a signal ends has failed, and the signal is told" {
  agent <<<'touch ready'
  goal --validator 'test -e ready || kill -SEGV $$'
  assert_equal "${status}" 0
  assert_manifest '.iterations[0] | [.verdict, .reason, .signal]' '["failed","ended by SIGSEGV","SIGSEGV"]'
  goal --validator 'sh -c "kill -ABRT \$\$"; exit $?' --max-iterations 1
  assert_manifest '.iterations[0] | [.verdict, .reason, .exit_status]' '["failed","ended by SIGABRT",134]'
}

@test "a validator that the agent breaks has failed, and the agent can mend it" {
  echo 'test -e ready' >check.sh
  chmod +x check.sh
  git add -A
  agent <<<'if ((calls == 1)); then rm check.sh; elif ((calls == 2)); then git checkout -q check.sh; touch ready; fi'
  goal --validator ./check.sh
  assert_equal "${status}" 0
  assert_manifest '[.iterations[].verdict]' '["failed","cannot_run","passed"]'
  assert grep -q 'Last result: cannot_run, ./check.sh: exit status 127' "${LOG}.prompt.2"
}

@test "an agent that crashes is tried again, and its failure is recorded" {
  agent <<<'if ((calls < 3)); then echo "no network" >&2; exit 7; fi; touch ready'
  goal --validator 'test -e ready'
  assert_equal "${status} $(calls)" "0 3"
  assert_regex "${stderr}" "^iteration 1: the agent's turn failed: agent failed \(exit status 7\): no network; again in [0-9.]+ s"
  assert_manifest '.iterations[1].attempts | map(.error)' \
    '["agent failed (exit status 7): no network","agent failed (exit status 7): no network",null]'
  assert grep -q 'no network' "$(run_folder)/rlm/iterations/0001/agent.log"
}

@test "an agent that fails for good ends the run, exit 10" {
  agent <<<'exit 3'
  goal --validator false
  assert_equal "${status} $(calls)" "10 9"
  assert_regex "$(last_line)" '^agent failed: 3 turns in a row failed and changed nothing'
  assert_manifest '[.status, .iterations[3].summary]' '["agent_failed","the turn failed: agent failed (exit status 3): it printed nothing"]'
}

@test "a failed turn that changed something is judged, and the run goes on" {
  agent <<<'touch ready; exit 1'
  goal --validator 'test -e ready'
  assert_equal "${status}" 0
  assert_manifest '.iterations[1] | [.verdict, .attempts[2].error]' '["passed","agent failed (exit status 1): it printed nothing"]'
}

@test "an agent that hangs is ended with all that it started, and what it has done is judged" {
  agent <<<'touch ready; trap "" TERM; sleep 300 & echo $! >>"$PIDS"; setsid sleep 301 & echo $! >>"$PIDS"; echo half an answer; wait; wait'
  goal --validator 'test -e ready' --agent-timeout 0.5
  assert_equal "${status} $(calls)" "0 1"
  assert_regex "${stderr}" "the agent's turn failed: agent was not done after 0.5 s, and was ended\$"
  assert grep -qx 'half an answer' "$(run_folder)/rlm/iterations/0001/agent.log"
  assert_nothing_survives
}

@test "an agent that changes nothing has stalled after three times, though the time in the output differs, exit 3" {
  agent <<<'echo "I looked at it."'
  goal --validator 'echo "took 0.$$ s"; date; exit 1'
  assert_equal "${status} $(calls)" "3 3"
  assert_regex "$(last_line)" '^stalled: 3 iterations in a row changed nothing'
  assert_manifest '[.status, .exit_code]' '["stalled",3]'
}

@test "an agent that changes something each time has not stalled" {
  agent <<<'echo $calls >count'
  goal --validator false --max-iterations 5
  assert_equal "${status} $(calls)" "3 5"
  assert_regex "$(last_line)" '^exhausted: 5 iterations are done'
}

@test "money and tokens that are used up end the run, exit 3" {
  agent <<<'echo $calls >count; echo "{\"type\":\"result\",\"is_error\":false,\"result\":\"SUMMARY: more\",\"total_cost_usd\":0.4,\"usage\":{\"input_tokens\":60,\"output_tokens\":40}}"'
  goal --validator false --max-usd 1
  assert_equal "${status} $(calls)" "3 3"
  assert_regex "$(last_line)" '^exhausted: \$1\.20 is spent, \$1\.00 was allowed'
  goal --validator false --max-tokens 150
  assert_equal "${status} $(calls)" "3 5"
  assert_regex "$(last_line)" '^exhausted: 200 tokens are used, 150 were allowed'
  goal --validator none --max-tokens 50
  assert_equal "${status} $(calls)" "0 6"
}

@test "where the agent tells no price, that is said once" {
  agent <<<'echo ${calls} >count'
  goal --validator false --max-usd 1 --max-iterations 3
  assert_equal "${status} ${stderr}" "3 warning: agent told no price; --max-usd counts only what it tells"
}

@test "the time of a run is a hard limit for a validator that hangs, with its whole group" {
  local started took
  started=$(jq -n 'now * 1000 | floor')
  goal --max-minutes 0.05 --validator 'trap "" TERM; sleep 300 & echo $! >>"$PIDS"; wait; wait'
  took=$(($(jq -n 'now * 1000 | floor') - started))
  assert_equal "${status}" 3
  assert_regex "$(last_line)" '^exhausted: 0.05 minutes are over'
  assert [ "${took}" -lt 4000 ]
  assert_nothing_survives
}

@test "and for an agent" {
  agent <<<'trap "" TERM; sleep 300 & echo $! >>"$PIDS"; wait; wait'
  goal --max-minutes 0.02 --validator false
  assert_equal "${status}" 3
  assert_nothing_survives
  goal --max-minutes 0.02 --validator none
  assert_equal "${status}" 0
}

@test "processes that an agent or a validator leaves behind are ended" {
  agent <<<'sleep 300 & echo $! >>"$PIDS"; touch ready'
  goal --validator 'sleep 300 & echo $! >>"$PIDS"; test -e ready'
  assert_equal "${status}" 0
  assert_nothing_survives
}
