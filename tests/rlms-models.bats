#!/usr/bin/env bats
# scripts/rlms with models that are programs: how they get the prompt, what their command line may hold, which one is
# asked, and what counts as their reply.

setup() {
  load helpers/door
  set_up_door
}

teardown() { tear_down_door; }

# A model that notes its arguments (one a line), its standard input, its folder and its process group.
recorder() {
  fake_program recorder <<'END'
printf '%s\n' "$@" >"${LOG}.argv"
cat >"${LOG}.stdin"
pwd -P >"${LOG}.cwd"
ps -o pgid= -p $$ >"${LOG}.group"
echo 'set_final("recorded")'
END
}

# A model that answers the root's prompt with code, and anything else with its name and arguments.
speaker() {
  fake_program "$1" <<'END'
prompt=$(cat)
if [[ ${prompt} == "# You answer a task"* ]]; then
  echo 'set_final(sub_rlm("question"))'
else
  echo "${0##*/}: $*"
fi
END
}

# The file holds a root prompt, from its first line to its last.
assert_root_prompt() {
  assert_equal "$(head -n 1 "$1")" "# You answer a task about documents that are too large to read at once"
  assert_equal "$(tail -n 1 "$1")" "Step 1, 5 more after it · 0 s elapsed, 60 s left · 12 sub-calls left, depth 2 · 0 tokens used."
}

@test "stdin: the program gets its arguments and the prompt on standard input" {
  door --root-command-json "$(vector "$(recorder)" -p)" --root-args-json '["two words",""]'
  assert_done '"recorded"'
  assert_equal "$(<"${LOG}.argv")" $'-p\ntwo words'
  assert_root_prompt "${LOG}.stdin"
  assert_files
}

@test "file: the prompt stands in {prompt_file} and standard input is empty" {
  # shellcheck disable=SC2016 # not for this shell
  use_program root reader --file=x "{prompt_file}" <<<'cat >"${LOG}.stdin"; cp "$2" "${LOG}.prompt"; echo "set_final(\"$1\")"'
  door --root-prompt-mode file
  assert_done '"--file=x"'
  assert_root_prompt "${LOG}.prompt"
  assert_equal "$(<"${LOG}.stdin")" ""
  assert_files
}

@test "arg: the prompt is the last argument and standard input is empty" {
  door --root-command-json "$(vector "$(recorder)" -p)" --root-prompt-mode arg
  assert_done '"recorded"'
  assert_equal "$(head -n 1 "${LOG}.argv")" -p
  sed 1d "${LOG}.argv" >"${LOG}.prompt"
  assert_root_prompt "${LOG}.prompt"
  assert_equal "$(<"${LOG}.stdin")" ""
}

@test "arg: a prompt of more than 100,000 bytes goes through standard input" {
  local row
  root_code 'set_final(sub_rlm("\u00e9" * int(peek("widget.py", 5))))'
  for row in '50000|1|0' '50001|0|100002'; do
    IFS='|' read -r count arguments bytes <<<"${row}"
    echo "${count}" >"${REPO}/widget.py"
    door --subcall-command-json "$(vector "$(recorder)")" --subcall-prompt-mode arg
    assert_equal "${status} ${stderr}" "0 "
    assert_equal "$(grep -c é "${LOG}.argv")" "${arguments}"
    assert_equal "$(($(wc -c <"${LOG}.stdin")))" "${bytes}"
  done
}

@test "{repo}, {prompt_file}, {last_message_file} and {model} are replaced in any element, others are left alone" {
  recorder >/dev/null
  ln -s "${TMP}/bin/recorder" "${REPO}/tool"
  door --root-command-json '["{repo}/tool","--in={repo}","{model}","{unknown}","{{repo}}"]' --root-model "big one" \
    --root-args-json '["{prompt_file}","{last_message_file}"]'
  assert_done '"recorded"'
  assert_equal "$(head -n 4 "${LOG}.argv")" "--in=${REPO}"$'\nbig one\n{unknown}\n'"{${REPO}}"
  assert_regex "$(sed -n 5p "${LOG}.argv")" "^${OUT}/.*/prompt$"
  assert_regex "$(sed -n 6p "${LOG}.argv")" "^${OUT}/.*/last_message$"
}

@test "what the prompt itself says of placeholders arrives unchanged" {
  # shellcheck disable=SC2016 # not for this shell
  root_code 'set_final(sub_rlm("What is {repo} and {model}? $HOME `ls` \"x\" \u00e9"))'
  door --subcall-command-json "$(vector "$(recorder)")" --subcall-prompt-mode arg
  # shellcheck disable=SC2016 # not for this shell
  assert_equal "$(<"${LOG}.argv")" 'What is {repo} and {model}? $HOME `ls` "x" é'
}

@test "a {model} that nobody named is a configuration error" {
  door --root-command-json "$(vector "$(recorder)" --model "{model}")"
  assert_error 2 invalid_config "the command uses {model}, but no model is named: ${TMP}/bin/recorder --model {model}" \
    'Name one with --root-model or --subcall-model, or write it into the command.'
}

@test "a relative output folder serves every prompt mode" {
  cd "${TMP}"
  # shellcheck disable=SC2016 # not for this shell
  use_program root reader "{prompt_file}" "{last_message_file}" <<<'test -s "$1" && echo "set_final(\"read\")" >"$2"'
  door --output-dir out --root-prompt-mode file
  assert_done '"read"'
  assert_files
}

@test "a relative repository is the same folder for the program's path, its arguments and its working directory" {
  cd "${TMP}"
  recorder >/dev/null
  ln -s "${TMP}/bin/recorder" "${REPO}/tool"
  door --repo repo --root-command-json '["./tool","{repo}"]'
  assert_done '"recorded"'
  assert_equal "$(cd "${REPO}" && cd "$(<"${LOG}.argv")" && pwd -P)" "$(<"${LOG}.cwd")"
}

@test "a program runs in the repository, in a process group of its own" {
  door --root-command-json "$(vector "$(recorder)")"
  assert_equal "$(<"${LOG}.cwd")" "$(cd "${REPO}" && pwd -P)"
  assert_not_equal "$(<"${LOG}.group")" "$(ps -o pgid= -p $$)"
}

@test "a program without a slash is found on PATH" {
  recorder >/dev/null
  PATH=${TMP}/bin:${PATH} door --root-command-json '["recorder"]'
  assert_done '"recorded"'
}

@test "each part of the sub-call's vector falls back to the root's where it is not given or an empty array" {
  local flags final
  speaker root >/dev/null
  speaker sub >/dev/null
  while IFS='|' read -r flags final; do
    # shellcheck disable=SC2086 # words without spaces
    door --repo "${TMP}/bin" --root-command-json '["./root"]' --root-args-json '["a"]' --subcall-command-json '[""]' ${flags}
    assert_done "\"${final}\\n\""
  done <<'END'
|root: a
--subcall-args-json ["b","c"]|root: b c
--subcall-command-json ["./sub"]|sub: a
--subcall-command-json ["./sub","x"] --subcall-args-json ["b"]|sub: x b
--subcall-args-json []|root: a
--subcall-args-json [""]|root: a
END
}

@test "the sub-call's prompt mode falls back to the root's" {
  # shellcheck disable=SC2016 # not for this shell
  use_program subcall sub x <<<'if [[ $# == 2 ]]; then echo "arg $2"; else echo "stdin $(cat)"; fi'
  root_code 'set_final(sub_rlm("question"))'
  door
  assert_done '"stdin question\n"'
  door --root-prompt-mode arg
  assert_done '"arg question\n"'
  door --root-prompt-mode arg --subcall-prompt-mode stdin
  assert_done '"stdin question\n"'
}

@test "the environment gives vectors and modes, flags go before it, and an empty array leaves it to the environment" {
  speaker root >/dev/null
  speaker sub >/dev/null
  export SUPERLOOP_RLMS_ROOT_COMMAND_JSON SUPERLOOP_RLMS_ROOT_ARGS_JSON='["a"]' SUPERLOOP_RLMS_SUBCALL_COMMAND_JSON
  SUPERLOOP_RLMS_ROOT_COMMAND_JSON=$(vector "${TMP}/bin/root")
  SUPERLOOP_RLMS_SUBCALL_COMMAND_JSON=$(vector "${TMP}/bin/sub")
  door_without --root-command-json --subcall-command-json '[""]'
  assert_done '"sub: a\n"'
  SUPERLOOP_RLMS_SUBCALL_ARGS_JSON='["b"]' door --root-command-json '[""]' --root-args-json '[""]' --subcall-command-json '[""]'
  assert_done '"sub: b\n"'
  SUPERLOOP_RLMS_SUBCALL_ARGS_JSON='["b"]' door --root-command-json '[]' --subcall-command-json "$(vector "${TMP}/bin/root")" --subcall-args-json '["c"]'
  assert_done '"root: c\n"'
  SUPERLOOP_RLMS_ROOT_PROMPT_MODE=file SUPERLOOP_RLMS_SUBCALL_PROMPT_MODE=arg door --root-command-json '[""]' --root-prompt-mode stdin --subcall-command-json '[""]'
  assert_done '"sub: a question\n"'
}

@test "the reply is the last-message file where the program wrote one, else standard output" {
  # shellcheck disable=SC2016 # not for this shell
  fake_program writer <<<'cat >/dev/null; echo "set_final(\"printed\")"; printf "$1" >"$2"'
  door --root-command-json "$(vector "${TMP}/bin/writer" 'set_final("written")' "{last_message_file}")"
  assert_done '"written"'
  door --root-command-json "$(vector "${TMP}/bin/writer" ' \n' "{last_message_file}")"
  assert_done '"printed"'
}

@test "what a program says on standard error is no part of its reply and not shown" {
  use_program root noisy <<<'cat >/dev/null; echo "warning: old" >&2; echo "set_final(1)"'
  door
  assert_done 1
}

@test "tokens and price are read from Claude, Codex, Gemini and OpenCode output; plain text is estimated" {
  local name usage
  # shellcheck disable=SC2016 # not for this shell
  use_program root teller <<<'cat >/dev/null; cat "${LOG}"'
  while IFS='|' read -r name usage; do
    case ${name} in
      claude) echo '{"type":"result","subtype":"success","is_error":false,"result":"set_final(7)","total_cost_usd":0.25,"usage":{"input_tokens":1,"output_tokens":1},"modelUsage":{"m":{"inputTokens":100,"outputTokens":20,"cacheReadInputTokens":3,"cacheCreationInputTokens":0,"costBasis":"list"}}}' ;;
      codex) printf '%s\n' '{"type":"thread.started","thread_id":"t"}' '{"type":"item.completed","item":{"type":"agent_message","text":"set_final(7)"}}' '{"type":"turn.completed","usage":{"input_tokens":50,"cached_input_tokens":10,"output_tokens":6}}' ;;
      gemini) echo '{"session_id":"s","response":"set_final(7)","stats":{"models":{"m":{"tokens":{"input":40,"candidates":4,"thoughts":1}}}}}' ;;
      opencode) printf '%s\n' '{"type":"text","sessionID":"s","part":{"text":"set_final(7)"}}' '{"type":"step_finish","sessionID":"s","part":{"reason":"stop","cost":0.5,"tokens":{"input":30,"output":3,"reasoning":0,"cache":{"read":0,"write":0}}}}' ;;
      *) echo 'set_final(7)' ;;
    esac >"${LOG}"
    door
    assert_done 7
    if [[ ${name} == plain ]]; then
      assert_result '.usage | [.input_tokens > 500, .output_tokens, .cost_usd]' "${usage}"
    else
      assert_result '.usage | [.input_tokens, .output_tokens, .cost_usd]' "${usage}"
    fi
  done <<'END'
claude|[103,20,0.25]
codex|[50,6,null]
gemini|[40,5,null]
opencode|[30,3,0.5]
plain|[true,4,null]
END
}
