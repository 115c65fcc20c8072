#!/usr/bin/env bats
# superloop.sh list and status.

setup() {
  load helpers/host
  host::setup
  host::make_repo
}

two_loops() {
  host::config '.loops += [.loops[0] + {id: "second"}, .loops[0] + {id: "third", max_iterations: 1, completion_promise: "NEVER"}]'
}

@test "list tells every loop in its order: not started, complete, stopped" {
  two_loops
  host::run list
  assert_success
  assert_line --index 0 --regexp '^LOOP +STATUS +LAST RUN$'
  assert_line --index 1 --regexp '^work +NOT STARTED +-$'
  assert_line --index 2 --regexp '^second +NOT STARTED +-$'
  assert_equal "${#lines[@]}" 4
  host::run run --loop second
  host::run run --loop third
  assert_failure 1
  host::run list
  assert_line --index 1 --regexp '^work +NOT STARTED +-$'
  assert_line --index 2 --regexp '^second +COMPLETED +[0-9-]{10}T[0-9:]{8}Z$'
  assert_line --index 3 --regexp '^third +STOPPED +[0-9-]{10}T[0-9:]{8}Z$'
  assert_equal "${stderr}" ""
}

@test "list and status tell of the loop that is running" {
  host::agent tester <<<"'${PROJECT_ROOT}/superloop.sh' list --repo '${REPO}' >'${TMP}/list'; '${PROJECT_ROOT}/superloop.sh' status --repo '${REPO}' >'${TMP}/status'"
  host::run run
  assert_success
  run cat "${TMP}/list"
  assert_line --index 1 --regexp '^work +RUNNING +[0-9-]{10}T[0-9:]{8}Z$'
  host::assert_json "${TMP}/status" '[.active, .current_loop_id, .iteration, .role]' '[true,"work",1,"tester"]'
}

@test "a run that was killed is told as interrupted, not as running" {
  host::agent tester <<<"echo \$\$ >'${TMP}/agent'; exec sleep 61"
  host::start
  host::wait_until test -s "${TMP}/agent"
  kill -KILL "${HOST}" "$(cat "${TMP}/agent")"
  wait "${HOST}" || : # killed, as it should be
  host::assert_json "${REPO}/.superloop/state.json" .active true
  host::run list
  assert_line --index 1 --regexp '^work +INTERRUPTED +[0-9-]{10}T[0-9:]{8}Z$'
}

@test "a run that failed after one that completed is not listed as completed" {
  host::run run
  host::agent planner <<<'exit 3'
  host::run run
  assert_failure
  host::run list
  assert_line --index 1 --regexp '^work +STOPPED '
}

@test "a summary that somebody spoiled is named, with what to do" {
  host::run run
  printf '{"entries":[' >"$(host::loop run-summary.json)"
  host::run status --summary
  assert_failure 1
  assert_equal "${stderr}" "error: $(host::loop run-summary.json) cannot be read as JSON
  code: RECORD_SPOILED
  fix: Move it away; the next run begins a new one."
}

@test "list names a configuration that is wrong" {
  host::config '.loops[0].rlms.mode = "x"'
  host::run list
  assert_failure 2
  assert_output ""
  assert_equal "${stderr_lines[1]}" "  code: RLMS_CONFIG_INVALID"
}

@test "status is the state as JSON, inactive after a run" {
  host::run status
  assert_success
  assert_output "No state file found."
  host::run run
  host::run status
  assert_success
  printf '%s\n' "${output}" >"${TMP}/status"
  host::assert_json "${TMP}/status" '[.active, .current_loop_id, .loop_index, .iteration]' '[false,"work",0,1]'
}

@test "the summary of a loop's last iteration is one line" {
  two_loops
  host::run status --summary
  assert_success
  assert_output "No run summary found for loop 'work'."
  host::run run --loop second
  host::run status --summary --loop second
  assert_success
  assert_equal "${#lines[@]}" 1
  assert_output --regexp "^loop=second run_id=[^ ]+ iteration=1 updated_at=[^ ]+ promise=true tests=skipped validation=skipped checklist=ok prerequisites=skipped evidence=skipped stuck=n/a approval=skipped complete=true evidence_file=\.superloop/loops/second/evidence\.json evidence_exists=false evidence_sha256=null$"
  host::run status --summary
  assert_output "No run summary found for loop 'work'."
}

@test "the summary names the evidence and its hash" {
  host::config '.loops[0].evidence.enabled = true'
  host::run run
  host::run status --summary
  assert_output --partial " evidence=ok "
  assert_output --partial " evidence_exists=true "
  assert_output --regexp " evidence_sha256=[0-9a-f]{64}$"
}

@test "the summary has every verdict that the gates recorded" {
  host::config '.loops[0].max_iterations = 1 | .loops[0].stuck.enabled = true
    | .loops[0].prerequisites = {enabled: true, require_on_completion: true, checks: [{type: "file_exists", path: "none"}]}'
  host::run run
  host::run status --summary
  assert_output --partial " promise=true tests=skipped validation=skipped checklist=ok prerequisites=failed evidence=skipped stuck=1/3 approval=skipped complete=false "
}

@test "a run that waits for an approval says so in its status and its summary" {
  host::config '.loops[0].approval = {enabled: true, require_on_completion: true, on_request: "wait", max_wait_seconds: 600}'
  host::start
  host::wait_until grep -q '"waiting":{' "${REPO}/.superloop/state.json"
  host::run status
  assert_equal "$(jq -c '[.waiting.for, .waiting.message, (.waiting.until | length)]' <<<"${output}")" '["approval","iteration 1",20]'
  host::run status --summary
  assert_line --index 1 --regexp '^waiting_for=approval role=null until=20[0-9T:Z-]+$'
  host::run status --json
  assert_equal "$(jq -c '[.doing, .waiting.for]' <<<"${output}")" '["approval","approval"]'
  host::interrupt TERM process
  host::run status --summary
  assert_equal "${#lines[@]}" 1
}
