#!/usr/bin/env bats
# rlm agent: what agents do from inside their own processes, and what bounds them.
# shellcheck disable=SC2016 # the programs of agents stand in single quotes

setup() {
  load helpers/agents
  set_up_agents
}

# A tree of agents: each task is how deep it stands; each spawns the next, and tells what came of it.
nested_program() {
  claude_program 'level=${task#level }
    if below=$(rlm agent spawn "level $((level + 1))" 2>"'"${TMP}"'/refusal"); then echo "${level} > ${below}"
    else echo "${level} (status $?)"; fi'
}

@test "three levels of agents spawn each other, under a budget that stops the fourth: agent_limit" {
  nested_program
  agents "level 1" --max-tokens 100 --concurrency 1 --format json
  assert_json '.answer' '"1 > 2 > 3 > 4 > 5 (status 3)"'
  # Tokens are known when an agent ends: a child that costs much leaves nothing for the next one of its parent.
  claude_program 'case ${task} in
    "level 3") rlm agent spawn leaf >/dev/null; rlm agent spawn "level 4" 2>'"${TMP}"'/refusal || echo "stopped with $?" ;;
    leaf) echo leaf ;;
    *) rlm agent spawn "level $((${task#level } + 1))" ;;
  esac'
  agents "level 1" --max-tokens 10 --concurrency 1 --format json
  assert_json '[.answer, .usage.tokens.totalTokens]' '["stopped with 3",40]'
  assert_equal "$(cat "${TMP}/refusal")" 'rlm: error: Token budget exhausted (10 / 10 tokens used)
  code: agent_limit
  fix: Raise --max-depth, --max-tokens or --max-usd of the run; what was answered so far is kept.'
  assert_json '[.tree.children[0] | recurse(.children[]) | .task]' '["level 1","level 2","level 3","leaf"]'
}

@test "the depth of the run bounds agents, and the tree shows children of children" {
  nested_program
  agents "level 1" --max-depth 3 --concurrency 1 --format json
  assert_json '.answer' '"1 > 2 > 3 (status 3)"'
  assert_json '[.tree.children[0] | recurse(.children[]) | [.task, .depth, .status]]' \
    '[["level 1",0,"completed"],["level 2",1,"completed"],["level 3",2,"completed"]]'
  run head -n 1 "${TMP}/refusal"
  assert_output 'rlm: error: Maximum recursion depth (3) exceeded'
}

@test "many agents that all spawn at full concurrency end" {
  seq 8 >big.txt
  agent_program 'if [[ ${task} == leaf ]]; then sleep 0.05; echo leaf
    else for _ in 1 2; do rlm agent spawn leaf & done; wait; fi'
  agents "spawn" --context big.txt --chunks 8 --concurrency 2 --format json --timeout 60
  assert_equal "${status}" 0
  assert_json '[.tree | .. | objects | select(.task == "leaf").status] | [length, unique]' '[16,["completed"]]'
}

@test "an agent reads and sets variables of any size and content, and its child sees them" {
  head -c 3000000 /dev/urandom | base64 >big.txt
  printf 'größer' >small.txt
  agent_program 'if [[ ${task} == below ]]; then rlm agent get copy; exit; fi
    rlm agent get big.txt | rlm agent set copy -
    rlm agent spawn below --context small.txt | cksum
    rlm agent set "../odd key" "[1, 2]" --json
    rlm agent get "../odd key"; rlm agent get small.txt; rlm agent list | jq -c sort'
  agents "x" --context big.txt --context small.txt
  assert_output "$(cksum <big.txt)"$'\n[\n  1,\n  2\n]\ngrößer\n["../odd key","big.txt","copy","small.txt"]'
}

@test "what an agent cannot be given is refused, with why: request_refused" {
  agent_program 'rlm agent get secret 2>&1; echo "status $?"; rlm agent call lookup 2>&1 | head -n 1'
  agents "x"
  assert_output 'rlm: error: Variable not found: secret
  code: request_refused
  fix: Correct what the message names; rlm agent list shows the variables.
status 1
rlm: error: Function not found: lookup'
}

@test "a child that fails is told to its parent as an error" {
  agent_program '[[ ${task} == below ]] && { echo "no login" >&2; exit 1; }; rlm agent spawn below 2>&1; echo "status $?"'
  agents "x"
  assert_line --index 0 'rlm: error: agent exited with code 1: no login'
  assert_line --index 3 'status 1'
}

@test "a timeout of a child is its own" {
  agent_program '[[ ${task} == below ]] && exec sleep 61.75; rlm agent spawn below --timeout 0.3 2>&1 | head -n 1'
  agents "x"
  assert_regex "${output}" '^rlm: error: Sub-agent agent-[0-9a-f-]+ timed out after 300ms$'
}

@test "an agent that ends takes the agents that it spawned with it" {
  agent_program '[[ ${task} == below ]] && exec sleep 62.25
    rlm agent spawn below >/dev/null 2>&1 &
    until pgrep -f "sleep 62.2[5]" >/dev/null || [[ ${SECONDS} -gt 10 ]]; do sleep 0.05; done; echo done'
  RLM_AGENT_NAMESPACE=off agents "x" --format json
  assert_json '[.answer, .tree.children[0].children[0].status]' '["done","cancelled"]'
  run pgrep -f 'sleep 62.2[5]'
  assert_failure
}

@test "an agent's words are heard while it works" {
  agent_program 'rlm agent log "half way"; echo "on standard error" >&2; rlm agent remember "the parser keeps comments"'
  agents "x" --verbose
  assert_regex "${stderr}" 'rlm: agent agent-[0-9a-f-]+: on standard error'
  assert_regex "${stderr}" 'rlm: agent agent-[0-9a-f-]+: half way'
}

@test "outside of an agent, and when its orchestrator is gone, it says so: channel_missing" {
  rlm agent get x
  assert_equal "${status} ${output}" "2 "
  assert_equal "${stderr}" 'rlm: error: this is no agent of a running orchestrator
  code: channel_missing
  fix: Use rlm agent in a program that rlm agents run or a RecursiveSpawner has started.'
  RLM_AGENT_SOCKET=${TMP}/none RLM_AGENT_TOKEN=x rlm agent log x
  assert_regex "${stderr}" 'error: the orchestrator is gone'
}

@test "words that are none are refused with what would be right" {
  rlm agent read x
  assert_refused 2 'rlm agent must be one of get, set, list, spawn, call, remember, log, not "read"' 'Correct rlm agent.'
  rlm agent spawn
  assert_refused 2 'rlm agent spawn takes one prompt' 'Put it into quotes.'
  rlm agent call lookup '[1]'
  assert_refused 2 'the parameters must be a JSON object' 'Write them like {"id": 7}.'
}
