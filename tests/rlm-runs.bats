#!/usr/bin/env bats
# The runs that rlm keeps: listed, looked at, resumed; and what they have spent, which counts.

setup() {
  load helpers/rlm
  set_up_rlm
}

# A run that hit its limit of steps after one paid call.
hit_limit() {
  code
  jq -n '{root: [{reply: "```python\nn = sub_rlm(\"q\")\n```", cost_usd: 0.01}, {reply: "```python\nset_final(n)\n```", cost_usd: 0.01}], sub: [{reply: "found", cost_usd: 0.01}]}' >"${SCRIPT}"
  rlm run "what is it?" "${MODEL[@]}" --max-depth 1 --max-steps 1 --quiet "$@"
  assert_equal "${status}" 3
}

@test "runs are listed, the newest first" {
  rlm list
  assert_equal "${status} ${output} ${stderr}" "0  rlm: there are no runs yet"
  replies "42"
  rlm run "first" "${MODEL[@]}" --quiet
  hit_limit
  rlm list
  assert_line --index 0 --regexp '^[0-9]{8}-[0-9]{6}-[0-9]{3}-[0-9a-f]{4}  limit_exceeded +.0\.0200  what is it\?$'
  assert_line --index 1 --regexp '  ok .*  first$'
  rlm list --format json --limit 1
  assert_json 'map([.state, .task, .error_code, .usage.cost_usd])' '[["failed","what is it?","limit_exceeded",0.02]]'
}

@test "one run is told with its calls, its cost and its answer" {
  replies "42"
  rlm run "what is it?" "${MODEL[@]}" --quiet
  rlm status
  assert_line --regexp '^run +[0-9a-f-]+, ok$'
  assert_line --regexp '^asked +what is it\?$'
  assert_line --regexp '^done +0 steps, 1 calls, 0 failed calls$'
  assert_line --regexp '^used +[0-9]+ tokens, price unknown$'
  assert_line --regexp '^answer +42$'
  rlm status last --format json
  assert_json '[.state, .final, .journal.calls]' '["ok","42",1]'
}

@test "a run is named by its id, by how that begins, or last" {
  replies "42"
  rlm run "what is it?" "${MODEL[@]}" --quiet
  local id
  id=$(ls "${XDG_STATE_HOME}/rlm/runs")
  rlm status "${id:0:19}" --format json
  assert_json .id "\"${id}\""
  rlm status nonesuch
  assert_refused 2 "there is no run nonesuch" "See rlm list."
}

@test "a resumed run asks nothing again, and what it had spent counts" {
  hit_limit
  rlm resume last --max-steps 5 --format json --quiet
  assert_equal "${status}" 0
  assert_json '[.ok, .final, (.usage.cost_usd * 100 | round)]' '[true,"found",3]'
  local journal
  journal=$(echo "${XDG_STATE_HOME}"/rlm/runs/*/journal.jsonl)
  assert_equal "$(grep -c '"type":"call"' "${journal}")" 3
  rlm list --format json
  assert_json 'map(.state)' '["ok"]'
}

@test "a resumed run has the limits that it was started with, and may not spend more than they allow" {
  hit_limit --max-usd 0.02
  rlm resume last --max-steps 5 --quiet
  assert_equal "${status}" 3
  assert_regex "${stderr}" 'error: cost limit exceeded: .0\.0200 spent and about .0\.0100 more needed, .0\.0200 allowed'
  rlm resume last --max-steps 5 --max-usd 0.03 --quiet
  assert_equal "${status} ${output}" "0 found"
}

@test "a run is resumed from anywhere, with its own context and model" {
  hit_limit
  cd / || return 1
  rlm resume last --max-steps 5 --quiet
  assert_equal "${status} ${output}" "0 found"
}

@test "a run with a folder of its own is listed and resumed all the same" {
  hit_limit --out here
  assert [ -f here/result.json ]
  rlm list --format json
  assert_json 'map(.folder)' "[\"${PWD}/here\"]"
  rlm resume last --max-steps 5 --quiet
  assert_equal "${status} ${output}" "0 found"
  rlm run "what is it?" "${MODEL[@]}" --max-depth 1 --out here --resume --quiet
  assert_equal "${status} ${output}" "0 found"
}

@test "standard input is kept for the resumed run" {
  hit_limit
  run --separate-stderr bash -c "echo piped | '${PROJECT_ROOT}/dist/rlm.cjs' run q --model '${MODEL[1]}' --context - --max-depth 1 --max-steps 1 --quiet"
  assert_equal "${status}" 3
  rlm resume last --max-steps 5 --format json --quiet
  assert_json '[.ok, .files[0].path]' '[true,"stdin"]'
}

@test "a run that was killed is broken off, and goes on" {
  replies "42"
  jq -n '{root: [{reply: "42", delay_ms: 20000}]}' >"${SCRIPT}"
  "${PROJECT_ROOT}/dist/rlm.cjs" run "q" "${MODEL[@]}" --progress json 2>events 3>&- &
  local pid=$!
  while ! grep -q call_start events; do sleep 0.05; done
  rlm status --format json
  assert_json .state '"running"'
  rlm resume last
  assert_equal "${status}" 2
  assert_regex "${stderr}" 'error: run [0-9a-f-]+ is running'
  kill -KILL "${pid}"
  wait "${pid}" || :
  rlm status --format json
  assert_json .state '"broken off"'
  replies "42"
  rlm resume last --quiet
  assert_equal "${status} ${output}" "0 42"
}

@test "a run whose record cannot be kept is made all the same" {
  replies "42"
  : >blocked
  XDG_STATE_HOME=${PWD}/blocked rlm run "q" "${MODEL[@]}" --out here
  assert_equal "${status} ${output}" "0 42"
  assert_regex "${stderr}" 'rlm: the run will not be listed: ENOTDIR'
}

@test "with a cap of five cents and calls at one, a sixth is never made: questions, batches and children" {
  local child='```python
answers = sub_rlm_batch(["a", "b"])
set_final(answers)
```'
  local root='```python
try:
    r = sub_rlm_batch(["q1", "q2", "q3"], depth=2)
finally:
    set_final(sub_rlm("again"))
```'
  jq -n --arg root "${root}" --arg child "${child}" \
    '{root: [{reply: $root, cost_usd: 0.01}], sub: [{reply: "x", cost_usd: 0.01}]}' >"${SCRIPT}"
  jq -n --arg child "${child}" '{root: [{reply: $child, cost_usd: 0.01}], sub: [{reply: "x", cost_usd: 0.01}]}' >sub.json
  rlm run "q" --model "[\"rlms:scripted\",\"${SCRIPT}\"]" --sub-model "[\"rlms:scripted\",\"${PWD}/sub.json\"]" \
    --max-depth 2 --max-usd 0.05 --max-errors 9 --format json --quiet
  assert_equal "${status}" 3
  assert_json '.usage.cost_usd * 100 | round' 5
  local journal
  journal=$(echo "${XDG_STATE_HOME}"/rlm/runs/*/journal.jsonl)
  assert_equal "$(grep -c '"type":"call"' "${journal}")" 5
}
