#!/usr/bin/env bats
# Who can work on a goal: agent programs with their tools, the offline agent, recursive runs; and goals from loops.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/goal
  set_up_goal
}

teardown() { tear_down_goal; }

@test "each agent program is started with its tools, its prompt on standard input" {
  local row name expected
  for row in 'claude|^-p --output-format json --permission-mode acceptEdits --allowedTools Bash,Edit,[A-Za-z,]+ --model opus$' \
    'codex|^exec --json --skip-git-repo-check -s workspace-write -c analytics.enabled=false -c check_for_update_on_startup=false --model opus -$' \
    'opencode|^run --format json --title rlm goal --model opus$' \
    'gemini|^-o json --skip-trust --approval-mode yolo --model opus$'; do
    IFS='|' read -r name expected <<<"${row}"
    rm -f "${LOG}".* ready
    agent <<<'printf "%s\n" "$@" >"${LOG}.argv"; touch ready'
    mv "${TMP}/bin/agent" "${TMP}/bin/${name}"
    PATH=${TMP}/bin:${PATH} run --separate-stderr "${RLM}" goal 'make it so' --validator 'test -e ready' \
      --agent "[\"rlms:${name}\",\"--model\",\"opus\"]"
    assert_equal "${status}" 0
    assert_regex "$(paste -sd ' ' "${LOG}.argv")" "${expected}"
    assert_equal "$(head -n 1 "${LOG}.prompt.1")" "# Goal"
  done
}

# A project with two slips in it, and tests that find both.
broken_project() {
  mkdir lib test
  printf '{"type":"module","scripts":{"test":"node --test"}}\n' >package.json
  printf 'export function sum(a, b) {\n  return a - b\n}\n\nexport function greet(name) {\n  return `Helo, ${name}!`\n}\n' >lib/shop.js
  cat >test/shop.test.js <<'END_OF_TEST'
import assert from 'node:assert/strict'
import test from 'node:test'
import { greet, sum } from '../lib/shop.js'

test('adds', () => assert.equal(sum(1, 2), 3))
test('greets', () => assert.equal(greet('Ann'), 'Hello, Ann!'))
END_OF_TEST
  git add -A
}

@test "the offline agent mends slips, the same way every time" {
  broken_project
  local first
  run --separate-stderr "${RLM}" goal 'make the tests pass' --agent offline
  assert_equal "${status} $(sed -n 's/^ *return //p' lib/shop.js | paste -sd ' ' -)" '0 a + b `Hello, ${name}!`'
  first=$(jq -c '[.iterations[].summary]' "$(run_folder)/manifest.json")
  git checkout -q lib
  run --separate-stderr "${RLM}" goal 'make the tests pass' --agent offline
  assert_manifest '[.iterations[].summary]' "${first}"
}

@test "the offline agent mends a Python project, in three roles, and takes back what did not help" {
  mkdir src
  printf 'def last(items):\n    return items[len(items)]\n\n\ndef is_adult(age):\n    return age > 18\n' >src/people.py
  printf 'import sys\nsys.path.insert(0, "src")\nfrom people import is_adult, last\nassert is_adult(18) == True\nassert is_adult(17) == False\nassert last([1, 2]) == 2\n' >check.py
  sed -i.bak 's/len(items)/len(items) - 1/' src/people.py && rm src/people.py.bak
  git add -A
  run --separate-stderr "${RLM}" goal 'make it pass' --agent offline --validator 'python3 check.py' --roles triad
  assert_equal "${status} $(git diff --name-only) $(grep -c 'age >= 18' src/people.py)" "0 src/people.py 1"
  assert grep -q 'planner: the likeliest repair' "$(run_folder)/rlm/iterations/0001/planner/agent.log"
}

@test "where the offline agent can't help, its run stalls and leaves the project as it was" {
  echo 'nothing to see' >notes.txt
  run --separate-stderr "${RLM}" goal 'make it pass' --agent offline --validator 'echo no; exit 1'
  assert_equal "${status} $(cat count notes.txt)" $'3 1\nnothing to see'
}

# replies TEXT…: a scripted model whose root gives these final values.
replies() { jq -n '[$ARGS.positional[] | "```python\nset_final(\(tojson))\n```"]' --args "$@" >"${TMP}/replies.json"; }

symbolic() {
  run --separate-stderr "${RLM}" goal 'make it so' --agent "$(vector rlms:scripted "${TMP}/replies.json")" "$@"
}

@test "a symbolic turn is a recursive run over the repository, whose edits the validator judges" {
  echo 'value = 1' >config.py
  echo stale >old.txt
  git add -A
  jq -n '["```python\nnames = list_files()\ntext = read_file(\"config.py\")\nset_final({\"summary\": \"raised it in %d files\" % len(names), \"edits\": [{\"path\": \"config.py\", \"find\": text.strip(), \"replace\": \"value = 2\"}, {\"path\": \"deep/new.txt\", \"content\": \"new\\n\"}, {\"path\": \"old.txt\", \"delete\": True}]})\n```"]' >"${TMP}/replies.json"
  symbolic --validator 'grep -q 2 config.py'
  assert_equal "${status} ${stderr}" "0 "
  assert_equal "$(cat config.py deep/new.txt)" $'value = 2\nnew'
  refute [ -e old.txt ]
  assert_manifest '[.mode, .status, .iterations[1].summary]' '["symbolic","passed","raised it in 3 files"]'
  assert grep -q '"summary": "raised it' "$(run_folder)/rlm/iterations/0001/agent.log"
  assert [ -s "$(run_folder)/rlm/iterations/0001/calls/agent-1/journal.jsonl" ]
}

@test "a symbolic run never passes without its validator" {
  replies 'it is done, believe me'
  symbolic --validator false --max-iterations 2
  assert_equal "${status}" 3
  assert_manifest '[.status, .iterations[1].verdict]' '["exhausted","failed"]'
  symbolic --validator none --max-iterations 1
  assert_manifest '[.status, .iterations[0].verdict]' '["budget_complete","none"]'
}

@test "edits that leave the repository, or that fit nowhere, are not applied, and the next turn is told" {
  ln -s "${TMP}" link
  replies '{"summary":"tried","edits":[{"path":"../out.txt","content":"x"},{"path":"link/out.txt","content":"x"},{"path":".git/hooks/x","content":"x"},{"path":"count","find":"nowhere","replace":"x"},{"path":"none","find":"a","replace":"b"},{"path":"count"},{"content":"x"}]}'
  symbolic --validator false --max-iterations 1
  assert_equal "${status} $(<count)" "3 1"
  refute [ -e "${TMP}/out.txt" ]
  local log
  log=$(run_folder)/rlm/iterations/0001/agent.log
  assert_equal "$(grep '^not applied' "${log}")" "not applied: count: neither content, nor find and replace, nor delete
not applied: an edit names no path
not applied: ../out.txt: outside the repository
not applied: link/out.txt: outside the repository, by a link
not applied: .git/hooks/x: not a file of the project
not applied: count: the text to find is not in it
not applied: none: there is no such file"
}

@test "a context that was given is what a symbolic turn reads" {
  mkdir "${TMP}/logs"
  echo 'the answer is 42' >"${TMP}/logs/a.log"
  jq -n '["```python\nset_final({\"summary\": \",\".join(list_files()), \"edits\": [{\"path\": \"count\", \"content\": context[-3:]}]})\n```"]' >"${TMP}/replies.json"
  symbolic --validator 'grep -q 42 count' --context "${TMP}/logs"
  assert_equal "${status} $(<count)" "0 42"
  assert_manifest '[.options.context.value, .iterations[1].summary]' "[[\"${TMP}/logs\"],\"${TMP}/logs/a.log\"]"
}

@test "standard input is a context, and one that is named from where the user stands" {
  mkdir sub
  echo 'the answer is 42' >sub/notes
  jq -n '["```python\nset_final({\"summary\": \",\".join(map(read_file, list_files())), \"edits\": [{\"path\": \"count\", \"content\": \"42\"}]})\n```"]' >"${TMP}/replies.json"
  pushd sub >/dev/null
  symbolic --validator 'grep -q 42 count' --context notes --context - <<<'and no other'
  popd >/dev/null
  assert_manifest '[.status, .iterations[1].summary]' '["passed","and no other,the answer is 42"]'
}

@test "a symbolic run that is killed goes on in the turn it was in, asking nothing again" {
  cat >"${TMP}/bin/model" <<'END_OF_MODEL'
#!/usr/bin/env bash
echo call >>"${LOG}.model"
cat >/dev/null
if (($(wc -l <"${LOG}.model") == 1)); then printf '```python\nx = 1\n```\n'; else
  while [[ ! -e "${LOG}.go" ]]; do sleep 0.05; done
  printf '```python\nset_final({"summary": "after %%d" %% x, "edits": [{"path": "count", "content": "2"}]})\n```\n'
fi
END_OF_MODEL
  chmod +x "${TMP}/bin/model"
  "${RLM}" goal x --validator 'grep -q 2 count' --mode symbolic --agent "$(vector "${TMP}/bin/model")" >"${TMP}/goal.out" 2>&1 3>&- &
  GOAL_PID=$!
  wait_until has_lines "${LOG}.model" 2
  kill -KILL "${GOAL_PID}"
  wait "${GOAL_PID}" 2>/dev/null || :
  touch "${LOG}.go"
  rlm resume
  assert_equal "${status} $(<count)" "0 2"
  assert_equal "$(wc -l <"${LOG}.model" | tr -d ' ')" 2
  assert_manifest '.iterations[1].summary' '"after 1"'
}

make_loop() {
  mkdir -p .superloop
  echo '# Spec: turn the sign' >.superloop/spec.md
  jq -n --argjson tests "$1" '{runners: {shell: {command: ["true"]}}, loops: [{id: "sign", spec_file: ".superloop/spec.md", max_iterations: 2, completion_promise: "DONE", tests: $tests}]}' >.superloop/config.json
}

@test "a goal from a loop has its spec and its test commands" {
  make_loop '{"mode":"every","commands":["test -e ready","test -e count; true"]}'
  agent <<<'touch ready'
  run --separate-stderr "${RLM}" goal --from-loop sign --agent "$(vector "${TMP}/bin/agent")"
  assert_equal "${status} ${stderr}" "0 "
  assert_manifest '[.goal, .validator, .validator_reason]' \
    '["# Spec: turn the sign","( test -e ready\n) && ( test -e count; true\n)","loop sign: spec .superloop/spec.md, tests.commands"]'
  assert_manifest '.options["from-loop"]' '{"value":"sign","from":"flag"}'
  run --separate-stderr "${RLM}" goal 'another goal' --from-loop sign --validator true
  assert_manifest '[.goal, .validator]' '["another goal","true"]'
}

@test "a loop that is not there, or has no tests, is told" {
  rlm goal --from-loop sign
  assert_equal "${status}" 5
  assert_regex "${stderr}" "the configuration cannot be read: there is no file ${REPO}/.superloop/config.json"
  make_loop '{"mode":"disabled","commands":["true"]}'
  rlm goal --from-loop sing
  assert_refused 5 goal_config "there is no loop sing in ${REPO}/.superloop/config.json" 'Did you mean sign?'
  rlm goal --from-loop sign
  assert_equal "${status}" 2
  : >.superloop/spec.md
  rlm goal --from-loop sign
  assert_refused 5 goal_config "the loop's spec ${REPO}/.superloop/spec.md is blank" 'Write what shall be reached.'
}
