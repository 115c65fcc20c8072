# Shared by tests/rlm-goal*.bats: a small repository, agents that are shell scripts, and goals on it. Everything lies in
# BATS_TEST_TMPDIR. Use: load helpers/goal, then set_up_goal in setup() and tear_down_goal in teardown().

set_up_goal() {
  bats_require_minimum_version 1.5.0
  load helpers/common
  load helpers/processes
  local name
  for name in MCP_RUNNER_TASK_ID RLM_VALIDATOR RLM_MAX_ITERATIONS RLM_MAX_MINUTES RLM_ROLES RLM_AGENT_COMMAND_JSON; do
    unset "${name}"
  done
  TMP=$(cd "${BATS_TEST_TMPDIR}" && pwd -P)
  REPO=${TMP}/shop RLM=${PROJECT_ROOT}/dist/rlm.cjs
  # what agents and validators write to
  export LOG=${TMP}/log PIDS=${TMP}/pids
  mkdir -p "${REPO}" "${TMP}/bin"
  make_repository "${REPO}"
  cd "${REPO}" || return 1
  GOAL_PID=""
  agent <<<':'
}

# A repository with one commit.
make_repository() {
  git -C "$1" init -q
  echo 1 >"$1/count"
  git -C "$1" add -A
  git -C "$1" -c user.name=a -c user.email=a@b commit -qm start
}

# Ends what a failed test has left running.
tear_down_goal() {
  local pid
  if [[ -n ${GOAL_PID-} ]] && is_running "${GOAL_PID}"; then kill -KILL "${GOAL_PID}"; fi
  if [[ -f ${PIDS-} ]]; then
    while read -r pid; do
      if [[ $(ps -o args= -p "${pid}") == *sleep* ]]; then kill -KILL "${pid}" || :; fi # it may end meanwhile
    done <"${PIDS}"
  fi
}

# The agent from now on is this shell script (on standard input); its prompt is in ${LOG}.prompt.N for its N-th call.
agent() {
  local file=${TMP}/bin/agent
  {
    # shellcheck disable=SC2016 # not for this shell
    printf '%s\n' '#!/usr/bin/env bash' 'echo call >>"${LOG}.calls"; calls=$(($(wc -l <"${LOG}.calls")))' \
      'cat >"${LOG}.prompt.${calls}"'
    cat
  } >"${file}"
  chmod +x "${file}"
}

# Runs a goal to its end; status, output and stderr as with bats' run.
goal() { run --separate-stderr "${RLM}" goal "make it so" --agent "$(vector "${TMP}/bin/agent")" "$@"; }

# The same in the background; its pid is GOAL_PID.
start_goal() {
  "${RLM}" goal "make it so" --agent "$(vector "${TMP}/bin/agent")" "$@" >"${TMP}/goal.out" 2>"${TMP}/goal.err" 3>&- &
  GOAL_PID=$!
}

# Waits for it; sets status, output and stderr.
finish_goal() {
  status=0
  wait "${GOAL_PID}" || status=$?
  GOAL_PID=""
  output=$(<"${TMP}/goal.out")
  stderr=$(<"${TMP}/goal.err")
}

# Any other part of rlm.
rlm() { run --separate-stderr "${RLM}" "$@"; }

# The JSON array of its arguments.
vector() { jq -cn '$ARGS.positional' --args -- "$@"; }

# The folder of the only run, or of the latest.
run_folder() {
  local folders=("${REPO}"/.runs/*/cli/*/)
  printf '%s\n' "${folders[${#folders[@]} - 1]%/}"
}

# assert_manifest FILTER JSON: what the filter finds in the latest run's manifest.
assert_manifest() { assert_equal "$(jq -c "$1" "$(run_folder)/manifest.json")" "$2"; }

calls() { if [[ -f ${LOG}.calls ]]; then wc -l <"${LOG}.calls" | tr -d ' '; else echo 0; fi; }

# assert_refused STATUS CODE MESSAGE FIX: told on standard error alone, and nothing was begun.
assert_refused() {
  assert_equal "${status} ${output} ${stderr}" "$1  rlm: error: $3"$'\n'"  code: $2"$'\n'"  fix: $4"
  assert_equal "$(calls)" 0
}
