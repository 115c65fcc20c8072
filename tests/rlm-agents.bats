#!/usr/bin/env bats
# rlm agents as a user meets it: agents over files, their merges, limits, and the trees of runs.
# shellcheck disable=SC2016 # the programs of agents stand in single quotes

setup() {
  load helpers/agents
  set_up_agents
}

numbers() { seq -f 'line %g' "$1"; }

@test "the answer alone is on standard output" {
  agent_program 'echo "done: ${task}"'
  agents "what is here?"
  assert_equal "${status} ${output}" "0 done: what is here?"
  assert_regex "${stderr}" 'rlm: agents [0-9-]+-[0-9a-f]{4}, model ./agent'
  assert_regex "${stderr}" 'rlm: 1 agent, completed$'
}

@test "an agent without a context is asked the task, exactly" {
  agent_program 'printf "%s" "${prompt}"'
  agents $'two\nlines "and" $quotes'
  assert_output $'two\nlines "and" $quotes'
}

@test "files are given by a manifest, byte for byte" {
  mkdir logs
  printf 'größer\r\n' >logs/a.log
  printf 'b' >logs/b.log
  agent_program 'jq -r "keys[]" "${manifest}"; od -An -tx1 "$(given logs/a.log)"'
  agents "read" --context logs
  assert_output $'logs/a.log\nlogs/b.log\n 67 72 c3 b6 c3 9f 65 72 0d 0a'
}

@test "with --chunks each part has its agent, and --merge makes one answer" {
  numbers 8 >big.txt
  agent_program 'wc -l <"$(given chunk)" | tr -d " "'
  agents "count" --context big.txt --chunks 2 --merge vote --format json
  assert_json '[.ok, .answer.winner, (.answer.votes | length)]' '[true,"3",1]'
  assert_json '[.tree.children[].span | [.key, .startLine, .endLine]]' '[["context",1,4],["context",5,8]]'
}

@test "summarize asks an agent of the same run; parts can be cut again" {
  numbers 8 >big.txt
  agent_program 'case ${task} in Below*) grep -c "^\[Result" <<<"${prompt}";; *) head -n 1 "$(given chunk)";; esac'
  agents "first line" --context big.txt --chunks 2 --levels 2 --merge summarize --format json
  assert_json '[.answer, (.tree.children | length)]' '["2",7]'
  agents "first line" --context big.txt --chunks 4 --merge concatenate --quiet
  assert_output $'line 1\n---\nline 3\n---\nline 5\n---\nline 7'
  assert_equal "${stderr}" ""
}

@test "no more agents run at once than --concurrency" {
  numbers 6 >big.txt
  agent_program 'mkdir '"${TMP}"'/running.$$ && ls -d '"${TMP}"'/running.* | wc -l | tr -d " "; sleep 0.2; rmdir '"${TMP}"'/running.$$'
  RLM_AGENT_NAMESPACE=off agents "x" --context big.txt --chunks 6 --concurrency 2
  assert_equal "$(tr -d '\n' <<<"${output}" | tr -s -- '-' '\n' | sort -rn | head -n 1)" 2
}

@test "an agent that fails is told, and the others' answers stand" {
  numbers 2 >big.txt
  agent_program 'grep -q "line 1" "$(given chunk)" && { echo "no login" >&2; exit 3; }; echo fine'
  agents "x" --context big.txt --chunks 2
  assert_equal "${status}" 0
  assert_output '{"error":"agent exited with code 3: no login"}'$'\n---\nfine'
  assert_regex "${stderr}" 'rlm: an agent failed: agent exited with code 3: no login'
}

@test "when no agent answers, the run has failed: agent_gave_nothing" {
  agent_program 'exit 1'
  agents "x"
  assert_equal "${status} ${output}" "1 "
  assert_regex "${stderr}" 'rlm: error: agent exited with code 1: it printed nothing
  code: agent_gave_nothing
  fix: See rlm agents tree last; mend'
  agents "x" --format json
  assert_json '[.ok, .error_code]' '[false,"agent_gave_nothing"]'
}

@test "a timeout ends an agent with all its processes, and says so" {
  agent_program 'sleep 61.25 & sleep 61.25'
  agents "x" --timeout 0.5
  assert_equal "${status}" 1
  assert_regex "${stderr}" 'error: Sub-agent agent-[0-9a-f-]+ timed out after 500ms'
  run pgrep -f 'sleep 61.25'
  assert_failure
}

@test "a budget that is used up keeps the partial answer: agent_limit" {
  numbers 3 >big.txt
  claude_program 'head -n 1 "$(given chunk)"'
  agents "x" --context big.txt --chunks 3 --concurrency 1 --max-tokens 15
  assert_equal "${status}" 3
  assert_output $'line 1\n---\nline 2\n---\n{"error":"Token budget exhausted (20 / 15 tokens used)"}'
  assert_regex "${stderr}" 'error: Token budget exhausted \(20 / 15 tokens used\)
  code: agent_limit'
  agents "x" --context big.txt --chunks 3 --concurrency 1 --max-usd 0.3 --format json
  assert_equal "${status}" 3
  assert_json '[.ok, .usage.cost_usd, .tree.error]' '[false,0.5,"USD budget exhausted (0.5 / 0.3 USD used)"]'
}

@test "an interrupt ends the agents, and is exit status 130" {
  agent_program 'echo up >"'"${TMP}"'/up"; sleep 61.5'
  "${PROJECT_ROOT}/dist/rlm.cjs" agents run x --model ./agent 3>&- &
  local pid=$!
  for _ in {1..100}; do [[ -e ${TMP}/up ]] && break || sleep 0.1; done
  kill -INT "${pid}"
  status=0
  wait "${pid}" || status=$?
  assert_equal "${status}" 130
  run pgrep -f 'sleep 61.5'
  assert_failure
}

@test "claude runs with its tools and may read what it is given; a name behind a colon is its model" {
  agent_program ':'
  cat >"${TMP}/bin/claude" <<'EOF'
#!/bin/sh
printf '%s\n' "$@" | jq -Rn '{type: "result", is_error: false, result: ([inputs] | .[4:] | join(" "))}'
EOF
  chmod +x "${TMP}/bin/claude"
  rlm agents run "x" --context notes.txt --model claude:haiku --max-usd 2
  assert_regex "${output}" '^--output-format json --model haiku --permission-mode acceptEdits --no-session-persistence --max-budget-usd 2 --add-dir /.*/store/files/[^ ]+$'
}

@test "a run that has not begun is in the list, and its tree is empty" {
  rlm agents run x --context notes.txt --chunks 1 --model '["rlms:scripted"]'
  assert_equal "${status}" 2
  rlm agents tree
  assert_regex "${output}" $'  x\n0 agents, idle$'
}

@test "offline needs no model and no agent program" {
  rlm agents run "what fails?" --context notes.txt --model offline
  assert_equal "${status}" 0
  assert_regex "${output}" 'the answer is 42'
}

@test "the tree of a run is shown as it stands, by the run, by its beginning, or as last" {
  numbers 2 >big.txt
  claude_program 'head -n 1 "$(given chunk)"'
  agents "read it" --context big.txt --chunks 2 --format json
  local id
  id=$(jq -r .run <<<"${output}")
  rlm agents tree
  assert_regex "${output}" "^${id}  read it
2 agents, completed, 20 tokens, \\\$0.50
├─ read it \[context:1-1\] \(completed, [0-9.]+ s, 10 tokens, \\\$0.25\)
└─ read it \[context:2-2\] "
  rlm agents tree "${id%-*}" --format json
  assert_json '[.id, .tree.status]' "[\"${id}\",\"completed\"]"
  rlm agents list
  assert_output "${id}  completed  read it"
  assert_equal "$(jq -s 'map(.type)' -c "${XDG_STATE_HOME}/rlm/agents/${id}/events.jsonl")" \
    '["agent_start","agent_start","agent_end","agent_end","merge"]'
}

@test "a word, a run or a flag that is none is refused with what would be right" {
  rlm agents rum "x"
  assert_refused 2 'rlm agents must be one of run, tree, list, not "rum"' 'Correct rlm agents.'
  rlm agents run
  assert_refused 2 'rlm agents run takes one task' 'Put it into quotes: rlm agents run "what is risky here?" --context src/'
  rlm agents tree nothing
  assert_refused 2 'there are no runs of agents yet' 'See rlm agents list.'
  rlm agents run x --chunks 2
  assert_refused 2 '--chunks needs something to cut' 'Name it: --context PATH'
  rlm agents run x --mode offline
  assert_refused 2 'there is no flag --mode' 'Did you mean --model?'
  rlm agents run x --merge best
  assert_refused 2 '--merge must be one of concatenate, summarize, structured, vote, not "best"' 'Correct --merge.'
}

@test "the help speaks of agents where it means them" {
  rlm agents --help
  assert_line --regexp '^ +--timeout SECONDS +of each agent \(default 600\)$'
  assert_line --regexp '^ +--max-depth N +levels of agents that agents may spawn \(default 5\)$'
  rlm dev --help
  assert_line --regexp '^ +--timeout SECONDS +of each task \(default 600\)$'
}
