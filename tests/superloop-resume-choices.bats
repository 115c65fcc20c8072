#!/usr/bin/env bats
# What is taken up and what is not, what people are told, and how to begin anew.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/resume
  host::setup
  host::make_repo
}

# A run that was interrupted while the tester worked, and is not in its way again.
interrupted_run() {
  host::agent tester <<<"[[ -e '${TMP}/here' ]] || { : >'${TMP}/here'; exec sleep 61; }"
  host::start
  host::wait_until test -e "${TMP}/here"
  host::interrupt TERM process
}

turns() {
  paste -sd ' ' - <"${TURNS}"
}

run_ids() {
  jq -r .run_id "$(host::loop events.jsonl "${1:-work}")" | uniq
}

@test "a run that was interrupted goes on with the role that it was in, and every record is one run's" {
  interrupted_run
  host::run run
  assert_success
  assert_line "Loop 'work': run $(run_ids) was interrupted; it goes on in iteration 1, with the tester (--fresh starts anew)"
  assert_equal "$(turns)" "planner implementer tester tester reviewer"
  host::assert_json <(jq -s . "$(host::loop events.jsonl)") 'map(select(.event == "loop_start") | .data.resumed)' '[false,true]'
  run sed -E 's/^- [^ ]+ run=[^ ]+ //' "$(host::loop timeline.md)"
  assert_output "# Timeline

Loop: work

iter=1 stopped: interrupted by SIGTERM
iter=1 taken up
iter=1 promise=true tests=skipped validation=skipped checklist=ok evidence=skipped stuck=n/a approval=skipped completion=true"
  host::assert_json "$(host::loop run-summary.json)" ".entries | map([.run_id, .iteration])" "[[\"$(run_ids)\",1]]"
  host::run usage --json
  assert_equal "$(jq -c '.roles | map(.role) | sort' <<<"${output}")" '["implementer","planner","reviewer","tester"]'
  host::run status --json
  assert_equal "$(jq -c '[.status, .reason, .iterations_ended]' <<<"${output}")" '["complete",null,1]'
  host::run report
  assert_success
}

@test "list, status, the run and its report have one word for a run that a signal ended" {
  interrupted_run
  host::run list
  assert_line --index 1 --regexp '^work +INTERRUPTED '
  host::run status --json
  assert_equal "$(jq -c '[.status, .reason]' <<<"${output}")" '["interrupted","interrupted by SIGTERM"]'
  host::run run --dry-run
  assert_line --partial " was interrupted; "
  host::run report
  run grep -o 'Interrupted: by SIGTERM' "$(host::loop report.html)"
  assert_success
}

@test "a dry run tells what it would take up, and touches nothing" {
  local before
  interrupted_run
  before=$(cat "$(host::loop events.jsonl)")
  host::run run --dry-run
  assert_success
  assert_line "Loop 'work': run $(run_ids) was interrupted; it goes on in iteration 1, with the tester (--fresh starts anew)"
  assert_equal "$(cat "$(host::loop events.jsonl)")" "${before}"
}

@test "with --fresh a new run begins, whatever was interrupted or waits for an answer" {
  interrupted_run
  host::run run --fresh
  assert_success
  assert_line --regexp "^Loop 'work': run [^ ]+ was interrupted; a new run begins$"
  assert_equal "$(turns)" "planner implementer tester planner implementer tester reviewer"
  assert_equal "$(run_ids | grep -c .)" 2
  host::config '.loops[0].approval = {enabled: true, require_on_completion: true}'
  host::run run
  assert_failure 1
  host::run approve --by Ada
  host::run run --fresh
  assert_failure 1
  assert_equal "$(grep -c reviewer "${TURNS}")" 3
}

@test "a configuration that has changed holds from where the run is taken up, and the changes are named" {
  interrupted_run
  host::config '.loops[0].max_iterations = 7 | .loops[0].roles |= {planner, implementer, reviewer} | .loops[0].tests = {mode: "every", commands: ["true"]}
    | .loops[0] += {budget: {max_usd: 9}, git: {pre_commit_commands: ["true\nfalse"]}} | .loops[0].roles.planner.model = "m" | .runners.reviewer.args = ["x"]'
  host::run run
  assert_success
  assert_line "Loop 'work': run $(run_ids) was interrupted; it goes on in iteration 1, with the reviewer (--fresh starts anew)"
  assert_line "  the configuration has changed since, and holds from here on: budget.max_usd, git.pre_commit_commands, max_iterations, roles, roles.planner.model, runners.reviewer.args, tests.commands, tests.mode"
  assert_equal "$(turns)" "planner implementer tester reviewer"
  host::assert_json "$(host::loop test-status.json)" .ok true
}

@test "a run that worked on another spec is not taken up" {
  interrupted_run
  printf '# Other\n' >"${REPO}/.superloop/specs/other.md"
  host::config '.loops[0].spec_file = ".superloop/specs/other.md"'
  local id
  id=$(run_ids)
  host::run run
  assert_success
  assert_line "Loop 'work': run ${id} was interrupted, and worked on .superloop/specs/work.md; a new run begins"
  assert_equal "$(turns)" "planner implementer tester planner implementer tester reviewer"
}

@test "runs that were complete or cancelled are not taken up" {
  host::run run
  assert_success
  host::run run
  assert_success
  refute_output --partial "it goes on"
  assert_equal "$(turns)" "planner implementer tester reviewer planner implementer tester reviewer"
  interrupted_run
  host::run cancel
  assert_output "Cancelled loop state."
  host::run run
  assert_success
  refute_output --partial "it goes on"
  assert_equal "$(run_ids | grep -c .)" 4
}

@test "of several loops those that are complete are passed over when a later one was interrupted" {
  host::config '.loops += [.loops[0] + {id: "second"}, .loops[0] + {id: "third"}]'
  host::agent tester <<<"if ((ITERATION == 2)); then : >'${TMP}/here'; exec sleep 61; fi"
  host::start
  host::wait_until test -e "${TMP}/here"
  host::interrupt TERM process
  host::run run
  assert_success
  assert_line "Complete already: work"
  assert_line --partial "Loop 'second': run "
  assert_line "Loop 'third' complete at iteration 1."
  assert_equal "$(turns)" "planner implementer tester reviewer planner implementer tester tester reviewer planner implementer tester reviewer"
  host::run run
  assert_success
  assert_line "Loop 'work' complete at iteration 1."
}

@test "a last line of the events that was cut off goes, one that lacks only its end stays" {
  local events torn
  interrupted_run
  events=$(host::loop events.jsonl)
  for torn in '{"timestamp":"2026-01-01T00:00:00Z","event":"role_e' $'\x01\x02' '{"event":"something"}'; do
    printf '%s' "${torn}" >>"${events}"
    rm "${TMP}/here"
    interrupted_run
    run jq -c . "${events}"
    assert_success
  done
  assert_equal "$(grep -c '"event":"something"' "${events}")" 1
  host::run run
  assert_success
  assert_equal "$(run_ids | sed 's/^null$//' | grep -c .)" 2 # the stranger stands between
}

@test "runs that begin in the same second have names of their own, in one loop and in several" {
  host::config '.loops[0].roles |= {reviewer} | .loops += [.loops[0] + {id: "other"}]'
  host::run run
  host::run run
  host::run run
  assert_equal "$(cat <(run_ids work) <(run_ids other) | sort -u | grep -c .)" 6
}

@test "the hashes of the summary are those of the files when a run ends, is approved, or is cancelled" {
  host::config '.loops[0] += {evidence: {enabled: true}, approval: {enabled: true, require_on_completion: true}}'
  host::run run
  resume::assert_hashes
  host::run approve --by Ada
  resume::assert_hashes
  host::run run
  assert_success
  resume::assert_hashes
  host::config '.loops[0] += {evidence: {enabled: true}, completion_promise: "NEVER", max_iterations: 2}'
  host::run run
  assert_failure 1
  resume::assert_hashes
}

@test "stuck detection counts over both parts of a run" {
  host::agent reviewer <<<"if ((ITERATION == 2)) && [[ ! -e '${TMP}/here' ]]; then : >'${TMP}/here'; exec sleep 61; fi"
  host::config '.loops[0] += {max_iterations: 9, stuck: {enabled: true, threshold: 3}}'
  host::start
  host::wait_until test -e "${TMP}/here"
  host::interrupt TERM process
  host::run run
  assert_failure 1
  assert_line "Stuck detection triggered for loop 'work'. Stopping."
  host::assert_json "$(host::loop stuck.json)" '[.streak, .iteration]' '[3,3]'
}
