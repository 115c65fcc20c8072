#!/usr/bin/env bats
# What superloop.sh passes through the door: flags, models, the context, the environment's word.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes
# shellcheck disable=SC2030,SC2031 # each test is a shell of its own

setup() {
  load helpers/host
  host::setup
  host::make_repo
  host::door <<<'answer marker'
}

# Runs the reviewer with an analysis; the door's flags are then in FLAGS, one a line.
run_with() {
  rm -f "${TMP}"/door.*
  host::config ".loops[0].roles |= {reviewer} | .loops[0].rlms = ({enabled: true, policy: {force_on: true}} + $1)${2-}"
  host::run run
  assert_success
  FLAGS=$(cat "${TMP}/door.flags-1")
}

# The value of a flag.
flag() {
  grep -x -A 1 -e "--$1" <<<"${FLAGS}" | tail -n 1
}

# The flags that every door knows.
CONTRACT="--context-file-list --format --iteration --loop-id --max-depth --max-steps --max-subcalls --metadata-file --output-dir --repo --require-citations --role --root-args-json --root-command-json --root-prompt-mode --subcall-args-json --subcall-command-json --subcall-prompt-mode --timeout-seconds"

@test "a door of one's own gets the contract's flags and no others, each once" {
  run_with '{sandbox: "python", sandbox_require: "language", limits: {max_tokens: 5, max_usd: 1.5, max_errors: 2, concurrency: 3},
    models: {root: {command: ["x"], model: "y"}, subcall: {command: ["z"], model: "w"}}}'
  assert_equal "$(sed -n 'p;n' <<<"${FLAGS}" | LC_ALL=C sort | paste -sd ' ' -)" "${CONTRACT}"
}

@test "the settings of the loop and the place of the turn are passed on" {
  run_with '{limits: {max_steps: 11, max_depth: 3, timeout_seconds: 99, max_subcalls: 17}, output: {require_citations: false}}'
  local directory pair
  directory=$(host::loop rlms/iter-1/reviewer)
  for pair in "repo=${REPO}" loop-id=work role=reviewer iteration=1 max-steps=11 max-depth=3 timeout-seconds=99 max-subcalls=17 \
    require-citations=false format=json "context-file-list=${directory}/context-files.txt" "output-dir=${directory}" \
    "metadata-file=${directory}/metadata.json"; do
    assert_equal "${pair%%=*}=$(flag "${pair%%=*}")" "${pair}"
  done
}

@test "the metadata file holds the decision and the limits" {
  run_with '{limits: {max_steps: 11}}'
  host::assert_json "$(flag metadata-file)" '[.loop_id, .role, .mode, .trigger_reason, .should_run, .limits]' \
    '["work","reviewer","hybrid","force_on",true,{"max_steps":11,"max_depth":2,"timeout_seconds":240,"max_subcalls":22}]'
  host::assert_json "$(flag metadata-file)" '.metrics | keys_unsorted' '["file_count","line_count","char_count","estimated_tokens","request_detected"]'
}

# assert_models ROOT SUBCALL: each "command args mode"
assert_models() {
  assert_equal "$(flag root-command-json) $(flag root-args-json) $(flag root-prompt-mode)" "$1"
  assert_equal "$(flag subcall-command-json) $(flag subcall-args-json) $(flag subcall-prompt-mode)" "$2"
}

@test "without models the role's own runner answers, with its model and placeholders" {
  run_with '{}' " | .runners.reviewer.args = [\"-o\", \"two words\", \"\"] | .loops[0].roles.reviewer.model = \"m \\\"1\\\"\""
  local expected="[\"${AGENTS}/reviewer\",\"{last_message_file}\"] [\"--model\",\"m \\\"1\\\"\",\"-o\",\"two words\",\"\"] stdin"
  assert_models "${expected}" "${expected}"
}

@test "configured models go before the runner, and the sub-call model falls back to the root's" {
  run_with '{models: {root: {command: ["root", "x"], args: ["a"], prompt_mode: "arg"}}}'
  assert_models '["root","x"] ["a"] arg' '["root","x"] ["a"] arg'
  run_with '{models: {root: {command: ["root"]}, subcall: {command: ["sub"], args: ["b"], prompt_mode: "file"}}}'
  assert_models '["root"] [] stdin' '["sub"] ["b"] file'
}

@test "the environment goes before both, for the root and for sub-calls" {
  export SUPERLOOP_RLMS_ROOT_COMMAND_JSON='["env root"]' SUPERLOOP_RLMS_ROOT_ARGS_JSON='["1"]' SUPERLOOP_RLMS_ROOT_PROMPT_MODE=file
  run_with '{}'
  assert_models '["env root"] ["1"] file' '["env root"] ["1"] file'
  run_with '{models: {root: {command: ["root"]}, subcall: {command: ["sub"]}}}'
  assert_models '["env root"] ["1"] file' '["sub"] [] stdin'
  export SUPERLOOP_RLMS_SUBCALL_COMMAND_JSON='["env sub"]' SUPERLOOP_RLMS_SUBCALL_ARGS_JSON='["2"]' SUPERLOOP_RLMS_SUBCALL_PROMPT_MODE=stdin
  run_with '{models: {subcall: {command: ["sub"]}}}'
  assert_models '["env root"] ["1"] file' '["env sub"] ["2"] stdin'
}

@test "the context is the loop's own files and what the roles changed, then the globs" {
  host::file src/a.c
  host::file "src/b c.c"
  host::file .gitignore ignored/
  host::file ignored/d.c
  host::commit
  host::agent planner <<<'cd "$(dirname "$0")/../repo"; echo plan >.superloop/loops/work/plan.md; echo x >"new file.txt"; git rm -q --cached src/a.c; rm src/a.c; mkdir -p ignored; echo x >ignored/e.c'
  host::config '.loops[0].roles |= {planner, reviewer} | .loops[0].rlms = {enabled: true, policy: {force_on: true}, context: {include: ["src/**", "ignored/**"]}}'
  host::run run
  assert_success
  run sed "s#^${REPO}/##" "${TMP}/door.context-1"
  assert_output ".superloop/specs/work.md
src/a.c
src/b c.c"
  run sed "s#^${REPO}/##" "${TMP}/door.context-2"
  assert_output ".superloop/specs/work.md
.superloop/loops/work/plan.md
.superloop/config.json
new file.txt
src/b c.c"
}

@test "a request's own words reach our door as the task" {
  unset SUPERLOOP_RLMS_SCRIPT
  export SUPERLOOP_RLMS_ROOT_COMMAND_JSON='["rlms:offline"]' SUPERLOOP_RLMS_ROOT_ARGS_JSON='[]'
  host::config '.loops[0].roles |= {reviewer} | .loops[0].rlms = {enabled: true, mode: "requested"}'
  mkdir -p "$(host::loop rlms/requests)"
  printf 'Where is the "counter" – really?\nSay $HOME.\n' >"$(host::loop rlms/requests/reviewer.md)"
  host::agent reviewer <<<'if ((ITERATION == 1)); then echo "RLMS_REQUEST: and then, who?"; else echo "<promise>DONE</promise>"; fi >"$1"'
  host::run run
  assert_success
  host::assert_json "$(host::loop rlms/iter-1/reviewer/result.json)" .task '"Where is the \"counter\" – really?\nSay $HOME."'
  host::assert_json "$(host::loop rlms/iter-2/reviewer/result.json)" .task '"and then, who?"'
  assert [ ! -e "$(host::loop rlms/requests/reviewer.md)" ]
}

@test "a request of 200 kB leads to an analysis as well" {
  unset SUPERLOOP_RLMS_SCRIPT
  host::config '.loops[0].roles |= {reviewer} | .loops[0].rlms = {enabled: true, mode: "requested", models: {root: {command: ["rlms:offline"]}}}'
  mkdir -p "$(host::loop rlms/requests)"
  printf 'Where is it? %200000s\n' here >"$(host::loop rlms/requests/reviewer.md)"
  host::run run
  assert_success
  assert_equal "${stderr}" ""
  host::assert_json "$(host::loop rlms/latest/reviewer.json)" '[.ok, (.task | startswith("Where is it?"))]' '[true,true]'
}

@test "our own settings reach our door" {
  unset SUPERLOOP_RLMS_SCRIPT
  host::config '.loops[0].roles |= {reviewer} | .loops[0].rlms = {enabled: true, policy: {force_on: true}, sandbox: "python",
    sandbox_require: "language", limits: {max_tokens: 100000, max_usd: 1.5, max_errors: 2, concurrency: 3, max_steps: 4},
    models: {root: {command: ["rlms:offline"]}}}'
  host::run run
  assert_success
  host::assert_json "$(host::loop rlms/iter-1/reviewer/result.json)" \
    '.limits | [.max_steps, .max_tokens, .max_usd, .max_errors, .concurrency]' '[4,100000,1.5,2,3]'
}

@test "claude's thinking budget is in the door's environment while it runs" {
  host::door <<<'printf "%s" "${MAX_THINKING_TOKENS-unset}" >"${TMP}/door.thinking"; answer x'
  ln -s reviewer "${AGENTS}/claude"
  run_with '{}' " | .runners.reviewer.command[0] = \"${AGENTS}/claude\" | .loops[0].roles.reviewer.thinking = \"high\""
  assert_equal "$(cat "${TMP}/door.thinking")" 20000
}
