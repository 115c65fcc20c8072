#!/usr/bin/env bats
# scripts/rlms with models that fail: each way of failing has a message of its own, and none loses what was found before.

setup() {
  load helpers/door
  set_up_door
}

teardown() { tear_down_door; }

@test "a root model that answers nothing is told so, and after three such steps the run ends" {
  # shellcheck disable=SC2016 # not for this shell
  use_program root model <<<'echo asked >>"${LOG}"; cat >"${LOG}.last"; echo " "'
  door
  assert_error 1 model_invocation_failed 'Your reply was empty. Reply with one fenced code block. (3 failed steps in a row)'
  assert has_lines "${LOG}" 3
  assert_regex "$(<"${LOG}.last")" 'Error: Your reply was empty. Reply with one fenced code block.'
  assert_result .partial false
  assert_files
}

@test "a root model that answers with prose gets one precise correction a step" {
  # shellcheck disable=SC2016 # not for this shell
  root_replies '["I will look at the files first.", "```python\nset_final(\"after the correction\")\n```"]'
  door
  assert_done '"after the correction"'
  assert_journal '[.[] | select(.type == "step") | .observation][0] | split("\n")[0]' \
    '"Error: Your reply held no fenced code block, and as a whole it is not code. Reply with one fenced code block and nothing else."'
}

@test "a root model that only ever talks is a code error" {
  root_replies '["I will look at the files first."]'
  door
  assert_equal "${status}" 1
  assert_result '[.error_code, (.error | split("\n")[0])]' '["code_error","Your reply held no fenced code block, and as a whole it is not code. Reply with one fenced code block and nothing else."]'
  assert_regex "${stderr}" '\(3 failed steps in a row\)'
}

@test "a reply that is flagged as an error is one although the exit status is 0" {
  local name printed message
  # shellcheck disable=SC2016 # not for this shell
  use_program root model <<<'cat >/dev/null; cat "${LOG}"'
  while IFS='|' read -r printed message; do
    printf '%b\n' "${printed}" >"${LOG}"
    door
    assert_error 1 model_invocation_failed "model answered with an error: ${message}" \
      'Run the command in the message by hand, or check URL, key and model; then login, network and arguments.'
  done <<'END'
{"type":"result","subtype":"success","is_error":true,"result":"Invalid API key"}|Invalid API key
{"type":"result","subtype":"error_max_turns","is_error":false}|error_max_turns
{"type":"result","subtype":"success","is_error":false,"result":"set_final(","stop_reason":"max_tokens"}|the answer was cut short: max_tokens
{"session_id":"s","error":{"type":"Error","message":"quota used up","code":403}}|quota used up
{"session_id":"s","response":"","stats":{},"warnings":["Loop detected"]}|Loop detected
{"type":"thread.started"}\n{"type":"turn.failed","error":{"message":"stream was cut"}}|stream was cut
{"type":"thread.started"}\n{"type":"item.completed","item":{"type":"agent_message","text":"x"}}|the turn did not complete
{"type":"error","sessionID":"s","error":{"name":"ProviderAuthError"}}|ProviderAuthError
END
}

@test "an exit status other than 0 is told with what the program said" {
  local body message
  while IFS='|' read -r body message; do
    use_program root model <<<"cat >/dev/null; ${body}"
    door
    assert_error 1 model_invocation_failed "model failed (${message}" 'Run the command in the message by hand, or check URL, key and model; then login, network and arguments.'
  done <<'END'
echo "no such   model" >&2; exit 3|exit status 3): no such model
echo "printed only"; exit 1|exit status 1): printed only
exit 4|exit status 4): it printed nothing
echo '{"session_id":"s"}'; echo broken >&2; exit 5|exit status 5): broken
END
}

@test "a program that a signal ended is told by the signal's number" {
  # shellcheck disable=SC2016 # not for this shell
  use_program root model <<<'cat >/dev/null; kill -KILL $$'
  door
  assert_equal "${status}" 1
  assert_regex "${stderr}" '^rlms: error: model failed \(exit status 137, perhaps signal 9\): '
}

@test "an error that Gemini prints on standard error with an exit status is understood" {
  use_program root model <<<'cat >/dev/null; echo "{\"session_id\":\"s\",\"error\":{\"message\":\"key refused\",\"code\":400}}" >&2; exit 144'
  door
  assert_error 1 model_invocation_failed "model answered with an error: key refused"
}

@test "an absent program is named, and so is one that can't be executed" {
  door --root-command-json '["no-such-model","-p"]'
  assert_error 1 model_invocation_failed 'no-such-model: there is no program "no-such-model"' 'Install no-such-model, or correct the command.'
  door --root-command-json "$(vector "${LIST}")"
  assert_error 1 model_invocation_failed "files.txt: there is no program \"${LIST}\"" "Install ${LIST}, or correct the command."
}

@test "a model that never answers is named when the time is up" {
  use_program root model <<<'sleep 300'
  door --timeout-seconds 0.5
  assert_error 2 limit_exceeded "time limit exceeded: 0.5 s allowed; model had not answered" 'Raise --timeout-seconds, or continue with --resume.'
  assert_files
}

@test "a model that never answers a sub-call is named as well" {
  root_code 'append_highlight("found first")' 'sub_rlm("q")'
  use_program subcall slow <<<'sleep 300'
  door --timeout-seconds 1
  assert_error 2 limit_exceeded "time limit exceeded: 1 s allowed; slow had not answered"
  assert_result '[.partial, .final]' '[true,"found first"]'
}

@test "a model that prints without end is ended" {
  use_program root model <<<'head -c 68000000 /dev/zero; sleep 300'
  door
  assert_error 1 model_invocation_failed 'model printed more than 64 MiB and was ended'
  assert_files
}

@test "a model that fails in a later step leaves the findings so far" {
  root_replies '["append_highlight(\"found first\")", {"error": "gone away"}]'
  door
  assert_error 1 model_invocation_failed 'scripted: gone away'
  assert_result '[.partial, .final, .highlights, .stats.step_count]' '[true,"found first",["found first"],2]'
  assert_files
}

@test "without findings, what was printed last is the partial answer" {
  root_replies '["print(\"counted 12\")", {"error": "gone away"}]'
  door
  assert_result '[.partial, .final]' '[true,"counted 12"]'
}

@test "a sub-call that fails is an exception that the code may catch, each failure with its message" {
  local body message
  root_code 'try:
    sub_rlm("q")
except RuntimeError as error:
    set_final(str(error))'
  # shellcheck disable=SC2016 # not for this shell
  use_program subcall sub <<<'cat >/dev/null; . "${LOG}"'
  while IFS='|' read -r body message; do
    echo "${body}" >"${LOG}"
    door
    assert_done "\"${message}\""
  done <<'END'
true|sub gave an empty answer
exit 9|sub failed (exit status 9): it printed nothing
echo '{"type":"result","is_error":true,"result":"no credit"}'|sub answered with an error: no credit
END
  door --subcall-command-json '["no-such-sub"]'
  assert_done '"no-such-sub: there is no program \"no-such-sub\""'
}

@test "a sub-call's failure that the code does not catch is shown to the model with its line" {
  root_code 'x = 5
sub_rlm("q")' 'set_final(x)'
  sub_replies '[{"error": "gone away"}]'
  door
  assert_done 5
  assert_journal '[.[] | select(.type == "step") | .observation][0]' '"Error: scripted: gone away\n  line 2: sub_rlm(\"q\")\nVariables are kept."'
}

@test "an overload is asked again after a pause, and only the answer counts as a step" {
  # shellcheck disable=SC2016 # not for this shell
  use_program root model <<<'cat >/dev/null; echo asked >>"${LOG}"; if (($(wc -l <"${LOG}") == 1)); then echo "HTTP 529 overloaded, retry in 0.1s" >&2; exit 1; fi; echo "set_final(1)"'
  door
  assert_done 1
  assert_equal "$(wc -l <"${LOG}" | tr -d ' ')" 2
  assert_result .stats.step_count 1
  assert_files
}

@test "an error that will not go away by asking again is asked once" {
  # shellcheck disable=SC2016 # not for this shell
  use_program root model <<<'cat >/dev/null; echo asked >>"${LOG}"; echo "401 unauthorized" >&2; exit 1'
  door
  assert_error 1 model_invocation_failed 'model failed (exit status 1): 401 unauthorized'
  assert_equal "$(wc -l <"${LOG}" | tr -d ' ')" 1
}

@test "what a failed call cost is counted" {
  use_program root model <<<'cat >/dev/null; echo "{\"type\":\"result\",\"is_error\":true,\"result\":\"refused\",\"total_cost_usd\":0.5,\"usage\":{\"input_tokens\":70,\"output_tokens\":3}}"'
  door
  assert_result .usage '{"input_tokens":70,"output_tokens":3,"cost_usd":0.5}'
  assert_journal '[.[] | select(.type == "call_failed") | .error, .usage.cost_usd]' '["model answered with an error: refused",0.5]'
}
