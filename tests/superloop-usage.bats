#!/usr/bin/env bats
# superloop.sh usage, usage.jsonl, and budgets.
# shellcheck disable=SC2016 # scripts of agents stand in single quotes

setup() {
  load helpers/host
  host::setup
  export HOME=${TMP}/home
  unset CLAUDE_CONFIG_DIR CODEX_HOME
  mkdir -p "${HOME}"
  host::make_repo
}

# What Claude Code prints with --output-format json: TEXT, input and output tokens, US dollars.
claude_answer() {
  jq -cn --arg text "$1" --argjson input "$2" --argjson output "$3" --argjson usd "$4" '
    {type: "result", subtype: "success", is_error: false, result: $text, session_id: "session-1", total_cost_usd: $usd,
     usage: {input_tokens: 0, output_tokens: 0},
     modelUsage: {"claude-opus": {inputTokens: $input, outputTokens: $output, costUSD: $usd, costBasis: "list"}}}'
}

# The agent of a role prints such an answer and writes no last message.
# claude_agent ROLE TEXT INPUT OUTPUT USD
claude_agent() {
  claude_answer "${@:2}" >"${TMP}/$1.answer"
  host::agent "$1" <<<"cat '${TMP}/$1.answer'"
}

usage_log() { host::loop usage.jsonl; }

@test "each turn of a runner is a line with what its own output tells" {
  claude_agent planner 'A plan.' 1000 200 0.25
  host::agent implementer <<'EOS'
printf '%s\n' '{"type":"thread.started","thread_id":"thread-1"}' \
  '{"type":"item.completed","item":{"type":"agent_message","text":"Built."}}' \
  '{"type":"turn.completed","usage":{"input_tokens":50,"cached_input_tokens":10,"output_tokens":6}}'
EOS
  host::config '.loops[0].roles.implementer.model = "gpt-x"'
  host::run run
  assert_success
  host::assert_json <(jq -s . "$(usage_log)") 'map([.iteration, .role, .source, .runner, .model, .session_id, .usage, .cost_usd])' \
    '[[1,"planner","runner","planner","claude-opus","session-1",{"input_tokens":1000,"output_tokens":200},0.25],[1,"implementer","runner","implementer","gpt-x","thread-1",{"input_tokens":50,"output_tokens":6},null],[1,"tester","runner","tester",null,null,null,null],[1,"reviewer","runner","reviewer",null,null,null,null]]'
  host::assert_json <(jq -s . "$(usage_log)") '[(map(.run_id) | unique | length), (map(.id) | unique | length), (map(.timestamp | test("^[0-9-]{10}T[0-9:]{8}Z$")) | all)]' '[1,4,true]'
}

@test "the answer in an agent's JSON is the last message, and its promise counts" {
  claude_agent reviewer $'All good.\n<promise>DONE</promise> "quoted"' 10 5 0.5
  host::run run
  assert_success
  assert_equal "$(<"$(host::loop last_messages/reviewer.txt)")" $'All good.\n<promise>DONE</promise> "quoted"'
}

@test "an analysis is a line of its own, from its result" {
  host::config '.loops[0].rlms = {enabled: true, policy: {force_on: true}, models: {root: {command: ["some/model"], model: "m-1"}}}'
  host::door <<<'printf "{\"ok\":true,\"usage\":{\"input_tokens\":70,\"output_tokens\":3,\"cost_usd\":0.125}}\n" >"${F_output_dir}/result.json"'
  host::run run
  assert_success
  host::assert_json <(jq -s . "$(usage_log)") 'map(select(.source == "rlms")) | map([.role, .runner, .model, .usage.input_tokens, .cost_usd])' \
    '[["planner","model","m-1",70,0.125],["implementer","model","m-1",70,0.125],["tester","model","m-1",70,0.125],["reviewer","model","m-1",70,0.125]]'
}

@test "a role that fails is counted" {
  claude_answer 'No.' 7 1 0.5 >"${TMP}/answer"
  host::agent planner <<<"cat '${TMP}/answer'; exit 3"
  host::run run
  assert_failure 1
  host::assert_json "$(usage_log)" '[.role, .usage.input_tokens, .cost_usd]' '["planner",7,0.5]'
  assert [ ! -e "$(host::loop usage-notes.jsonl)" ]
}

@test "claude in plain text is counted from the session that it keeps" {
  host::agent planner <<'EOS'
[[ $1 == --session-id ]] || exit 9
mkdir -p "${HOME}/.claude/projects/somewhere"
line='{"type":"assistant","message":{"id":"m1","model":"claude-haiku","usage":{"input_tokens":100,"cache_read_input_tokens":20,"cache_creation_input_tokens":3,"output_tokens":%s}}}\n'
printf "${line}" 1 40 >"${HOME}/.claude/projects/somewhere/$2.jsonl"
echo plan
EOS
  mkdir -p "${TMP}/bin"
  ln -s "${AGENTS}/planner" "${TMP}/bin/claude"
  host::config ".runners.planner = {command: [\"${TMP}/bin/claude\"], args: [\"--print\"]}"
  host::run run
  assert_success
  host::assert_json <(head -n 1 "$(usage_log)") '[.runner, .model, .usage, .cost_usd, (.session_id | test("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$"))]' \
    '["claude","claude-haiku",{"input_tokens":123,"output_tokens":40},null,true]'
}

@test "codex in plain text is counted from the session that its banner names" {
  host::agent planner <<'EOS'
id=0199aaaa-0000-7000-8000-000000000001
mkdir -p "${HOME}/.codex/sessions/2026/01/02"
printf '%s\n' '{"type":"turn_context","payload":{"model":"gpt-y"}}' \
  '{"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":10,"output_tokens":1}}}}' \
  '{"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":800,"output_tokens":90}}}}' \
  >"${HOME}/.codex/sessions/2026/01/02/rollout-2026-01-02T03-04-05-${id}.jsonl"
printf 'model: gpt-y\nsession id: %s\n--------\n' "${id}" >&2
echo plan
EOS
  mkdir -p "${TMP}/bin"
  ln -s "${AGENTS}/planner" "${TMP}/bin/codex"
  host::config ".runners.planner.command = [\"${TMP}/bin/codex\"]"
  host::run run
  assert_success
  host::assert_json <(head -n 1 "$(usage_log)") '[.model, .usage, .session_id]' \
    '["gpt-y",{"input_tokens":800,"output_tokens":90},"0199aaaa-0000-7000-8000-000000000001"]'
}

@test "usage tells the last run by role, model and iteration" {
  host::run usage
  assert_success
  assert_output "No usage recorded for loop 'work'."
  claude_agent planner 'A plan.' 1234 200 0.25
  claude_agent implementer 'Built.' 1000000 5 1.5
  host::agent reviewer <<<'if ((ITERATION > 1)); then echo "<promise>DONE</promise>"; fi >"$1"'
  host::run run
  assert_success
  host::run usage
  assert_success
  assert_line --index 0 --regexp "^Loop 'work', run [0-9-]{10}T[0-9:]{8}Z-[0-9.]+$"
  assert_line --index 1 'ROLE         TURNS      INPUT   OUTPUT      USD'
  assert_line --index 2 'planner          2      2,468      400     0.50'
  assert_line --index 3 'implementer      2  2,000,000       10     3.00'
  assert_line --index 4 'tester           2    unknown  unknown  unknown'
  assert_line --index 6 'all              8  2,002,468      410     3.50'
  assert_line --index 8 'claude-opus      4  2,002,468      410     3.50'
  assert_line '2              4  1,001,234     205  1.75'
  assert_line '4 of 8 turns told no tokens.'
  assert_equal "${stderr}" ""
}

@test "usage as JSON has the sums, each run's too" {
  claude_agent planner 'A plan.' 1000 200 0.1
  host::run run
  sleep 1.1 # runs are told apart by their second
  host::run run
  host::run usage --json
  assert_success
  printf '%s' "${output}" >"${TMP}/usage.json"
  host::assert_json "${TMP}/usage.json" '[.loop_id, .total.cost_usd, .all.cost_usd, .all.input_tokens, (.runs | length)]' '["work",0.1,0.2,2000,2]'
  host::assert_json "${TMP}/usage.json" '.roles[0] | [.role, .source, .turns, .unknown, .input_tokens, .output_tokens, .cost_usd, .unpriced]' \
    '["planner","runner",1,0,1000,200,0.1,0]'
  host::assert_json "${TMP}/usage.json" '[.models[0].model, .iterations[0].iteration, .total.turns, .total.unknown]' '["claude-opus",1,4,3]'
}

@test "usage reads what an earlier program or a killed run left" {
  mkdir -p "$(host::loop '')"
  printf '%s\n' '{"timestamp":"2026-01-01T00:00:00Z","iteration":1,"role":"planner","duration_ms":5000,"runner":"claude","model":"old","usage":{"input_tokens":5,"output_tokens":2},"session_file":null}' \
    'no JSON' >"$(usage_log)"
  claude_answer x 7 1 0.5 >"${TMP}/noted.log"
  jq -cn --arg file "${TMP}/noted.log" '{id: "1.1", timestamp: "t", run_id: "", iteration: 2, role: "tester", source: "runner", runner: "r", model: "", session_id: "", duration_ms: 0, file: $file, errors: ""}' >"$(host::loop usage-notes.jsonl)"
  host::run usage --json
  assert_success
  printf '%s' "${output}" >"${TMP}/usage.json"
  host::assert_json "${TMP}/usage.json" '[.all.input_tokens, .all.cost_usd, .all.duration_ms, (.iterations | map(.iteration))]' '[12,0.5,5000,[1,2]]'
  assert [ -e "$(host::loop usage-notes.jsonl)" ]
}

@test "a budget in US dollars ends the loop before the next role, with its reason" {
  claude_agent planner 'A plan.' 10 2 0.75
  claude_agent implementer 'Built.' 10 2 0.5
  host::config '.loops[0].budget.max_usd = 1.25'
  host::run run
  assert_failure 1
  assert_equal "${stderr}" "error: the budget of loop 'work' is used up: \$1.25 of \$1.25 (max_usd)
  code: BUDGET_EXCEEDED
  fix: Raise loops[].budget in the configuration. Then go on with the tester of iteration 1: superloop.sh run --repo ${REPO} --loop work (--fresh: a new run, with a budget of its own)"
  assert_equal "$(<"${TURNS}")" $'planner\nimplementer'
  host::assert_json <(tail -n 1 "$(host::loop events.jsonl)") '[.event, .role, .data.reason]' '["loop_stopped","tester","budget_exceeded"]'
  host::assert_json "${REPO}/.superloop/state.json" .active false
}

@test "a budget in tokens counts analyses and turns, in and out" {
  claude_agent planner 'A plan.' 60 10 0.1
  host::config '.loops[0].budget.max_tokens = 140 | .loops[0].rlms = {enabled: true, policy: {force_on: true}}'
  host::door <<<'printf "{\"ok\":true,\"usage\":{\"input_tokens\":65,\"output_tokens\":5,\"cost_usd\":null}}\n" >"${F_output_dir}/result.json"'
  host::run run
  assert_failure 1
  assert_equal "${stderr_lines[0]}" "error: the budget of loop 'work' is used up: 140 of 140 tokens (max_tokens)"
  assert_equal "$(<"${TURNS}")" planner
}

@test "a loop that completes within its last role is complete, whatever it cost" {
  claude_agent reviewer '<promise>DONE</promise>' 10 2 5
  host::config '.loops[0].budget.max_usd = 1'
  host::run run
  assert_success
  assert_output --partial "Loop 'work' complete at iteration 1."
}

@test "a budget that cannot see a price says so once" {
  host::agent planner <<<'printf "%s\n" "{\"type\":\"turn.started\"}" "{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":5,\"output_tokens\":1}}"'
  host::agent reviewer <<<'if ((ITERATION > 1)); then echo "<promise>DONE</promise>"; fi >"$1"'
  host::config '.loops[0].budget.max_usd = 1'
  host::run run
  assert_success
  assert_equal "${stderr}" "warning: the budget of loop 'work' counts only what runners tell: 1 of 1 turn told no price (max_usd)"
  assert_line "Not counted by the budget: 8 of 8 turns told no price (max_usd)"
}

@test "a budget over turns that tell no tokens says so once, in the events, and at the end" {
  host::agent reviewer <<<'if ((ITERATION > 1)); then echo "<promise>DONE</promise>"; fi >"$1"'
  host::config '.loops[0].budget.max_tokens = 5'
  host::run run
  assert_success
  assert_equal "${stderr}" "warning: the budget of loop 'work' counts only what runners tell: 1 of 1 turn told no tokens (max_tokens)"
  assert_line "Not counted by the budget: 8 of 8 turns told no tokens (max_tokens)"
  host::assert_json <(jq -c 'select(.event == "budget_uncounted")' "$(host::loop events.jsonl)") '[.message, .data]' \
    '["1 of 1 turn told no tokens (max_tokens)",{"max_usd":null,"max_tokens":5}]'
}

@test "what one loop's budget did not count is not told of the next loop" {
  host::config '.loops[0].budget.max_usd = 1 | .loops += [.loops[0] + {id: "next", budget: {}, approval: {enabled: true, require_on_completion: true}}]'
  host::run run --loop next
  host::run approve --by Ann
  host::run run
  assert_success
  assert_equal "$(grep -c 'Not counted by the budget' <<<"${output}")" 1
}

@test "usage that nothing told is unknown, and null, never 0" {
  host::run run
  assert_success
  host::run usage
  assert_line 'all              4  unknown  unknown  unknown'
  host::run usage --json
  printf '%s' "${output}" >"${TMP}/usage.json"
  host::assert_json "${TMP}/usage.json" '[.total, .all, .roles[0], .iterations[0], .runs[0]] | map([.input_tokens, .output_tokens, .cost_usd]) | unique' '[[null,null,null]]'
  host::run status --json
  printf '%s' "${output}" >"${TMP}/status.json"
  host::assert_json "${TMP}/status.json" .usage '{"turns":4,"unknown":4,"input_tokens":null,"output_tokens":null,"cost_usd":null}'
  host::run report
  assert grep -q '<dt>Tokens</dt><dd>unknown</dd><dd>no turn told them</dd>' "$(host::loop report.html)"
}

@test "a budget is each run's own" {
  claude_agent planner 'A plan.' 10 2 0.75
  host::config '.loops[0].budget.max_usd = 1'
  host::run run
  assert_success
  sleep 1.1 # runs are told apart by their second
  host::run run
  assert_success
}
