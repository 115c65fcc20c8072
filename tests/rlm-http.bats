#!/usr/bin/env bats
# Models over HTTP as a user meets them, against a stand-in on the loopback that counts what it is asked.

setup() {
  load helpers/rlm
  set_up_rlm
  export RLMS_HTTP_API_KEY=sk-never-told-4711
}

teardown() {
  if [[ -n ${SERVER-} ]]; then kill "${SERVER}" || :; fi # it may have ended
}

# start_api CODE: what it answers in a loop.
start_api() {
  node "${PROJECT_ROOT}/tests/helpers/chat-stand-in.mjs" "${TMP}/requests" "$1" >"${TMP}/port" 3>&- &
  SERVER=$!
  while [[ ! -s ${TMP}/port ]]; do sleep 0.05; done
  API=http://127.0.0.1:$(<"${TMP}/port")/v1
}

requests() { wc -l <"${TMP}/requests"; }

@test "URL#MODEL is a model, its answer streamed, its price counted" {
  start_api 'set_final(1)'
  rlm run "?" --model "${API}#qwen3" --format json
  assert_equal "${status}" 0
  assert_json '[.final, .usage]' '["x",{"input_tokens":10,"output_tokens":5,"cost_usd":0.01}]'
  assert_equal "$(jq -c . "${TMP}/requests")" '{"authorization":"Bearer sk-never-told-4711","model":"qwen3","loop":false}'
}

@test "a key stands nowhere: not in messages, not in the run's files, not in the list" {
  start_api 'set_final(1)'
  rlm run "REFUSE" --model "${API}#qwen3" --verbose --progress json
  assert_equal "${status}" 1
  assert_regex "${stderr}" 'answered with an error: HTTP 401 bad key: Bearer \[secret\]'
  refute_regex "${stderr}${output}" 'never-told'
  rlm run "?" --model "${API}#qwen3" --max-depth 1
  rlm status last
  refute_regex "${stderr}${output}" 'never-told'
  assert_equal "$(grep -rl never-told "${XDG_STATE_HOME}" "${PWD}" || :)" ""
}

@test "with a cap of five cents a sixth question is never put, batches and children included" {
  start_api 'sub_rlm_batch(["a", "b"], depth=2)
sub_rlm_batch(["c"] * 3)
sub_rlm("d")'
  local more
  for more in "--max-depth 3" "--max-depth 3 --concurrency 1" "--max-depth 1"; do
    : >"${TMP}/requests"
    # shellcheck disable=SC2086 # two words
    rlm run "?" --model "${API}#qwen3" --max-usd 0.05 --max-errors 99 ${more} --format json
    assert_equal "${status}" 3
    assert_json '.usage.cost_usd <= 0.05' true
    assert [ "$(requests)" -le 5 ]
  done
}

@test "a resumed run does not pay again, and has no more than what is left" {
  start_api 'sub_rlm("a")'
  rlm run "?" --model "${API}#qwen3" --max-usd 0.03 --max-depth 1 --quiet
  assert_equal "${status} $(requests)" "3 3"
  rlm resume last --quiet
  assert_equal "${status} $(requests)" "3 3"
  rlm resume last --max-usd 0.05 --quiet
  assert_equal "${status} $(requests)" "3 5"
}

@test "a named model of the configuration has its own key, in a file" {
  start_api 'set_final(1)'
  echo from-a-file >key
  cat >rlm.config.yaml <<Y
model: local
models:
  local: { url: ${API}, model: m-1, key_file: ${PWD}/key }
Y
  rlm run "?" --context notes.txt
  assert_equal "${status} ${output}" "0 x"
  assert_equal "$(jq -c '[.authorization, .model]' "${TMP}/requests")" '["Bearer from-a-file","m-1"]'
}
