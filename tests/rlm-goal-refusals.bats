#!/usr/bin/env bats
# What rlm goal refuses before anything is begun, by name; and how it asks on a terminal.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/goal
  set_up_goal
}

teardown() { tear_down_goal; }

assert_nothing_begun() { refute [ -e .runs ]; }

@test "mistakes on the command line are named, exit 1" {
  goal --valdator true
  assert_refused 1 goal_usage 'there is no flag --valdator' 'Did you mean --validator?'
  goal another
  assert_refused 1 goal_usage '"another" is a word too many' 'Put what belongs together into quotes.'
  rlm goal
  assert_refused 1 goal_usage 'the goal is missing' 'Say it: rlm goal "make the tests pass".'
  rlm goal ' ' --validator true
  assert_refused 1 goal_usage 'the goal is missing' 'Say it: rlm goal "make the tests pass".'
  rlm goal x --validator
  assert_refused 1 goal_usage '--validator needs a value' 'See --help.'
  assert_nothing_begun
}

@test "values that can't be used are named by the flag or the variable that they came by, exit 5" {
  goal --max-iterations 5x
  assert_refused 5 goal_config '--max-iterations must be a whole number from 1 up, not "5x"' 'Correct --max-iterations.'
  RLM_MAX_ITERATIONS=2.5 goal
  assert_refused 5 goal_config 'RLM_MAX_ITERATIONS must be a whole number from 1 up, not "2.5"' 'Correct RLM_MAX_ITERATIONS.'
  RLM_MAX_MINUTES=1e3 goal
  assert_refused 5 goal_config 'RLM_MAX_MINUTES must be a number from 0 up, not "1e3"' 'Correct RLM_MAX_MINUTES.'
  RLM_ROLES=quartet goal
  assert_refused 5 goal_config 'RLM_ROLES must be one of single, triad, not "quartet"' 'Correct RLM_ROLES.'
  goal --mode fast
  assert_refused 5 goal_config '--mode must be one of iterative, symbolic, auto, not "fast"' 'Correct --mode.'
  goal --max-tokens 0
  assert_refused 5 goal_config '--max-tokens must be a whole number from 1 up, not "0"' 'Correct --max-tokens.'
  goal --max-usd -1
  assert_refused 5 goal_config '--max-usd must be a number from 0.000001 up, not "-1"' 'Correct --max-usd.'
  goal --validator-timeout 0
  assert_refused 5 goal_config '--validator-timeout must be a number from 0.1 up, not "0"' 'Correct --validator-timeout.'
  goal --agent-timeout soon
  assert_refused 5 goal_config '--agent-timeout must be a number from 0.1 up, not "soon"' 'Correct --agent-timeout.'
  goal --task ../elsewhere
  assert_refused 5 goal_config \
    '--task must be a name of letters, digits, dots, dashes and underscores, at most 128, not "../elsewhere"' 'Correct --task.'
  MCP_RUNNER_TASK_ID=. goal
  assert_refused 5 goal_config \
    'MCP_RUNNER_TASK_ID must be a name of letters, digits, dots, dashes and underscores, at most 128, not "."' 'Correct MCP_RUNNER_TASK_ID.'
  goal --validator ' '
  assert_refused 5 goal_config '--validator is blank' 'Give it a command, none, or auto.'
  assert_nothing_begun
}

@test "a context that can't be read is refused before the validator runs, exit 5" {
  goal --validator 'touch ran; false' --context nowhere
  assert_refused 5 goal_config "there is no file or folder ${REPO}/nowhere" 'Correct --context.'
  goal --validator 'touch ran; false' --context - </dev/null
  assert_refused 5 goal_config 'standard input is empty' 'Pipe a text into rlm, or leave --context - out.'
  assert_equal "$(find .runs ran -type f 2>/dev/null)" ""
}

@test "an agent that can't be started is refused without being started, exit 5" {
  goal --validator false --agent nobody
  assert_refused 5 goal_config \
    '--agent must be one of claude, codex, opencode, gemini, offline or a JSON array of strings, not "nobody"' \
    "Correct --agent; a program is given like '[\"my-agent\",\"--yes\"]'."
  RLM_AGENT_COMMAND_JSON='[]' run --separate-stderr "${RLM}" goal x --validator false
  assert_refused 5 goal_config 'RLM_AGENT_COMMAND_JSON names no program' 'Correct RLM_AGENT_COMMAND_JSON.'
  goal --validator false --agent '["sh","-m","{model}"]'
  assert_refused 5 goal_config '--agent holds {model}, and a goal names none' 'Write the model into it.'
  goal --validator false --agent '["no-such-agent"]'
  assert_refused 5 goal_config 'the agent'\''s program "no-such-agent" is not installed' \
    'Install it, or give --agent claude, codex, opencode, gemini, offline or a JSON vector.'
  goal --validator false --agent '["rlms:nobody"]'
  assert_refused 5 goal_config \
    'there is no built-in agent "rlms:nobody"; there are rlms:offline, rlms:http, rlms:scripted, rlms:claude, rlms:codex, rlms:opencode, rlms:gemini' \
    'Correct the option that the message names.'
  goal --validator false --mode iterative --agent '["rlms:http","http://127.0.0.1:1/v1","m"]'
  assert_refused 5 goal_config 'rlms:http is a model without tools: it changes no files by itself' 'Give --mode symbolic.'
  assert_nothing_begun
}

@test "a run that nothing would end is refused, with the three ways out, exit 5" {
  local unbounded
  for unbounded in 0 unlimited unbounded infinite infinity; do
    goal --validator none --max-iterations "${unbounded}" --max-minutes 0
    assert_refused 5 goal_config \
      'without a validator, without a limit of iterations and without a limit of time the run would never end' \
      'Give --validator "<command>", or --max-iterations N, or --max-minutes X.'
  done
  assert_nothing_begun
  goal --validator true --max-iterations unlimited --max-minutes 0
  assert_equal "${status}" 0
  goal --validator none --max-iterations 1 --max-minutes 0
  assert_equal "${status}" 0
}

@test "no validator, or several, are told with what was found, exit 2" {
  goal
  assert_refused 2 validator_missing 'no validator was found' 'Give --validator "<command>", or --validator none to run to the budget.'
  echo '{"scripts":{"test":"echo \"Error: no test specified\" && exit 1"}}' >package.json
  goal --validator auto
  assert_refused 2 validator_missing $'no validator was found:\n  - package.json: scripts.test is npm\'s placeholder' \
    'Give --validator "<command>", or --validator none to run to the budget.'
  touch go.mod Cargo.toml
  goal
  assert_refused 2 validator_ambiguous $'2 validators were found, which run different things:
  - go test ./... (go.mod)
  - cargo test (Cargo.toml)
  - package.json: scripts.test is npm\'s placeholder' 'Choose one with --validator "<command>".'
  assert_nothing_begun
}

@test "a validator that can't run ends the run before the agent is called, exit 4" {
  echo 'echo hello' >script
  echo '{"scripts":{"unit":"true"}}' >package.json
  local row command reason
  for row in 'no-such-program --all|no-such-program --all: exit status 127, there is no such program' \
    './script|./script: exit status 126, it may not be executed' \
    'npm run units|npm run units: package.json has no script "units"; did you mean unit?' \
    'pnpm test|pnpm test: package.json has no script "test"' \
    'yarn run e2e:all|yarn run e2e:all: package.json has no script "e2e:all"'; do
    IFS='|' read -r command reason <<<"${row}"
    goal --validator "${command}"
    assert_equal "${status} $(calls)" "4 0"
    assert_regex "${lines[${#lines[@]} - 1]}" "^validator unusable: "
    assert_manifest '[.status, .exit_code, .reason]' "$(jq -cn --arg r "${reason}" '["validator_unusable", 4, $r]')"
  done
}

@test "variables stand for options, and flags go before them" {
  export RLM_VALIDATOR='test -e ready' RLM_MAX_ITERATIONS=3 RLM_MAX_MINUTES=0.5 RLM_ROLES=triad MCP_RUNNER_TASK_ID=My_task.1
  agent <<<'touch ready'
  RLM_AGENT_COMMAND_JSON=$(vector "${TMP}/bin/agent") run --separate-stderr "${RLM}" goal x
  assert_equal "${status} $(calls)" "0 3"
  assert [ -e .runs/My_task.1/metrics.jsonl ]
  assert_equal "${lines[2]}" "  why: given by RLM_VALIDATOR"
  assert_manifest '.options | [.validator, .["max-iterations"], .["max-minutes"], .roles, .task] | map(.value, .from)' \
    '["test -e ready","environment","3","environment","0.5","environment","triad","environment","My_task.1","environment"]'
  goal --validator true --roles single --task other
  assert_manifest '.options | [.validator, .roles, .task] | map(.value, .from)' '["true","flag","single","flag","other","flag"]'
}

# terminal LINES [ARGUMENT…]: a goal on a terminal, with these lines typed when it asks.
terminal() {
  local typed=$1
  shift
  run python3 "${PROJECT_ROOT}/tests/helpers/on-terminal.py" 'or none): ' "${typed}" \
    "${RLM}" goal x --agent "$(vector "${TMP}/bin/agent")" --max-iterations 1 "$@"
}

@test "on a terminal one is asked for the validator: a number, a command, or none" {
  touch go.mod Cargo.toml
  agent <<<'touch ready'
  terminal '|7|test -e ready'
  assert_equal "${status}" 0
  assert_regex "${output}" 'Which command judges whether the goal is reached\?.*  1  go test \./\.\.\. \(go\.mod\).*  2  cargo test \(Cargo\.toml\).*Validator \(1, 2, a command, or none\): '
  assert_regex "${output}" 'validator: test -e ready'
  assert_manifest '[.validator, .validator_reason, .status]' '["test -e ready","given on the terminal","passed"]'
  terminal none
  assert_equal "${status}" 0
  assert_manifest '[.validator, .status]' '[null,"budget_complete"]'
  rm Cargo.toml
  touch pytest.ini
  terminal 1
  assert_manifest '.validator | test("pytest")' true
}

@test "who gives no answer on a terminal has begun nothing" {
  terminal ^D
  assert_equal "${status}" 2
  assert_regex "${output}" 'no validator was found, and none was given'
  terminal ^C
  assert_equal "${status}" 6
  assert_regex "${output}" 'interrupted by SIGINT, before anything had begun'
  assert_nothing_begun
}

@test "with the offline agent for want of another, that is told" {
  local path
  path=$(dirname "$(command -v node)"):/usr/bin:/bin
  PATH=${path} run --separate-stderr "${RLM}" goal x --validator false --max-iterations 1
  assert_equal "${status} ${stderr}" \
    "3 warning: no agent is named and no agent program was found: the offline agent tries small repairs"
  assert_manifest .agent '["rlms:offline"]'
}

@test "help is printed on every level" {
  local words
  for words in 'goal --help' 'goal -h' 'goal status --help' 'goal resume -h'; do
    # shellcheck disable=SC2086 # words
    rlm ${words}
    assert_equal "${status} ${lines[0]}" "0 rlm goal: works on a repository until its validator passes"
  done
  rlm goal --help
  assert_equal "$(awk 'length > 120' <<<"${output}")" ""
}
