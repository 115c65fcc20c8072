#!/usr/bin/env bats
# Runs that are killed or interrupted, and going on with them.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/goal
  set_up_goal
}

teardown() { tear_down_goal; }

# An agent that takes a third of a second for each turn and counts one up at its end.
slow_agent() {
  agent <<'END_OF_AGENT'
sleep 0.3
echo $(($(<count) + 1)) >count
echo "SUMMARY: counted to $(<count)"
END_OF_AGENT
}

# kill_at MILLISECONDS: the goal, with kill -9 after so long; then whoever lives of it is resumed to its end.
kill_at() {
  start_goal --validator 'sleep 0.1; test "$(cat count)" -ge 4' --max-iterations 3
  sleep "$(jq -n "$1 / 1000")"
  kill -KILL "${GOAL_PID}" 2>/dev/null || :
  finish_goal 2>/dev/null
}

@test "after kill -9 at any moment a run goes on where it was, with the same goal, validator and limits" {
  slow_agent
  local at id iteration resumed=0
  for at in 120 250 400 550 700 850 1000 1150 1300 1450; do
    rm -rf .runs "${LOG}".*
    echo 1 >count
    kill_at "$((at + RANDOM % 100))"
    id=$(basename "$(run_folder)")
    if ((status == 0)); then continue; fi                        # it was done by then
    if [[ ! -f $(run_folder)/manifest.json ]]; then continue; fi # it had not begun
    iteration=$(jq .iteration "$(run_folder)/rlm/state.json")
    run --separate-stderr "${RLM}" resume --run "${id}"
    resumed=$((resumed + 1))
    assert_equal "${status} ${lines[0]}" "0 run ${id}, going on at iteration ${iteration}"
    assert_equal "$(<count)" 4
    # three turns that were paid for, and no more: the one in flight is waited for
    assert_equal "$(calls)" 3
    assert_manifest '[.status, [.iterations[] | [.iteration, .verdict]], (.sessions | length)]' \
      '["passed",[[0,"failed"],[1,"failed"],[2,"failed"],[3,"passed"]],2]'
    assert_manifest '[.options["max-iterations"].value, .goal]' '["3","make it so"]'
  done
  assert [ "${resumed}" -ge 5 ]
}

@test "a resumed run has what is left of its time, money and iterations, and ends with its own status" {
  agent <<<'sleep 0.2; echo $calls >count; echo "{\"type\":\"result\",\"is_error\":false,\"result\":\"SUMMARY: x\",\"total_cost_usd\":0.3,\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}"'
  start_goal --validator false --max-usd 1 --max-minutes 5
  wait_until has_lines "${LOG}.calls" 2
  kill -KILL "${GOAL_PID}"
  finish_goal 2>/dev/null
  local before
  before=$(jq .spent.seconds "$(run_folder)/rlm/state.json")
  rlm goal resume
  assert_equal "${status} $(calls)" "3 4"
  assert_manifest '[.status, .usage.cost_usd]' '["exhausted",1.2]'
  assert [ "$(jq --argjson before "${before}" '.elapsed_seconds > $before + 0.3' "$(run_folder)/manifest.json")" = true ]
  rlm resume
  assert_equal "${status} $(calls)" "3 4"
}

@test "a run whose time is over when it was killed has none left" {
  slow_agent
  start_goal --validator false --max-minutes 0.02
  wait_until has_lines "${LOG}.calls" 1
  kill -KILL "${GOAL_PID}"
  finish_goal 2>/dev/null
  local state
  state=$(run_folder)/rlm/state.json
  jq '.spent.seconds = 1.3' "${state}" >"${TMP}/state" && cp "${TMP}/state" "${state}"
  rlm resume
  assert_equal "${status}" 3
  assert_regex "${output}" $'\nexhausted: 0.02 minutes are over'
}

@test "what a killed runner left of its validator is ended before it runs again" {
  start_goal --validator 'if test -e ready; then exit 0; fi; touch started; sleep 300 & echo $! >>"$PIDS"; wait'
  wait_until has_lines "${PIDS}" 1
  kill -KILL "${GOAL_PID}"
  finish_goal 2>/dev/null
  touch ready
  rlm resume
  assert_equal "${status}" 0
  assert_nothing_survives
}

@test "SIGINT and SIGTERM end everything within two seconds, exit 6, and the run can go on" {
  agent <<<'trap "" TERM INT; sleep 300 & echo $! >>"$PIDS"; setsid sleep 301 & echo $! >>"$PIDS"; wait; wait'
  local signal started
  for signal in INT TERM; do
    rm -f "${LOG}".*
    start_goal --validator 'test -e ready'
    wait_until has_lines "${PIDS}" 2
    started=$(jq -n 'now * 1000 | floor')
    kill "-${signal}" "${GOAL_PID}"
    finish_goal
    assert [ $(($(jq -n 'now * 1000 | floor') - started)) -lt 2000 ]
    assert_equal "${status}" 6
    assert_regex "${output}" $'\ninterrupted: interrupted by SIG'"${signal}"
    assert_manifest '[.status, .exit_code, .reason]' "[\"interrupted\",6,\"interrupted by SIG${signal}\"]"
    assert_equal "$(find .runs -name run.lock)" ""
    assert_nothing_survives
    rm "${PIDS}"
  done
  agent <<<'touch ready'
  rlm resume
  assert_equal "${status}" 0
  assert_manifest '[.status, .reason]' '["passed","the validator passes after 1 iteration"]'
}

@test "a run that is interrupted in its validator begins that one again" {
  start_goal --validator 'if test -e ready; then exit 0; fi; trap "" TERM INT; sleep 300 & echo $! >>"$PIDS"; wait; wait'
  wait_until has_lines "${PIDS}" 1
  kill -INT "${GOAL_PID}"
  finish_goal
  assert_equal "${status}" 6
  assert_nothing_survives
  touch ready
  rlm resume
  assert_equal "${status}" 0
  assert_manifest '[.iterations[] | .iteration]' '[0]'
}

@test "of three roles those that have had their turn when the run was killed are not asked again" {
  agent <<'END_OF_AGENT'
role=$(sed -n 's/^You are the \(.*\) in iteration.*/\1/p' "${LOG}.prompt.${calls}")
if [[ ${role} == critic ]]; then while [[ ! -e go ]]; do sleep 0.05; done; fi
echo "advice of the ${role}"
if [[ ${role} == reviser ]]; then touch ready; fi
END_OF_AGENT
  start_goal --validator 'test -e ready' --roles triad
  wait_until has_lines "${LOG}.calls" 2
  kill -KILL "${GOAL_PID}"
  finish_goal 2>/dev/null
  touch go
  rlm resume
  assert_equal "${status} $(calls)" "0 3"
  assert grep -qx 'advice of the planner' "${LOG}.prompt.3"
  assert grep -qx 'advice of the critic' "${LOG}.prompt.3"
}

@test "a new run ends what a killed one has left running" {
  agent <<<'if ((calls == 1)); then sleep 300 & echo $! >>"${PIDS}"; wait; else touch ready; fi'
  start_goal --validator 'test -e ready'
  wait_until has_lines "${PIDS}" 1
  kill -KILL "${GOAL_PID}"
  finish_goal 2>/dev/null
  goal --validator 'test -e ready'
  assert_equal "${status} $(calls)" "0 2"
  assert_nothing_survives
}

@test "a run that gave up goes on when what it gave up for is mended" {
  goal --validator 'no-such-program'
  assert_equal "${status}" 4
  printf '#!/bin/sh\ntest -e ready\n' >"${TMP}/bin/no-such-program"
  chmod +x "${TMP}/bin/no-such-program"
  agent <<<'exit 1'
  PATH=${TMP}/bin:${PATH} rlm resume
  assert_equal "${status} $(calls)" "10 9"
  agent <<<':'
  PATH=${TMP}/bin:${PATH} rlm resume
  assert_equal "${status} $(calls)" "3 12"
  agent <<<'touch ready'
  PATH=${TMP}/bin:${PATH} rlm resume
  assert_equal "${status} $(calls)" "0 13"
  assert_manifest '[.iterations[].iteration]' '[0,1,2,3,4,5,6,7]'
}

@test "a lock that git left when its runner was killed is no obstacle, nor is an odd name of the repository" {
  mv "${REPO}" "${TMP}/a shop: \"old\""
  REPO="${TMP}/a shop: \"old\""
  cd "${REPO}"
  agent <<<'touch "${LOG}.started"; sleep 0.3; if ((calls > 1)); then touch ready; fi; echo ${calls} >count'
  start_goal --validator 'test -e ready'
  wait_until test -e "${LOG}.started"
  kill -KILL "${GOAL_PID}"
  finish_goal 2>/dev/null
  touch "$(run_folder)/rlm/git/index.lock"
  rlm resume
  assert_equal "${status}" 0
  assert_manifest '[.task, .iterations[-1].diff.files]' '["rlm-a-shop-old",2]'
}
