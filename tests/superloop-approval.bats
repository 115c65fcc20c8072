#!/usr/bin/env bats
# The approval gate and superloop.sh approve: a person's word before a loop is complete.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
  host::config '.loops[0] += {max_iterations: 2, approval: {enabled: true, require_on_completion: true}}'
}

approve() {
  host::run approve --by "Ada L." --note "looks good" "$@"
}

approval() {
  jq -c "$1" "$(host::loop approval.json)"
}

assert_no_request() {
  assert [ ! -e "$(host::loop approval.json)" ]
}

# assert_waits WORD: a run that stopped for the approval, and said how to go on
assert_waits() {
  assert_failure 1
  assert_line "Approval $1 for loop 'work'. Run: superloop.sh approve --repo ${REPO} --loop work --by NAME --note TEXT (or with --reject)"
  assert_line "Then go on with: superloop.sh run --repo ${REPO} --loop work"
  refute_output --partial "complete at iteration"
  refute_output --partial "All loops complete"
}

@test "when all other gates hold, the run asks for approval, stops, and says how to go on" {
  host::run run
  assert_waits required
  assert_line "Iteration 1: promise true, tests skipped, checklists ok, evidence skipped, approval pending"
  assert_equal "$(approval 'del(.run_id, .requested_at, .files)')" \
    '{"status":"pending","loop_id":"work","iteration":1,"candidate":{"promise":{"expected":"DONE","text":"DONE","matched":true},"gates":{"tests":"skipped","validation":"skipped","checklist":"ok","prerequisites":"skipped","evidence":"skipped"}}}'
  assert_equal "$(approval .files.reviewer_report)" '".superloop/loops/work/review.md"'
  assert_equal "$(cat "$(host::loop gate-summary.txt)")" \
    "promise=true tests=skipped validation=skipped checklist=ok evidence=skipped stuck=n/a approval=pending"
  host::assert_json "$(host::loop run-summary.json)" '.entries | map([.completion_ok, .gates.approval])' '[[false,"pending"]]'
  assert_equal "$(host::event_names | grep -o 'promise_checked.*')" \
    "promise_checked tests_start tests_end approval_requested gates_evaluated iteration_end approval_wait loop_stopped"
  host::assert_json "${REPO}/.superloop/state.json" .active false
  assert [ ! -e "$(host::loop run.lock)" ]
}

@test "nobody is asked before the other gates hold" {
  host::agent reviewer <<<'echo no >"$1"'
  host::run run
  assert_failure 1
  assert_line "Iteration 1: promise false, tests skipped, checklists ok, evidence skipped, approval skipped"
  assert_no_request
}

@test "a run before the decision asks again and runs no role" {
  host::run run
  host::run run
  assert_waits pending
  assert_equal "$(grep -c '' "${TURNS}")" 4
}

@test "an approval is recorded, and the next run completes the loop without a role" {
  host::run run
  approve
  assert_success
  assert_output "Recorded approval decision (approved) for loop 'work'."
  assert_equal "${stderr}" ""
  assert_equal "$(approval '[.status, .decision.status, .decision.by, .decision.note, .decided_by, .decided_note, .decision.at == .decided_at]')" \
    '["approved","approved","Ada L.","looks good","Ada L.","looks good",true]'
  host::assert_json "$(host::loop decisions.jsonl)" '[.loop_id, .iteration, .decision, .by, .note]' '["work",1,"approved","Ada L.","looks good"]'
  run cat "$(host::loop decisions.md)"
  assert_output --regexp '^- 2[0-9T:Z-]+ iteration 1: approved by Ada L\.: looks good$'
  host::run run
  assert_success
  assert_output "Loop 'work': approved by Ada L.: looks good
Loop 'work' complete at iteration 1.
All loops complete."
  assert_equal "$(grep -c '' "${TURNS}")" 4
  assert_no_request
  assert_equal "$(cat "$(host::loop gate-summary.txt)")" \
    "promise=true tests=skipped validation=skipped checklist=ok evidence=skipped stuck=n/a approval=approved"
  host::assert_json "$(host::loop run-summary.json)" '.entries | map([.completion_ok, .gates.approval])' '[[true,"approved"]]'
  assert_equal "$(host::event_names | grep -o 'loop_stopped.*')" "loop_stopped approval_decision loop_start approval_consumed loop_complete"
}

@test "a rejection goes on with the work, and its note reaches the roles" {
  host::run run
  approve --reject --note $'the second part\nis missing'
  assert_success
  assert_output "Recorded approval decision (rejected) for loop 'work'."
  host::agent planner <<<'cat "$(dirname "$1")/../iteration_notes.md" >"${AGENTS}/notes"'
  host::run run
  assert_waits required
  run cat "${AGENTS}/notes"
  assert_line "Approval: rejected by Ada L."
  assert_line "is missing"
  assert_equal "$(approval .status)" '"pending"'
  run jq -c 'select(.event == "approval_rejected") | [.iteration, .status, .data.by, .data.note]' "$(host::loop events.jsonl)"
  assert_output '[1,"rejected","Ada L.","the second part\nis missing"]'
}

@test "a run that is to wait goes on by itself when it is answered" {
  host::config '.loops[0] += {max_iterations: 2, approval: {enabled: true, require_on_completion: true, on_request: "wait"}}'
  host::start
  host::wait_until test -e "$(host::loop approval.json)"
  approve --reject
  host::wait_until jq -e '.status == "pending" and .iteration == 2' "$(host::loop approval.json)"
  approve
  local finished=0
  wait "${HOST}" || finished=$?
  assert_equal "${finished} $(cat "${TMP}/host.err")" "0 "
  run cat "${TMP}/host.out"
  assert_line "Loop 'work': rejected by Ada L.: looks good"
  assert_line "Loop 'work' complete at iteration 2."
}

@test "a run that waits stops at the end of its patience, and at once when it is interrupted" {
  host::config '.loops[0].approval = {enabled: true, require_on_completion: true, on_request: "wait", max_wait_seconds: 1}'
  host::run run
  assert_waits required
  host::config '.loops[0].approval = {enabled: true, require_on_completion: true, on_request: "wait"}'
  host::start
  host::wait_until grep -q "Approval pending" "${TMP}/host.out"
  host::interrupt TERM process
  assert_equal "${ENDED}" 143
  assert_equal "$(approval .status)" '"pending"'
}

@test "an approval that a role wrote before it was asked for is void" {
  host::agent implementer <<<'printf "{\"status\":\"approved\"}" >"$(dirname "$1")/../approval.json"'
  host::run run
  assert_waits required
  assert_equal "$(approval .status)" '"pending"'
}

@test "a request that is not there, not open or not readable is refused" {
  approve
  assert_failure 1
  assert_output ""
  assert_equal "${stderr}" "error: no approval request found
  code: APPROVAL_NOT_REQUESTED
  fix: A run makes it when every other gate holds."
  approve --loop work
  assert_equal "${stderr_lines[0]}" "error: no approval request found for loop 'work'"
  host::run run
  approve --reject
  approve --loop work
  assert_failure 1
  assert_equal "${stderr}" "error: the request of loop 'work' is rejected already
  code: APPROVAL_NOT_PENDING
  fix: Let superloop.sh run go on with it."
  printf '{' >"$(host::loop approval.json)"
  approve
  assert_failure 1
  assert_output ""
  assert_equal "${stderr_lines[0]}" "warning: $(host::loop approval.json) holds no request that can be read; it is ignored"
  host::run run
  assert_waits required
}

@test "of several open requests one has to be named, and a decision needs somebody" {
  mkdir -p "$(host::loop . a)" "$(host::loop . b)"
  printf '{"status": "pending", "run_id": "r", "iteration": 2}\n' | tee "$(host::loop approval.json a)" >"$(host::loop approval.json b)"
  approve
  assert_failure 2
  assert_equal "${stderr}" "error: several loops wait for approval: a b
  code: USAGE
  fix: Name one with --loop."
  approve --loop b
  assert_success
  assert_equal "$(jq -r .status "$(host::loop approval.json a)" "$(host::loop approval.json b)" | paste -sd ' ' -)" "pending approved"
  USER="" host::run approve --loop a
  assert_failure 2
  assert_equal "${stderr_lines[0]}" "error: nobody is named"
  USER=grace host::run approve
  assert_success
  host::assert_json "$(host::loop approval.json a)" .decision '{"status":"approved","by":"grace","note":null,"at":'"$(jq .decided_at "$(host::loop approval.json a)")"'}'
}
