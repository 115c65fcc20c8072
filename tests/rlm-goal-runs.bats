#!/usr/bin/env bats
# The runs of a repository: how they stand, who watches them, and that one works at a time.
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

@test "a run that goes on is not resumed, and no other begins in its repository" {
  agent <<<'echo $$ >>"${PIDS}"; while [[ ! -e go ]]; do sleep 0.05; done; touch ready'
  start_goal --validator 'test -e ready'
  wait_until has_lines "${PIDS}" 1
  local id pid=${GOAL_PID}
  id=$(basename "$(run_folder)")
  rlm resume --run "${id}"
  assert_equal "${status} ${output} ${stderr}" "5  rlm: error: run ${id} still goes on (pid ${pid})
  code: goal_busy
  fix: Watch it with rlm goal status --watch, or end it first."
  goal --validator true --task another
  assert_equal "${status} ${output} ${stderr}" "5  rlm: error: run ${id} (pid ${pid}) is working in ${REPO}
  code: goal_busy
  fix: Wait for it or end it; or use a work tree of its own (git worktree add)."
  rlm goal list
  assert_equal "${#lines[@]}" 1
  touch go
  finish_goal
  assert_equal "${status}" 0
}

@test "two work trees of one repository can have a run each" {
  git worktree add -q "${TMP}/tree"
  agent <<<'echo $$ >>"${PIDS}"; while [[ ! -e go ]]; do sleep 0.05; done; touch ready'
  start_goal --validator 'test -e ready'
  wait_until has_lines "${PIDS}" 1
  cd "${TMP}/tree"
  goal --validator true
  assert_equal "${status} $(git status --porcelain)" "0 "
  touch "${REPO}/go"
  finish_goal
}

# beats_after TIME MANIFEST
beats_after() { [[ $(jq -r .heartbeat_at "$2") > $1 ]]; }

@test "status tells running, stale and dead apart, and how a run ended" {
  agent <<<'echo $$ >>"${PIDS}"; while [[ ! -e go ]]; do sleep 0.05; done; touch ready'
  start_goal --validator 'test -e ready'
  wait_until has_lines "${PIDS}" 1
  local id manifest
  id=$(basename "$(run_folder)")
  manifest=$(run_folder)/manifest.json
  rlm status
  assert_equal "${status} ${lines[0]}" "0 run ${id}: running (working, pid ${GOAL_PID})"
  assert_equal "${lines[2]} ${lines[3]}" "  validator: test -e ready   iteration 0: failed, exit status 1"
  local heartbeat
  heartbeat=$(jq -r .heartbeat_at "${manifest}")
  wait_until beats_after "${heartbeat}" "${manifest}"
  kill -STOP "${GOAL_PID}"
  jq '.heartbeat_at = "2026-01-01T00:00:00.000Z"' "${manifest}" >"${TMP}/manifest" && cp "${TMP}/manifest" "${manifest}"
  rlm goal status --run "${id}"
  assert_equal "${lines[0]}" "run ${id}: stale (pid ${GOAL_PID} is there and was last heard of at 2026-01-01T00:00:00.000Z)"
  local pid=${GOAL_PID}
  kill -KILL "${GOAL_PID}"
  finish_goal 2>/dev/null
  rlm status --json
  assert_equal "$(jq -c '[.run_id, .standing, .status, .pid]' <<<"${output}")" "[\"${id}\",\"dead\",\"running\",${pid}]"
  rlm status
  assert_equal "${lines[0]}" "run ${id}: dead (pid ${pid} ended without a last word; go on with rlm goal resume --run ${id})"
  touch go
  rlm resume
  rlm status
  assert_equal "${lines[0]}" "run ${id}: passed (the validator passes after 1 iteration)"
}

@test "who watches hears each change, and is done when the run is" {
  slow_agent
  start_goal --validator 'test "$(cat count)" -ge 3'
  wait_until has_lines "${TMP}/goal.out" 4
  run --separate-stderr timeout 20 "${RLM}" goal status --watch
  assert_equal "${status}" 0
  assert_regex "${output}" '^run [^ ]+: running'
  assert_regex "${output}" 'run [^ ]+: passed \(the validator passes after 2 iterations\)'
  finish_goal
}

@test "runs that are done, unknown, or whose records are cut, are told as such" {
  rlm resume
  assert_equal "${status} ${stderr}" "5 rlm: error: there is no run in ${REPO}
  code: run_unknown
  fix: Start one: rlm goal \"<goal>\"."
  goal --validator true
  local id manifest
  id=$(basename "$(run_folder)")
  manifest=$(run_folder)/manifest.json
  rlm resume
  assert_equal "${status}" 0
  assert_regex "${output}" '^passed: the validator passes already; no agent was called'
  rlm resume --json
  assert_equal "$(jq -c '[.type, .run_id, .status, .exit_code]' <<<"${output}")" "[\"end\",\"${id}\",\"passed\",0]"
  rlm resume --run "${id%?}x"
  assert_equal "${status}" 5
  assert_regex "${stderr}" "there is no run ${id%?}x in .*Did you mean ${id}\?"
  head -c 100 "${manifest}" >"${TMP}/cut" && cp "${TMP}/cut" "${manifest}"
  rlm resume
  assert_equal "${status}" 10
  assert_regex "${stderr}" "^rlm: error: ${manifest} cannot be read: it is cut or no JSON: .*
  code: goal_failed
  fix: Restore the file from a copy, or start a new run; the iterations beside it are kept\.\$"
  rlm goal list
  assert_regex "${output}" "^${id}  ${manifest} cannot be read"
  goal --validator true
  assert_equal "${status}" 0
}
