#!/usr/bin/env bats
# Hooks for operators: commands that are told what happened, and never end a run.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
  # each keeps its event, and tells in which order they came
  cat >"${TMP}/hook" <<EOS
#!/usr/bin/env bash
cat >'${TMP}'/event-\$1
echo "\$1 \$(pwd -P)" >>'${TMP}/hooks'
EOS
  chmod +x "${TMP}/hook"
  HOOKS=$(jq -nc --arg hook "'${TMP}/hook'" '["on_iteration_end", "on_complete", "on_failure"] | map({key: ., value: "\($hook) \(.)"}) | from_entries')
  host::config ".loops[0] += {max_iterations: 2, hooks: ${HOOKS}}"
}

# The names of the hooks that ran, in their order.
hooks_run() {
  cut -d ' ' -f 1 "${TMP}/hooks" | paste -sd ' ' -
}

@test "each iteration and the completion are told, as JSON, in the repository" {
  host::agent reviewer <<<'if ((ITERATION == 2)); then echo "<promise>DONE</promise>"; fi >"$1"'
  host::run run
  assert_success
  assert_equal "${stderr}" ""
  assert_equal "$(hooks_run)" "on_iteration_end on_iteration_end on_complete"
  assert_equal "$(cut -d ' ' -f 2 "${TMP}/hooks" | sort -u)" "${REPO}"
  host::assert_json "${TMP}/event-on_iteration_end" '[.event, .hook, .loop_id, .iteration, .repo, .data.completion, .data.promise, .data.tests]' \
    "[\"iteration_end\",\"on_iteration_end\",\"work\",2,\"${REPO}\",true,true,\"skipped\"]"
  host::assert_json "${TMP}/event-on_complete" '[.event, .loop_id, .iteration, .data.iteration, .run_id == .data.run_id]' '["loop_complete","work",2,2,true]'
  assert_equal "$(jq -r .run_id "${TMP}/event-on_complete")" "$(jq -r .run_id "$(host::loop events.jsonl)" | head -n 1)"
  run jq -r .timestamp "${TMP}/event-on_complete"
  assert_output --regexp '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$'
}

@test "a run that stops is told with its reason, when the loop can be run again" {
  host::agent reviewer <<<':'
  host::config ".loops[0] += {max_iterations: 1, hooks: (${HOOKS} + {on_failure: \"cat >'${TMP}/event-on_failure'; ls .superloop/loops/work/run.lock >&2 || jq .active .superloop/state.json >'${TMP}/active'\"})}"
  host::run run
  assert_failure 1
  host::assert_json "${TMP}/event-on_failure" '[.event, .iteration, .data.reason]' '["loop_stopped",1,"max_iterations"]'
  assert_equal "$(cat "${TMP}/active")" false
}

@test "a role that fails is told, and its error stands as it does without a hook" {
  host::agent tester <<<'exit 7'
  host::run run
  assert_failure 1
  assert_equal "$(hooks_run)" "on_failure"
  host::assert_json "${TMP}/event-on_failure" .data.reason '"role_failed"'
  assert_equal "${stderr_lines[0]}" "error: role 'tester' failed (exit 7)"
}

@test "an interruption and a wait for approval are no failures" {
  host::config ".loops[0] += {hooks: ${HOOKS}, approval: {enabled: true, require_on_completion: true}}"
  host::run run
  assert_equal "$(hooks_run)" "on_iteration_end"
  host::assert_json "${TMP}/event-on_iteration_end" .data.approval '"pending"'
  rm "$(host::loop approval.json)"
  host::agent planner <<<'exec sleep 61'
  host::start
  host::wait_until test -s "${AGENTS}/planner.prompt-2"
  host::interrupt INT group
  assert_equal "${ENDED:-} $(hooks_run)" "130 on_iteration_end"
}

@test "a hook that fails is a warning with its log, and the run goes on" {
  host::config '.loops[0].hooks = {on_iteration_end: "echo broken >&2; exit 3", on_complete: "no-such-program-here"}'
  host::run run
  assert_success
  assert_line "Loop 'work' complete at iteration 1."
  assert_equal "${stderr_lines[0]}" "warning: hook on_iteration_end of loop 'work' failed (exit 3), see $(host::loop logs/on_iteration_end.stderr.log): echo broken >&2; exit 3"
  assert_equal "$(cat "$(host::loop logs/on_iteration_end.stderr.log)")" broken
  assert_equal "${stderr_lines[1]}" "warning: hook on_complete of loop 'work' failed (exit 127), see $(host::loop logs/on_complete.stderr.log): no-such-program-here"
}

@test "a hook that takes too long is ended with its children, and the run goes on" {
  host::config ".loops[0].hooks = {on_complete: \"sleep 61 & echo \$! >'${TMP}/sleeper'; wait\", timeout_seconds: 1}"
  host::run run
  assert_success
  assert_regex "${stderr_lines[0]}" "^warning: hook on_complete of loop 'work' was ended after 1s: sleep 61"
  host::assert_gone "${TMP}/sleeper"
}
