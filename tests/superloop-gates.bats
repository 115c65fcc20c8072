#!/usr/bin/env bats
# superloop.sh run with every gate: what each verdict does, where it is recorded and shown.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
}

@test "every gate that holds is recorded and shown, and the loop completes" {
  host::file todo.md '- [x] done'
  host::config '.loops[0] += {tests: {mode: "every", commands: ["true"]}, checklists: ["todo.md"],
    validation: {enabled: true, require_on_completion: true, commands: ["true"]},
    prerequisites: {enabled: true, require_on_completion: true, checks: [{type: "file_exists", path: "todo.md"}]},
    evidence: {enabled: true, require_on_completion: true}}'
  host::run run
  assert_success
  assert_line "Loop 'work' complete at iteration 1."
  assert_equal "$(cat "$(host::loop gate-summary.txt)")" \
    "promise=true tests=ok validation=ok checklist=ok prerequisites=ok evidence=ok stuck=n/a approval=skipped"
  host::assert_json "$(host::loop run-summary.json)" '.entries[0].gates' \
    '{"tests":"ok","validation":"ok","checklist":"ok","prerequisites":"ok","evidence":"ok","stuck":"n/a","approval":"skipped"}'
  run jq -c 'select(.event == "gates_evaluated") | .data' "$(host::loop events.jsonl)"
  assert_output '{"promise":true,"tests":"ok","validation":"ok","checklist":"ok","prerequisites":"ok","evidence":"ok","approval":"skipped","stuck":"n/a"}'
  assert_equal "$(host::event_names | grep -o 'promise_checked.*')" \
    "promise_checked tests_start tests_end validation_start validation_end prerequisites_start prerequisites_end gates_evaluated iteration_end loop_complete"
}

@test "every gate that does not hold says why, to people and to the next iteration" {
  host::file todo.md '- [ ] open'
  host::config '.loops[0] += {max_iterations: 1, tests: {mode: "every", commands: ["exit 4"]}, checklists: ["todo.md", "none.md"],
    validation: {enabled: true, require_on_completion: true, commands: ["exit 5"]},
    prerequisites: {enabled: true, require_on_completion: true, checks: [{id: "plan", type: "file_nonempty", path: "PLAN.md"}]},
    evidence: {enabled: true, require_on_completion: true, artifacts: ["dist/*"]}}'
  host::run run
  assert_failure 1
  host::without_turns
  assert_output "Loop 'work': iteration 1
Iteration 1: promise true, tests failed, validation failed, checklists remaining, prerequisites failed, evidence failed
  tests: exit 4: exit 4
  validation: exit 5: exit 5
  checklists: todo.md:1:- [ ] open
  checklists: none.md: no such file
  prerequisites: plan: file_not_found
  evidence: dist/*: missing
Max iterations reached for loop 'work' (1). Stopping.
What does not hold yet: $(host::loop iteration_notes.md)
For more iterations, in a new run: superloop.sh run --repo ${REPO} --loop work"
  run cat "$(host::loop iteration_notes.md)"
  assert_line "Validation: failed"
  assert_line "Prerequisites: failed"
  assert_line "- prerequisites: plan: file_not_found"
  assert_line "- evidence: dist/*: missing"
}

@test "of many reasons the first ten are told, and where the others are" {
  local number
  for ((number = 1; number <= 12; number++)); do printf -- '- [ ] %s\n' "${number}"; done >"${REPO}/todo.md"
  host::config '.loops[0] += {max_iterations: 1, checklists: ["todo.md"]}'
  host::run run
  assert_line "  checklists: todo.md:10:- [ ] 10"
  refute_line --partial "todo.md:11"
  assert_line "  checklists: and 2 more, see checklist-remaining.md"
}

@test "the evidence holds what validation and prerequisites said, with hashes that are true" {
  local file hash
  host::config '.loops[0] += {validation: {enabled: true, commands: ["echo fine"]},
    prerequisites: {enabled: true, checks: [{id: "none", type: "file_exists", path: "none"}]}, evidence: {enabled: true}}'
  host::run run
  assert_success
  host::assert_json "$(host::loop evidence.json)" '[.validation.status.ok, .validation.results.commands[0].command, .prerequisites.status.failed[0].reason]' \
    '[true,"echo fine","file_not_found"]'
  while read -r hash file; do
    assert_equal "${file} ${hash}" "${file} $(host::sha256 "${REPO}/${file}")"
  done < <(jq -r '.validation, .prerequisites | "\(.status_sha256) \(.status_file)", (select(.results_file) | "\(.results_sha256) \(.results_file)")' "$(host::loop evidence.json)")
  host::config '.loops[0].evidence.enabled = true'
  host::run run
  host::assert_json "$(host::loop evidence.json)" '[.validation, .prerequisites]' \
    '[{"status":null,"status_file":null,"results":null,"results_file":null},{"status":null,"status_file":null}]'
  run find "$(host::loop .)" -name 'validation-*' -o -name 'prerequisites-*'
  assert_output ""
}

@test "a gate that does not hold keeps the loop from completing only where it is required" {
  local gate
  for gate in 'validation = {enabled: true, commands: ["false"]}' \
    'prerequisites = {enabled: true, checks: [{type: "file_exists", path: "none"}]}'; do
    host::config ".loops[0].max_iterations = 1 | .loops[0].${gate}"
    host::run run
    assert_success
    host::config ".loops[0].max_iterations = 1 | .loops[0].${gate} | .loops[0].${gate%% *}.require_on_completion = true"
    host::run run
    assert_failure 1
    assert_line --partial "${gate%% *} failed"
  done
}

@test "a role that rewrites the configuration does not move the gates of the run" {
  host::agent implementer <<<'printf "{}" >"$(dirname "$0")/../repo/.superloop/config.json"'
  host::config '.loops[0].max_iterations = 1 | .loops[0].prerequisites = {enabled: true, require_on_completion: true, checks: [{type: "file_exists", path: "none"}]}'
  host::run run
  assert_failure 1
  assert_line --partial "prerequisites failed"
}

@test "work that the roles do meets the prerequisites" {
  host::agent implementer <<<'if ((ITERATION == 2)); then echo "Status: ready" >"$(dirname "$0")/../repo/PLAN.md"; fi'
  host::config '.loops[0].prerequisites = {enabled: true, require_on_completion: true, checks: [{type: "file_regex_present", path: "PLAN.md", pattern: "^status: ready$", flags: "im"}]}'
  host::run run
  assert_success
  assert_line "Loop 'work' complete at iteration 2."
}

@test "--dry-run tells the gates, what is required, and what else a run would do" {
  host::config '.loops[0] += {max_iterations: 1, roles: {reviewer: {runner: "reviewer"}}, tests: {mode: "on_promise", commands: ["npm test"]}, checklists: ["todo.md"],
    validation: {enabled: true, commands: ["npm run build", "npm run types"]},
    prerequisites: {enabled: true, require_on_completion: true, checks: [{id: "plan", type: "file_exists", path: "p"}, {type: "file_nonempty", path: "q"}]},
    evidence: {enabled: true, require_on_completion: true, artifacts: ["dist/*"]},
    approval: {enabled: true, require_on_completion: true, on_request: "wait"}, stuck: {enabled: true, threshold: 4}, hooks: {on_failure: "tell me"}}'
  cp -R "${REPO}" "${TMP}/before"
  host::run run --dry-run
  assert_success
  assert_output "Loop 'work' would run 1 iteration at most of .superloop/specs/work.md, until <promise>DONE</promise>:
  reviewer: ${AGENTS}/reviewer $(host::loop last_messages/reviewer.txt)
  tests, on_promise: npm test
  validation, every, not required: npm run build; npm run types
  checklists: todo.md
  prerequisites: plan; file_nonempty:q
  evidence: dist/*
  approval: wait
  stuck: report_and_stop after 4 iterations without a change
  on_failure: tell me"
  diff -r "${TMP}/before" "${REPO}"
  mkdir -p "$(host::loop .)"
  printf '{"status": "pending", "iteration": 2}' >"$(host::loop approval.json)"
  host::run run --dry-run
  assert_line "  first of all: approval of iteration 2, which nobody has given yet"
}
