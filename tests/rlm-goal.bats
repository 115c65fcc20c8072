#!/usr/bin/env bats
# rlm goal: an agent works, a validator judges, and what is left on disk says how.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/goal
  set_up_goal
}

teardown() { tear_down_goal; }

# An agent that reaches 3 in as many turns as it takes, by one a turn.
counting_agent() {
  agent <<'END_OF_AGENT'
count=$(<count)
echo $((count + 1)) >count
echo "thinking…"
echo "SUMMARY: counted to $((count + 1))"
END_OF_AGENT
}
three='test "$(cat count)" -ge 3'

@test "a goal is worked on until its validator passes, with the run's id first and a line for each iteration" {
  counting_agent
  goal --validator "${three}"
  assert_equal "${status} ${stderr}" "0 "
  assert_regex "${lines[0]}" '^run [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}-[0-9]{3}Z-[0-9a-f]{8}$'
  assert_equal "${lines[1]}" "validator: ${three}"
  assert_equal "${lines[2]}" "  why: given by --validator"
  assert_regex "${lines[3]}" '^  0  failed \(exit status 1\)  [0-9.]+ s$'
  assert_equal "${lines[4]}" "agent: agent, iterative"
  assert_regex "${lines[5]}" '^  1  failed \(exit status 1\)  [0-9.]+ s  1 file \+1 -1  counted to 2$'
  assert_regex "${lines[6]}" '^  2  passed \(exit status 0\)  [0-9.]+ s  1 file \+1 -1  counted to 3$'
  assert_regex "${lines[7]}" '^passed: the validator passes after 2 iterations \([0-9.]+ s\)$'
  assert_equal "$(calls)" 2
}

@test "a validator that passes already costs no agent call" {
  goal --validator true
  assert_equal "${status} $(calls)" "0 0"
  assert_regex "${lines[4]}" '^passed: the validator passes already; no agent was called'
  assert_manifest '[.status, .exit_code, (.iterations | length)]' '["passed",0,1]'
}

@test "everything of a run can be read afterwards" {
  counting_agent
  goal --validator "${three}" --max-iterations 5 --max-usd 2.5
  local folder artifact
  folder=$(run_folder)
  assert_equal "${folder##*/}" "${lines[0]#run }"
  assert_equal "${folder%/*}" "${REPO}/.runs/rlm-shop/cli"
  assert_equal "$(cd "${folder}/rlm/iterations" && find . -type f | LC_ALL=C sort)" "./0000/validator.log
./0000/verdict.json
./0001/agent.log
./0001/diff.patch
./0001/prompt
./0001/validator.log
./0001/verdict.json
./0002/agent.log
./0002/diff.patch
./0002/prompt
./0002/validator.log
./0002/verdict.json"
  assert_manifest '[.task, .goal, .status, .exit_code, .validator, .mode, .roles]' \
    "[\"rlm-shop\",\"make it so\",\"passed\",0,$(jq -n --arg v "${three}" '$v'),\"iterative\",\"single\"]"
  assert_manifest '[.options["max-iterations"], .options["max-minutes"], .options["max-usd"], .options.roles]' \
    '[{"value":"5","from":"flag"},{"value":"2880","from":"default"},{"value":"2.5","from":"flag"},{"value":"single","from":"default"}]'
  assert_manifest '[.iterations[] | [.iteration, .verdict, .exit_status, .summary, .diff.files]]' \
    '[[0,"failed",1,"",0],[1,"failed",1,"counted to 2",1],[2,"passed",0,"counted to 3",1]]'
  assert_equal "$(jq -c '[.verdict, .iteration]' "${folder}/rlm/iterations/0002/verdict.json")" '["passed",2]'
  while read -r artifact; do
    assert_equal "$(sha256sum <"${folder}/$(jq -r .path <<<"${artifact}")")" "$(jq -r .sha256 <<<"${artifact}")  -"
  done < <(jq -c '.iterations[].artifacts[]' "${folder}/manifest.json")
  assert_equal "$(<"${folder}/rlm/iterations/0001/agent.log")" $'thinking…\nSUMMARY: counted to 2'
  assert_equal "$(jq -cs 'map([.iteration, .verdict])' .runs/rlm-shop/metrics.jsonl)" '[[0,"failed"],[1,"failed"],[2,"passed"]]'
  assert_equal "$(jq -c '[.task, .status, .verdict, .manifest]' out/rlm-shop/state.json)" \
    "[\"rlm-shop\",\"passed\",\"passed\",\".runs/rlm-shop/cli/${folder##*/}/manifest.json\"]"
}

@test "a diff can be applied to where the run began, and git sees nothing of the run itself" {
  agent <<<'echo two >count; printf "\0\1" >binary; mkdir deep; echo new >"deep/a file"; git add deep; git commit -qm "by the agent" --no-verify'
  git config user.name a
  git config user.email a@b
  goal --validator 'test -e binary'
  assert_equal "${status} $(git status --porcelain)" $'0  M count\n?? binary'
  git clone -q "${REPO}" "${TMP}/clone"
  git -C "${TMP}/clone" reset -q --hard HEAD~1
  git -C "${TMP}/clone" apply "$(run_folder)/rlm/iterations/0001/diff.patch"
  diff -r --exclude=.git --exclude=.runs --exclude=out "${REPO}" "${TMP}/clone"
}

@test "what the user had changed and staged stays as it is, and is no change of the agent" {
  echo mine >staged
  git add staged
  echo dirty >count
  agent <<<'touch ready'
  goal --validator 'test -e ready'
  assert_equal "$(git status --porcelain)" $' M count\nA  staged\n?? ready'
  assert_manifest '.iterations[1].diff' '{"files":1,"insertions":0,"deletions":0}'
}

@test "the agent is told the goal, where it stands, what the validator printed, its changes and its own summaries" {
  counting_agent
  goal --validator "echo only \$(cat count); ${three}" --max-iterations 4
  local prompt=${LOG}.prompt.2
  assert_equal "$(sed -n '1,3p' "${prompt}")" $'# Goal\n\nmake it so'
  assert grep -qx 'You are the agent in iteration 2 of 4.' "${prompt}"
  assert grep -qx 'only 2' "${prompt}"
  assert grep -qx -- '-1' "${prompt}"
  assert grep -qx -- '+2' "${prompt}"
  assert grep -qx '1. failed: counted to 2' "${prompt}"
  assert_equal "$(<"${prompt}")" "$(<"$(run_folder)/rlm/iterations/0002/prompt")"
}

@test "a prompt goes to standard input or to a file, never into the arguments" {
  agent <<<'printf "%s\n" "$@" >"${LOG}.argv"; cp "$2" "${LOG}.file"; touch ready'
  run --separate-stderr "${RLM}" goal 'a very special goal' --validator 'test -e ready' \
    --agent "$(vector "${TMP}/bin/agent" --file '{prompt_file}')"
  assert_equal "${status}" 0
  assert_equal "$(wc -c <"${LOG}.prompt.1" | tr -d ' ')" 0
  assert grep -qx 'a very special goal' "${LOG}.file"
  refute grep -q 'special' "${LOG}.argv"
}

@test "without a validator a run goes on to its budget" {
  counting_agent
  goal --validator none --max-iterations 4
  assert_equal "${status} $(calls) $(<count)" "0 4 5"
  assert_regex "${output}" $'\nbudget complete: 4 iterations are done'
  assert_manifest '[.status, .iterations[-1].verdict]' '["budget_complete","none"]'
}

@test "with --json there is one event a line and nothing else" {
  counting_agent
  goal --validator "${three}" --json
  assert_equal "${status} ${stderr}" "0 "
  assert_equal "$(jq -cs 'map(.type)' <<<"${output}")" \
    '["run","validator","phase","iteration","agent","phase","phase","iteration","phase","phase","iteration","end"]'
  assert_equal "$(jq -c 'select(.type == "end") | [.status, .exit_code, .iterations]' <<<"${output}")" '["passed",0,2]'
}

@test "three roles are three calls, each with its own prompt and log" {
  agent <<'END_OF_AGENT'
role=$(sed -n 's/^You are the \(.*\) in iteration.*/\1/p' "${LOG}.prompt.${calls}")
echo "advice of the ${role}"
if [[ ${role} == reviser ]]; then touch ready; fi
END_OF_AGENT
  goal --validator 'test -e ready' --roles triad
  assert_equal "${status} $(calls)" "0 3"
  local folder
  folder=$(run_folder)/rlm/iterations/0001
  assert_equal "$(<"${folder}/planner/agent.log") $(<"${folder}/critic/agent.log") $(<"${folder}/agent.log")" \
    "advice of the planner advice of the critic advice of the reviser"
  assert_equal "$(<"${folder}/planner/prompt")" "$(<"${LOG}.prompt.1")"
  refute grep -q 'advice' "${LOG}.prompt.1"
  assert grep -qx 'advice of the planner' "${LOG}.prompt.2"
  assert grep -qx 'advice of the planner' "${LOG}.prompt.3"
  assert grep -qx 'advice of the critic' "${LOG}.prompt.3"
  assert_manifest '[.iterations[1].attempts[].role]' '["planner","critic","reviser"]'
  assert_manifest '[.iterations[1].artifacts[].path | sub(".*0001/"; "")]' \
    '["planner/prompt","planner/agent.log","critic/prompt","critic/agent.log","prompt","agent.log","validator.log","diff.patch","verdict.json"]'
}

@test "a goal works in the repository around the working directory, and in a folder without git" {
  mkdir -p deep/er
  cd deep/er
  agent <<<'touch ready'
  goal --validator 'test -e ready && test -e count'
  assert_equal "${status}" 0
  assert [ -e "${REPO}/ready" ]
  mkdir "${TMP}/plain"
  cd "${TMP}/plain"
  goal --validator 'test -e ready'
  assert_equal "${status} $(jq -r .task .runs/*/cli/*/manifest.json)" "0 rlm-adhoc"
  assert grep -q '^diff --git a/ready b/ready' .runs/*/cli/*/rlm/iterations/0001/diff.patch
  refute [ -e .git ]
}

@test "up to the agent's turn one node is started, and the agent once" {
  agent <<<'touch ready'
  printf '#!/bin/sh\necho start >>"%s.node"\nexec "%s" "$@"\n' "${LOG}" "$(command -v node)" >"${TMP}/bin/node"
  chmod +x "${TMP}/bin/node"
  PATH=${TMP}/bin:${PATH} goal --validator 'test -e ready'
  assert_equal "${status} $(calls) $(wc -l <"${LOG}.node" | tr -d ' ')" "0 1 1"
}

@test "an agent program is never asked for anything but its turn" {
  cp "${TMP}/bin/agent" "${TMP}/bin/claude"
  echo 'printf "%s " "$@" >>"${LOG}.argv"; touch ready; echo "{\"type\":\"result\",\"is_error\":false,\"result\":\"SUMMARY: did it\",\"session_id\":\"s\",\"total_cost_usd\":0.25,\"usage\":{\"input_tokens\":7,\"output_tokens\":5}}"' >>"${TMP}/bin/claude"
  PATH=${TMP}/bin:${PATH} run --separate-stderr "${RLM}" goal 'make it so' --validator 'test -e ready'
  assert_equal "${status} $(calls)" "0 1"
  assert_regex "$(<"${LOG}.argv")" '^-p --output-format json --permission-mode acceptEdits --allowedTools Bash,Edit,'
  assert_manifest '[.agent, .usage, .iterations[1].summary]' \
    '[["rlms:claude"],{"input_tokens":7,"output_tokens":5,"cost_usd":0.25},"did it"]'
}

@test "the validator can be run by itself: that of a run, or the one that is found" {
  printf 'test:\n\t@echo judged; test -e ready\n' >Makefile
  rlm goal validate
  assert_equal "${status} ${lines[0]}" "2 judged"
  touch ready
  rlm goal validate
  assert_equal "${status} ${output} ${stderr}" "0 judged "
  goal --validator 'kill -TERM $$' --max-iterations 1
  rlm goal validate --run "$(basename "$(run_folder)")"
  assert_equal "${status}" 143
  goal --validator none --max-iterations 1
  rlm goal validate --run "$(basename "$(run_folder)")"
  assert_equal "${status}" 2
  assert_regex "${stderr}" 'has no validator'
}

@test "a loop of superloop.sh can have the validator of a goal as its gate" {
  printf 'test:\n\t@test -e ready\n' >Makefile
  mkdir -p .superloop
  echo '# Spec' >.superloop/spec.md
  cat >"${TMP}/bin/role" <<'END_OF_ROLE'
#!/usr/bin/env bash
cat >/dev/null
if [[ -e half ]]; then touch ready; fi
touch half
echo '<promise>DONE</promise>' >"$1"
END_OF_ROLE
  chmod +x "${TMP}/bin/role"
  jq -n --arg role "${TMP}/bin/role" --arg validate "${RLM} goal validate" '{
    runners: {shell: {command: [$role, "{last_message_file}"]}},
    loops: [{id: "sign", spec_file: ".superloop/spec.md", max_iterations: 5, completion_promise: "DONE",
      roles: {reviewer: {runner: "shell"}}, tests: {mode: "every", commands: [$validate]}}]}' >.superloop/config.json
  run "${PROJECT_ROOT}/superloop.sh" run --repo "${REPO}" --skip-validate
  assert_equal "${status}" 0
  assert_equal "$(jq -rs '[.[] | select(.event == "gates_evaluated") | .data.tests] | join(" ")' .superloop/loops/sign/events.jsonl)" "failed ok"
}
