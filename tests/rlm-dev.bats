#!/usr/bin/env bats
# rlm dev: the tasks of a TODO.md, one agent after the other.
# shellcheck disable=SC2016 # the programs of agents stand in single quotes

setup() {
  load helpers/agents
  set_up_agents
  cat >TODO.md <<'EOF'
# Parser
- [x] **Read files**: done
- [ ] **Keep comments**: they are lost
  also those at the end
- [ ] Count lines
EOF
  echo 'Use tabs.' >CLAUDE.md
}

dev() { rlm dev --model ./agent "$@"; }

@test "open tasks are worked off in their order, each told what was done before, and ticked" {
  agent_program 'echo "changed it" | tee -a done.log'
  dev
  assert_equal "${status}" 0
  assert_output $'completed  Keep comments\ncompleted  Count lines'
  assert_equal "$(grep -c '\[x\]' TODO.md) $(wc -l <done.log)" "3 2"
}

@test "an agent is told the project's rules, its task, and what was done before it" {
  agent_program 'printf "%s\n=====\n" "${prompt}" >>prompts.log; echo "kept them"'
  dev
  run cat prompts.log
  assert_output '## Project rules

Use tabs.

## Task

Keep comments (Parser)

they are lost
also those at the end
=====
## Project rules

Use tabs.

## Task

Count lines (Parser)

## Done before in this session

- Keep comments (completed): kept them
====='
}

@test "a task that fails leaves the others to be done: task_failed" {
  agent_program 'grep -q "^Keep" <<<"${prompt}" && ! grep -q "^Count" <<<"${prompt}" && { echo "no login" >&2; exit 1; }; echo fine'
  dev
  assert_equal "${status}" 1
  assert_output $'failed     Keep comments: agent exited with code 1: no login\ncompleted  Count lines'
  assert_regex "${stderr}" 'rlm: error: 1 of 2 tasks were not done
  code: task_failed'
  assert_equal "$(grep -c '\[ \] \*\*Keep comments' TODO.md)" 1
}

@test "--on-failure stop leaves the rest, retry asks once more with why" {
  agent_program 'echo x >>tries; exit 1'
  dev --on-failure stop
  assert_output $'failed     Keep comments: agent exited with code 1: it printed nothing\nskipped    Count lines: the task before it failed: agent exited with code 1: it printed nothing'
  agent_program 'grep -q "The last attempt failed" <<<"${prompt}" || { echo "no login" >&2; exit 1; }; grep "no login" <<<"${prompt}"'
  dev --on-failure retry --task "count lines"
  assert_equal "${status} ${output}" "0 completed  Count lines, 2 attempts"
}

@test "a project elsewhere, one of its tasks, and the report as JSON" {
  mkdir away
  mv TODO.md away
  claude_program 'pwd'
  dev --project-dir away --task "Keep comments" --format json
  assert_json '[.ok, .completed, .costUsd, .tasks[0].result]' "[true,1,0.25,\"${PWD}/away\"]"
}

@test "the budget of a session ends it" {
  claude_program 'echo fine'
  dev --max-usd 0.2
  assert_equal "${status}" 1
  assert_output "completed  Keep comments
skipped    Count lines: the session's budget of 0.2 USD is used up
\$0.25"
}

@test "what is not there is told" {
  agent_program 'echo fine'
  dev --task "Write docs"
  assert_refused 2 'TODO.md has no open task "Write docs"; there are: Keep comments, Count lines' 'See the boxes of TODO.md.'
  rm TODO.md
  dev
  assert_refused 2 "there is no TODO.md in ${PWD}" 'Write one, or name its folder: --project-dir DIR'
}
