#!/usr/bin/env bats
# rlm run as a user meets it: the question, the context, the answer.

setup() {
  load helpers/rlm
  set_up_rlm
}

@test "the answer alone is on standard output; what was read and how stands on standard error" {
  replies "It is 42."
  rlm run "what is the answer?" "${MODEL[@]}" --progress plain
  assert_equal "${status} ${output}" "0 It is 42."
  assert_regex "${stderr}" 'rlm: run [0-9]{8}-[0-9]{6}-[0-9]{3}-[0-9a-f]{4}, model rlms:scripted '
  assert_regex "${stderr}" 'rlm: context: 1 document, 28 bytes, about 7 tokens \(1 \.txt\)'
  assert_regex "${stderr}" 'rlm: one direct call: the context has about 7 tokens, one call takes 16000'
  assert_regex "${stderr}" 'rlm: [0-9.]+ s, 1 step, 0 sub-calls, [0-9]+ tokens, price unknown$'
}

@test "with a depth that is asked for, code answers in a loop" {
  code 'print(context)' 'set_final(grep("answer")[0]["start_line"])'
  rlm run "where?" "${MODEL[@]}" --max-depth 1 --format json --quiet
  assert_equal "${status} ${stderr}" "0 "
  assert_json '[.ok, .final, .stats.step_count, .limits.max_depth, .route]' '[true,2,2,1,null]'
}

@test "the choice and its reason are in the result" {
  replies "42"
  rlm run "?" "${MODEL[@]}" --format json
  assert_json .route '{"kind":"direct","max_depth":0,"reason":"the context has about 7 tokens, one call takes 16000"}'
}

@test "verbose shows code and outputs as they come" {
  code 'print("looked")' 'set_final(1)'
  rlm run "?" "${MODEL[@]}" --max-depth 1 --verbose
  assert_regex "${stderr}" $'\n  print\\("looked"\\)\n'
  assert_regex "${stderr}" $'\n  looked\n'
}

@test "progress json is one event a line, tokens and cost among them" {
  jq -n '{root: [{reply: "42", cost_usd: 0.25, input_tokens: 7, output_tokens: 3}]}' >"${SCRIPT}"
  rlm run "?" --model "[\"rlms:scripted\",\"${SCRIPT}\"]" --progress json --max-usd 1
  assert_equal "$(grep '^{' <<<"${stderr}" | jq -cs 'map(.type)')" \
    '["context","route","step_start","call_start","call_end","step_end"]'
  assert_equal "$(grep '^{' <<<"${stderr}" | jq -c 'select(.type == "call_end").spent')" '{"tokens":10,"costUsd":0.25}'
}

@test "yaml is one document as json is" {
  replies "42"
  rlm run "?" "${MODEL[@]}" --format yaml --quiet
  assert_regex "${output}" $'(^|\n)ok: true\n'
  assert_regex "${output}" $'\nfinal: "42"\n'
}

@test "a final value that must match a schema goes back until it does" {
  echo '{"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}' >n.schema.json
  replies 'about 42' '{"n": "42"}' '{"n": 42}'
  rlm run "?" "${MODEL[@]}" --schema n.schema.json --context notes.txt --format json
  assert_json '[.ok, .final, .stats.step_count]' '[true,{"n":42},3]'
  assert_json '.trace[1].error' '"/n must be integer"'
}

@test "the same where code gives the value" {
  echo '{"type": "integer"}' >n.schema.json
  code 'set_final("many")' 'set_final(42)'
  rlm run "?" "${MODEL[@]}" --schema n.schema.json --context notes.txt --max-depth 1 --format json
  assert_json '[.ok, .final]' '[true,42]'
  assert_regex "$(jq -r '.trace[0].error' <<<"${output}")" '^this is no answer: the value must be integer'
}

@test "a schema that is none is refused before anything is asked" {
  replies "42"
  echo '{"type": "nonsense"}' >bad.json
  rlm run "?" "${MODEL[@]}" --schema bad.json
  assert_equal "${status}" 2
  assert_regex "${stderr}" 'error: .*/bad.json is no JSON Schema: '
  rlm run "?" "${MODEL[@]}" --schema none.json
  assert_regex "${stderr}" 'error: the schema cannot be read: .*: ENOENT'
  assert [ ! -d "${XDG_STATE_HOME}/rlm/runs" ]
}

@test "with no model configured and no agent program it answers offline, and says so" {
  rlm run "what is the answer?"
  assert_equal "${status}" 0
  assert_regex "${stderr}" 'no model is configured and no agent program was found: answering offline'
  assert_regex "${output}" '^Offline analysis'
}

@test "a model that is nearly one is told which" {
  rlm run "?" --model claud
  assert_refused 2 '--model: there is no model or program "claud"' 'Did you mean claude?'
  rlm run "?" --sub-model ofline --model offline
  assert_refused 2 '--sub-model: there is no model or program "ofline"' 'Did you mean offline?'
  rlm run "?" --model claud:opus
  assert_refused 2 '--model: there is no model or program "claud:opus"' 'Did you mean claude:opus?'
}

@test "a program is a model, and a preset gets the name of one of its models" {
  printf '#!/bin/sh\ncat >/dev/null\necho "$@"\n' >"${TMP}/bin/claude"
  chmod +x "${TMP}/bin/claude"
  rlm run "?" --model claude:haiku --context notes.txt
  assert_regex "${output}" '--model haiku$'
  printf '#!/bin/sh\necho plain; cat >/dev/null\n' >own
  chmod +x own
  rlm run "?" --model ./own --context notes.txt
  assert_equal "${status} ${output}" "0 plain"
}

@test "a question is one, and not blank" {
  local fix='Put it into quotes: rlm run "what fails?" --context logs/'
  rlm run
  assert_refused 2 "rlm run takes one question" "${fix}"
  rlm run what fails
  assert_refused 2 "rlm run takes one question" "${fix}"
  rlm run " "
  assert_refused 2 "rlm run takes one question" "${fix}"
}

@test "a limit is exit status 3, with the partial answer" {
  code 'append_highlight("found this much")'
  rlm run "?" "${MODEL[@]}" --max-depth 1 --max-steps 2
  assert_equal "${status} ${output}" "3 found this much"
  assert_regex "${stderr}" 'error: step limit exceeded: 2 allowed'
  assert_regex "${stderr}" 'rlm: go on with it: rlm resume [0-9]{8}-[0-9]{6}-[0-9]{3}-[0-9a-f]{4}'
}

@test "NO_COLOR or not, nothing that is no terminal gets an escape" {
  replies "42"
  FORCE_COLOR=1 rlm run "?" "${MODEL[@]}" --progress plain
  refute_regex "${stderr}${output}" $'\x1b'
}
