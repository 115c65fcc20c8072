#!/usr/bin/env bats
# Whatever fails, whoever asked for a document gets one, and nothing but one, on standard output.

setup() {
  load helpers/rlm
  set_up_rlm
  replies "42"
}

# assert_document STATUS CODE: one document that says so.
assert_document() {
  assert_equal "${status}" "$1"
  assert_json '[.ok, .error_code, (.error | type), (.error_fix | type)]' "[false,\"$2\",\"string\",\"string\"]"
  assert_equal "$(jq -s length <<<"${output}")" 1
  assert_regex "${stderr}" "code: $2"
}

json() { rlm run "?" --format json "$@"; }

@test "a flag that is none, a value that is none, a question too many" {
  json --modle x
  assert_document 2 invalid_config
  json --max-usd much
  assert_document 2 invalid_config
  json another
  assert_document 2 invalid_config
  rlm run --format=json
  assert_document 2 invalid_config
}

@test "the format may come from the environment" {
  RLM_FORMAT=json rlm run "?" --modle x
  assert_document 2 invalid_config
}

@test "yaml as well" {
  rlm run "?" --format yaml --modle x
  assert_equal "${status}" 2
  assert_regex "${output}" $'^ok: false\nerror: there is no flag --modle\n'
}

@test "a configuration that is broken" {
  echo 'max_usd: [' >rlm.config.yaml
  json
  assert_document 2 invalid_config
  echo 'max_uds: 3' >rlm.config.yaml
  json
  assert_document 2 invalid_config
  echo '{"max_usd": }' >.rlmrc.json
  rm rlm.config.yaml
  json
  assert_document 2 invalid_config
}

@test "no such context, an empty one, no such model" {
  json "${MODEL[@]}" --context none
  assert_document 2 invalid_config
  mkdir empty
  json "${MODEL[@]}" --context empty
  assert_document 2 invalid_config
  json --model nonesuch
  assert_document 2 invalid_config
}

@test "a model that fails, that says nothing, that cannot be reached" {
  json --model '["false"]'
  assert_document 1 model_invocation_failed
  replies ""
  json "${MODEL[@]}"
  assert_document 1 model_invocation_failed
  json --model 'http://127.0.0.1:9/v1#m' --timeout 0.5
  assert_document 3 limit_exceeded
}

@test "code that keeps failing, and code that keeps breaking the rules" {
  code 'x = 1/0'
  json "${MODEL[@]}" --max-depth 1
  assert_document 1 code_error
  code 'import os'
  json "${MODEL[@]}" --max-depth 1
  assert_document 1 sandbox_violation
}

@test "each limit: steps, sub-calls, tokens, USD, time" {
  code 'print(1)'
  json "${MODEL[@]}" --max-depth 1 --max-steps 1
  assert_document 3 limit_exceeded
  code 'sub_rlm_batch(["q"] * 9)'
  json "${MODEL[@]}" --max-depth 1 --max-subcalls 3
  assert_document 3 limit_exceeded
  json "${MODEL[@]}" --max-depth 1 --max-tokens 10
  assert_document 3 limit_exceeded
  jq -n '{root: [{reply: "```python\nprint(1)\n```", cost_usd: 0.01}]}' >"${SCRIPT}"
  json "${MODEL[@]}" --max-depth 1 --max-usd 0.02
  assert_document 3 limit_exceeded
  code 'while True: pass'
  json "${MODEL[@]}" --max-depth 1 --timeout 1 --max-errors 99
  assert_document 3 limit_exceeded
}

@test "no usable Python" {
  code 'set_final(1)'
  SUPERLOOP_RLMS_PYTHON=/bin/false json "${MODEL[@]}" --max-depth 1
  assert_document 1 sandbox_unavailable
  SUPERLOOP_RLMS_PYTHON=/bin/false json "${MODEL[@]}" --max-depth 1 --sandbox python
  assert_document 1 sandbox_unavailable
}

@test "nowhere to write" {
  : >file
  json "${MODEL[@]}" --out file/out
  assert_document 2 invalid_config
}

@test "a run that cannot be resumed" {
  rlm resume none --format json
  assert_document 2 invalid_config
  rlm run "?" --resume --format json
  assert_document 2 invalid_config
}

@test "interrupted: exit status 130 or 143" {
  jq -n '{root: [{reply: "42", delay_ms: 30000}]}' >"${SCRIPT}"
  local signal wanted pid
  for signal in INT:130 TERM:143; do
    wanted=${signal#*:}
    : >events
    "${PROJECT_ROOT}/dist/rlm.cjs" run "?" "${MODEL[@]}" --format json --progress json --out "out${wanted}" >out.json 2>events 3>&- &
    pid=$!
    while ! grep -q call_start events; do sleep 0.05; done
    kill "-${signal%:*}" "${pid}"
    status=0
    wait "${pid}" || status=$?
    output=$(<out.json) stderr=$(<events)
    assert_document "${wanted}" cancelled
  done
}

@test "interrupted while it waits for standard input" {
  mkfifo pipe
  "${PROJECT_ROOT}/dist/rlm.cjs" run "?" "${MODEL[@]}" --format json --context - <pipe >out.json 2>err 3>&- &
  local pid=$!
  exec 4>pipe
  echo text >&4
  while [[ ! -s $(echo "${XDG_STATE_HOME}"/rlm/runs/*/stdin.txt) ]]; do sleep 0.05; done
  kill -INT "${pid}"
  status=0
  wait "${pid}" || status=$?
  exec 4>&-
  output=$(<out.json) stderr=$(<err)
  assert_document 130 cancelled
}

@test "the other commands too" {
  rlm list --format json --limit 0
  assert_document 2 invalid_config
  rlm status nonesuch --format json
  assert_document 2 invalid_config
  rlm config get nonesuch --format json
  assert_document 2 invalid_config
}
