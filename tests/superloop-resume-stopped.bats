#!/usr/bin/env bats
# Runs that stopped before their end: which are taken up, which are not, and what is said of it.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/resume
  host::setup
  host::make_repo
}

turns() { paste -sd ' ' - <"${TURNS}"; }

run_ids() { jq -r .run_id "$(host::loop events.jsonl)" | uniq; }

# The commands that the last run named for going on with it do that.
go_on() {
  local command=${output}${stderr-}
  [[ ${command} == *"superloop.sh run --repo ${REPO} --loop work"* ]] || fail "it does not say how to go on"
  host::run run --loop work
}

# assert_taken_up WHY WHERE: the run before was, and there is one run
assert_taken_up() {
  assert_line "Loop 'work': run $(run_ids) was stopped ($1); it goes on $2 (--fresh starts anew)"
}

@test "after a runner's error the run goes on with the same role of the same iteration" {
  host::agent reviewer <<<'if ((ITERATION == 2)); then exit 3; elif ((ITERATION > 2)); then echo "<promise>DONE</promise>" >"$1"; fi'
  host::run run
  assert_failure 1
  go_on
  assert_success
  assert_taken_up "role failed" "in iteration 2, with the reviewer"
  assert_equal "$(turns)" "planner implementer tester reviewer planner implementer tester reviewer reviewer"
  host::assert_json <(jq -s . "$(host::loop events.jsonl)") 'map(select(.event == "loop_start") | .data.resumed)' '[false,true]'
  host::assert_json <(jq -s . "$(host::loop events.jsonl)") 'map(select(.event == "iteration_start") | .iteration)' '[1,2]'
}

@test "after a time limit the run goes on, and what a role printed when it was ended is no answer" {
  host::agent tester <<<'if ((ITERATION == 1)); then echo half >"$1"; trap "exit 0" TERM; sleep 61 & wait; fi'
  host::config '.loops[0].timeouts = {enabled: true, tester: 1, default: 60}'
  host::run run
  assert_failure 1
  go_on
  assert_success
  assert_taken_up "role timeout" "in iteration 1, with the tester"
  assert_equal "$(turns)" "planner implementer tester tester reviewer"
}

@test "a budget that was raised lets the run go on, and one that was not stops it again before it costs anything" {
  host::agent implementer <<<'echo "{\"type\":\"result\",\"is_error\":false,\"result\":\"x\",\"total_cost_usd\":0.5,\"usage\":{\"input_tokens\":7,\"output_tokens\":2}}"'
  host::config '.loops[0].budget.max_usd = 0.5'
  host::run run
  assert_failure 1
  go_on
  assert_failure 1
  assert_regex "${stderr}" $'\n''  code: BUDGET_EXCEEDED'
  host::config '.loops[0].budget.max_usd = 5'
  go_on
  assert_success
  assert_taken_up "budget exceeded" "in iteration 1, with the tester"
  assert_line "  the configuration has changed since, and holds from here on: budget.max_usd"
  assert_equal "$(turns)" "planner implementer tester reviewer"
}

@test "a disk that was full lets the run go on when it has room again" {
  host::agent implementer <<<"echo done >\"\$1\"; cd '$(host::loop .)'; mv prompts kept; ln -s nowhere prompts"
  host::run run
  assert_failure 1
  rm "$(host::loop prompts)"
  mv "$(host::loop kept)" "$(host::loop prompts)"
  go_on
  assert_success
  assert_line --regexp "^Loop 'work': run $(run_ids) was stopped \(failed with status 1\); it goes on in iteration 1, with the tester "
  assert_equal "$(turns)" "planner implementer tester reviewer"
}

@test "an analysis that failed its role goes on from its journal, and its usage is counted once" {
  unset SUPERLOOP_RLMS_SCRIPT
  cat >"${TMP}/model" <<EOS
#!/usr/bin/env bash
cat >/dev/null
printf 'asked\n' >>'${TMP}/asked'
code='x = 1'
if ((\$(grep -c '' '${TMP}/asked') > 2)); then code='set_final("done")'; fi
printf '{"type":"result","subtype":"success","is_error":false,"result":"%s","total_cost_usd":0.5,"usage":{"input_tokens":10,"output_tokens":1}}' "\${code//\"/\\\\\"}"
EOS
  chmod +x "${TMP}/model"
  analysis() {
    host::config ".loops[0].roles |= {reviewer} | .loops[0].rlms = {enabled: true, policy: {force_on: true, fail_mode: \"fail_role\"},
      limits: {max_steps: $1}, sandbox_require: \"language\", models: {root: {command: [\"${TMP}/model\"]}}}"
  }
  analysis 2
  host::run run
  assert_failure 1
  assert_equal "$(grep -c '' "${TMP}/asked")" 2
  analysis 9
  go_on
  assert_success
  assert_taken_up "rlms failed" "in iteration 1, with the reviewer"
  assert_equal "$(grep -c '' "${TMP}/asked")" 3
  host::assert_json <(jq -s . "$(host::loop usage.jsonl)") 'map(select(.source == "rlms") | .usage.input_tokens)' '[20,10]'
}

@test "what ended for good is not taken up: no iterations left, stuck, cancelled" {
  local id settings
  for settings in '.loops[0] += {max_iterations: 1, completion_promise: "NEVER"}' \
    '.loops[0] += {completion_promise: "NEVER", stuck: {enabled: true, threshold: 1}}'; do
    host::config "${settings}"
    host::run run
    assert_failure 1
    assert_output --partial "superloop.sh run --repo ${REPO} --loop work"
    assert_output --partial "in a new run"
    id=$(run_ids | tail -n 1)
    host::run run
    refute_output --partial "it goes on"
    assert [ "$(run_ids | tail -n 1)" != "${id}" ]
  done
  host::agent planner <<<'exit 3'
  host::config .
  host::run run
  host::run cancel
  assert_output "Cancelled loop state."
  host::run run
  refute_output --partial "it goes on"
}

@test "of several loops those that are complete are passed over when a later one failed or waits for an answer" {
  host::config '.loops += [.loops[0] + {id: "second", approval: {enabled: true, require_on_completion: true}}]'
  host::agent tester <<<'if ((ITERATION == 2)); then exit 3; fi'
  host::run run
  assert_failure 1
  host::run run
  assert_failure 1
  assert_line "Complete already: work"
  host::run approve --by Ada
  host::run run
  assert_success
  assert_line "Complete already: work"
  assert_equal "$(turns)" "planner implementer tester reviewer planner implementer tester tester reviewer"
}

@test "after a rejection the same run goes on with its next iteration; where it has none left a new one begins" {
  host::agent planner <<<'cp "$(dirname "$1")/../iteration_notes.md" "${AGENTS}/notes-${ITERATION}"; echo done >"$1"'
  host::config '.loops[0] += {max_iterations: 2, approval: {enabled: true, require_on_completion: true}}'
  host::run run
  host::run approve --reject --by Ada --note "more tests"
  host::run run
  assert_failure 1
  assert_line "Loop 'work': rejected by Ada: more tests"
  assert_line "Loop 'work': iteration 2"
  assert_equal "$(run_ids | grep -c .)" 1
  host::run approve --reject --by Ada
  host::run run
  assert_failure 1
  assert_line "Loop 'work': iteration 1"
  assert_equal "$(run_ids | grep -c .) $(grep -c planner "${TURNS}")" "2 3"
  assert grep -q "rejected by Ada" "${AGENTS}/notes-3"
}

@test "a request of other work is not asked about again" {
  host::config '.loops[0] += {approval: {enabled: true, require_on_completion: true}}'
  host::run run
  printf '# Other\n' >"${REPO}/.superloop/specs/other.md"
  host::config '.loops[0] += {spec_file: ".superloop/specs/other.md", approval: {enabled: true, require_on_completion: true}}'
  host::run run
  assert_line --partial "worked on .superloop/specs/work.md; a new run begins"
  assert_equal "$(grep -c planner "${TURNS}")" 2
}
