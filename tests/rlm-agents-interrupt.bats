#!/usr/bin/env bats
# rlm agents when it is stopped: what it says, what it leaves in the record of the run.
# shellcheck disable=SC2016,SC2015 # the programs of agents stand in single quotes; the wait for a file has no else

setup() {
  load helpers/agents
  set_up_agents
}

# stop SIGNAL FLAG…: stops a run when its agents are up. Gives status, out and err.
stop() {
  local signal=$1
  shift
  "${PROJECT_ROOT}/dist/rlm.cjs" agents run x --model ./agent "$@" >"${TMP}/out" 2>"${TMP}/err" 3>&- &
  local pid=$!
  for _ in {1..100}; do [[ -e ${TMP}/up ]] && break || sleep 0.1; done
  kill "-${signal}" "${pid}"
  status=0
  wait "${pid}" || status=$?
}

@test "an interrupt is told as one, not as agents that failed" {
  agent_program 'echo up >"'"${TMP}"'/up"; sleep 62.5'
  stop INT
  assert_equal "${status}" 130
  assert_regex "$(cat "${TMP}/err")" 'rlm: error: interrupted by SIGINT'
  refute_regex "$(cat "${TMP}/err")" 'agent_gave_nothing'
}

@test "after an interrupt no agent is started for the merge, and what was answered is printed" {
  seq 2 >big.txt
  agent_program 'case ${task} in Below*) echo summary;; esac
if grep -q 1 "$(given chunk)"; then echo one; else echo up >"'"${TMP}"'/up"; sleep 62.5; fi'
  stop INT --context big.txt --chunks 2 --merge summarize
  assert_equal "${status}" 130
  assert_regex "$(cat "${TMP}/out")" '^\[not summarized: Agent [^ ]+ was cancelled\]'
  assert_regex "$(cat "${TMP}/out")" $'\none\n'
  assert_regex "$(cat "${TMP}/err")" 'rlm: error: interrupted by SIGINT'
}

@test "a run whose orchestrator was killed is not shown as running" {
  agent_program 'echo up >"'"${TMP}"'/up"; sleep 62.5'
  stop KILL
  rlm agents tree
  assert_regex "${output}" $'  x\n1 agent, cancelled\n└─ x \\(cancelled, .*: its orchestrator has died\\)$'
  rlm agents list
  assert_regex "${output}" '  cancelled  x$'
}

@test "a run that goes on is shown as running" {
  agent_program '"'"${PROJECT_ROOT}"'/dist/rlm.cjs" agents tree'
  agents x
  assert_regex "${output}" $'\n1 agent, running\n└─ x \\(running'
}

@test "of what an agent says while it works, a bounded part is kept" {
  agent_program 'head -c 5000000 /dev/zero | tr "\0" a >&2; echo done'
  agents x
  assert_output 'done'
  local -a events=("${XDG_STATE_HOME}"/rlm/agents/*/events.jsonl)
  local bytes
  bytes=$(wc -c <"${events[0]}")
  ((bytes > 1000000 && bytes < 1200000)) || fail "${bytes} bytes"
  assert_regex "$(cat "${events[0]}")" '\[the rest is not kept\]'
}

@test "what an agent says does not steer the terminal" {
  agent_program 'printf "\033[2Jgone\n" >&2; echo done'
  agents x --verbose
  assert_regex "${stderr}" 'rlm: agent [^ ]+:  \[2Jgone'
}
