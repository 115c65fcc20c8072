#!/usr/bin/env bats
# runner: the program and flags that answer a role's prompt.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes
# shellcheck disable=SC2030,SC2031 # each test is a shell of its own

setup() {
  load helpers/host
  host::setup
  host::settings
  host::source lib/strays lib/process runner
  PROMPT=${TMP}/prompt.md MESSAGE=${TMP}/message.txt
  printf 'the prompt\n' >"${PROMPT}"
  mkdir -p "${AGENTS}"
  SL_ROLE_planner_COMMAND=() SL_ROLE_planner_ARGS=() SL_ROLE_planner_FAST_ARGS=() SL_ROLE_planner_MODEL=""
  SL_ROLE_planner_THINKING="" SL_ROLE_planner_PROMPT_MODE=stdin
}

# A program of this name that tells its arguments, its input, its folder and its thinking budget; sets PROGRAM.
program() {
  PROGRAM=${AGENTS}/$1
  cat >"${PROGRAM}" <<'EOS'
#!/usr/bin/env bash
printf 'arg=%s\n' "$@"
printf 'in=%s\n' "$(cat)"
printf 'cwd=%s\n' "$(pwd -P)"
printf 'thinking=%s\n' "${MAX_THINKING_TOKENS-unset}"
EOS
  chmod +x "${PROGRAM}"
  SL_ROLE_planner_COMMAND=("${PROGRAM}")
}

# Runs the planner; what its program told is then bats' output.
run_planner() {
  runner::run planner "${PROMPT}" "${MESSAGE}" "${TMP}/out" "${TMP}/err" 60
  run cat "${TMP}/out"
}

@test "a runner gets its prompt on standard input and runs in the repository" {
  program agent
  run_planner
  assert_output "arg="$'\n'"in=the prompt"$'\n'"cwd=${REPO}"$'\n'"thinking=unset"
}

@test "placeholders are replaced wherever they stand, in the command and in the arguments" {
  program agent
  mkdir "${REPO}/bin"
  mv "${PROGRAM}" "${REPO}/bin/agent"
  SL_ROLE_planner_COMMAND=('{repo}/bin/agent' 'x{repo}y{repo}')
  SL_ROLE_planner_ARGS=(--out '{last_message_file}' '--prompt={prompt_file}' '{other}' '{ repo }' '' 'two words' '*')
  run_planner
  assert_line --index 0 "arg=x${REPO}y${REPO}"
  assert_line --index 1 "arg=--out"
  assert_line --index 2 "arg=${MESSAGE}"
  assert_line --index 3 "arg=--prompt=${PROMPT}"
  assert_line --index 4 "arg={other}"
  assert_line --index 5 "arg={ repo }"
  assert_line --index 6 "arg="
  assert_line --index 7 "arg=two words"
  assert_line --index 8 "arg=*"
}

@test "placeholders become paths with any characters" {
  local odd
  program agent
  for odd in 'R&D' '{prompt_file}' '{repo' 'a b' 'back\slash' 'do$lar' "quo'te" 'dou"ble' é; do
    SL_REPO=${TMP}/${odd}
    mkdir "${SL_REPO}"
    SL_ROLE_planner_ARGS=('<{repo}>' '<{prompt_file}>' '<{last_message_file}>')
    cp "${PROMPT}" "${SL_REPO}/prompt"
    runner::run planner "${SL_REPO}/prompt" "${SL_REPO}/message" "${TMP}/out" "${TMP}/err" 60
    run cat "${TMP}/out"
    assert_line --index 0 "arg=<${SL_REPO}>"
    assert_line --index 1 "arg=<${SL_REPO}/prompt>"
    assert_line --index 2 "arg=<${SL_REPO}/message>"
  done
}

@test "in file mode the prompt is a file and standard input is empty" {
  program agent
  SL_ROLE_planner_PROMPT_MODE="file"
  SL_ROLE_planner_ARGS=(--file '{prompt_file}')
  run_planner
  assert_line "arg=${PROMPT}"
  assert_line "in="
}

@test "a model is a flag before the other arguments" {
  program agent
  SL_ROLE_planner_ARGS=(--last) SL_ROLE_planner_MODEL='a model'
  run_planner
  assert_equal "${lines[*]:0:3}" "arg=--model arg=a model arg=--last"
}

@test "thinking is an effort for codex, before the model" {
  local pair effort
  program codex
  SL_ROLE_planner_ARGS=(-) SL_ROLE_planner_MODEL=m
  for pair in none:none minimal:minimal low:low standard:medium high:high max:xhigh; do
    SL_ROLE_planner_THINKING=${pair%:*} effort=${pair#*:}
    run_planner
    assert_equal "${lines[*]:0:5}" "arg=-c arg=model_reasoning_effort=\"${effort}\" arg=--model arg=m arg=-"
    assert_line "thinking=unset"
  done
  SL_ROLE_planner_THINKING=""
  run_planner
  assert_equal "${lines[*]:0:3}" "arg=--model arg=m arg=-"
}

@test "thinking is a budget in the environment for claude, and no flag" {
  local pair
  program claude
  for pair in none:0 minimal:1024 low:4096 standard:10000 high:20000 max:32000 :unset; do
    SL_ROLE_planner_THINKING=${pair%:*}
    run_planner
    assert_line --index 0 "arg="
    assert_line "thinking=${pair#*:}"
    assert_equal "${MAX_THINKING_TOKENS-unset}" unset
  done
}

@test "the user's own thinking budget stands where none is configured, and is back after a role with one" {
  export MAX_THINKING_TOKENS=7
  program claude
  run_planner
  assert_line "thinking=7"
  SL_ROLE_planner_THINKING=low
  run_planner
  assert_line "thinking=4096"
  assert_equal "${MAX_THINKING_TOKENS}" 7
  program agent
  run_planner
  assert_line "thinking=7"
}

@test "thinking means nothing to other programs" {
  program opencode
  SL_ROLE_planner_THINKING=max
  run_planner
  assert_line --index 0 "arg="
  assert_line "thinking=unset"
}

@test "fast arguments stand in for the others with --fast, where there are any" {
  program agent
  SL_ROLE_planner_ARGS=(--slow) SL_ROLE_planner_FAST_ARGS=(--quick '{repo}') SL_ROLE_planner_MODEL=m
  run_planner
  assert_equal "${lines[*]:0:3}" "arg=--model arg=m arg=--slow"
  SL_FLAG_FAST=true
  run_planner
  assert_equal "${lines[*]:0:4}" "arg=--model arg=m arg=--quick arg=${REPO}"
  SL_ROLE_planner_FAST_ARGS=()
  run_planner
  assert_equal "${lines[*]:0:3}" "arg=--model arg=m arg=--slow"
}

@test "the program's status is passed on, 124 when its time is over, and the budget is back after each" {
  local status
  export MAX_THINKING_TOKENS=7
  program claude
  SL_ROLE_planner_THINKING=low
  printf '#!/usr/bin/env bash\nexit 9\n' >"${PROGRAM}"
  status=0
  runner::run planner "${PROMPT}" "${MESSAGE}" "${TMP}/out" "${TMP}/err" 60 || status=$?
  assert_equal "${status} ${MAX_THINKING_TOKENS}" "9 7"
  printf '#!/usr/bin/env bash\nexec sleep 60\n' >"${PROGRAM}"
  status=0
  runner::run planner "${PROMPT}" "${MESSAGE}" "${TMP}/out" "${TMP}/err" 1 || status=$?
  assert_equal "${status} ${MAX_THINKING_TOKENS}" "124 7"
}

@test "a role without a runner is refused" {
  run runner::read planner
  assert_failure 2
  assert_line "error: no runner is configured for the planner"
  assert_line "  code: ROLES_CONFIG_INVALID"
  assert_line "  fix: Name one in loops[].roles.planner.runner."
}
