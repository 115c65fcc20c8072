#!/usr/bin/env bats
# What a run of superloop.sh leaves behind: events, status, index, evidence, summary.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
}

@test "events come in their order, and the analysis of a role before its turn" {
  host::door <<<'answer marker'
  host::config '.loops[0].roles |= {planner, reviewer} | .loops[0].rlms = {enabled: true, policy: {force_on: true}, roles: {planner: false}}'
  host::run run
  assert_equal "$(host::event_names)" "loop_start iteration_start rlms_decision role_start role_end rlms_decision rlms_start rlms_end role_start role_end promise_checked tests_start tests_end gates_evaluated iteration_end loop_complete"
}

@test "events of a run that stops end with loop_stopped, and a later run appends" {
  host::config '.loops[0].roles |= {reviewer} | .loops[0].completion_promise = "NEVER" | .loops[0].max_iterations = 1'
  local once="loop_start iteration_start role_start role_end promise_checked tests_start tests_end gates_evaluated iteration_end loop_stopped"
  host::run run
  assert_equal "$(host::event_names)" "${once}"
  host::run run
  assert_equal "$(host::event_names)" "${once} ${once}"
}

@test "every event is one line of JSON with the contract's keys" {
  host::door <<<'fail "odd \u0022error\u0022\nsecond line – é"'
  host::agent reviewer <<<'printf "<promise>DONE</promise>\n" >"$1"'
  host::config '.loops[0].rlms = {enabled: true, policy: {force_on: true}} | .loops[0].completion_promise = "DONE"'
  host::run run
  assert_success
  run jq -R -c 'fromjson
    | select((keys - ["timestamp", "event", "loop_id", "run_id", "iteration", "role", "status", "message", "data"]) != []
      or (.timestamp | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$") | not)
      or .loop_id != "work" or .iteration != 1 or (.run_id | length) == 0 or (has("data") | not))' "$(host::loop events.jsonl)"
  assert_success
  assert_output ""
  run jq -r 'select(.event | startswith("role_") or startswith("rlms_")) | .role' "$(host::loop events.jsonl)"
  assert_equal "$(sort -u <<<"${output}" | paste -sd ' ' -)" "implementer planner reviewer tester"
  run jq -c 'select(.event == "rlms_end") | .message' "$(host::loop events.jsonl)"
  assert_line --index 0 '"odd \"error\"\nsecond line – é"'
}

@test "events and state of one run share its id" {
  host::run run
  run jq -r .run_id "$(host::loop events.jsonl)"
  assert_equal "$(sort -u <<<"${output}")" "$(jq -r .run_id "${REPO}/.superloop/state.json")"
}

@test "the status of an analysis has the contract's keys, skipped or not" {
  host::door <<<'answer marker'
  local directory=.superloop/loops/work/rlms/iter-1 role
  host::config '.loops[0].roles |= {planner, reviewer} | .loops[0].rlms = {enabled: true, mode: "requested", auto: {max_files: 1}, policy: {force_on: true}, roles: {planner: false}}'
  host::run run
  for role in planner reviewer; do
    host::assert_json "$(host::loop "rlms/latest/${role}.status.json")" keys_unsorted \
      '["generated_at","status","reason","mode","should_run","error","result_file","summary_file","metadata_file","metrics"]'
    host::assert_json "$(host::loop "rlms/latest/${role}.status.json")" '[.mode, .error, .result_file, .summary_file, .metadata_file]' \
      "[\"requested\",null,\"${directory}/${role}/result.json\",\"${directory}/${role}/summary.md\",\"${directory}/${role}/metadata.json\"]"
  done
}

@test "the index has one entry for each decision, over iterations and runs" {
  host::door <<<'if [[ ${F_role} == planner ]]; then fail broken; fi; answer marker'
  host::agent reviewer <<<'if ((ITERATION >= 2)); then echo "<promise>DONE</promise>" >"$1"; fi'
  host::config '.loops[0].roles |= {planner, reviewer} | .loops[0].rlms = {enabled: true, policy: {force_on: true}}'
  host::run run
  assert_success
  local index
  index=$(host::loop rlms/index.json)
  host::assert_json "${index}" '[.version, .loop_id, (.updated_at | length > 0)]' '[1,"work",true]'
  host::assert_json "${index}" '.entries | map([.role, .iteration, .status, .reason, .error])' \
    '[["planner",1,"failed","force_on","broken"],["reviewer",1,"ok","force_on",null],["planner",2,"failed","force_on","broken"],["reviewer",2,"ok","force_on",null]]'
  host::assert_json "${index}" '.entries[1] | [.result_file, .summary_file, .status_file]' \
    '[".superloop/loops/work/rlms/iter-1/reviewer/result.json",".superloop/loops/work/rlms/iter-1/reviewer/summary.md",".superloop/loops/work/rlms/iter-1/reviewer/status.json"]'
  host::run run
  host::assert_json "${index}" '.entries | map(.iteration)' '[1,1,2,2,1,1]'
}

@test "an index that jq wrote keeps its entries, whatever its indentation" {
  host::door <<<'answer marker'
  host::config '.loops[0].roles |= {reviewer} | .loops[0].rlms = {enabled: true, policy: {force_on: true}}'
  local index option old='{"version":1,"loop_id":"work","updated_at":"2026-01-01T00:00:00Z","entries":[{"role":"reviewer","iteration":7,"error":"a \"b\"\n]}","metrics":{}},{"role":"planner","iteration":8}]}'
  index=$(host::loop rlms/index.json)
  for option in --indent\ 2 --tab -c; do
    mkdir -p "$(dirname "${index}")"
    # shellcheck disable=SC2086 # an option with its value
    jq ${option} . <<<"${old}" >"${index}"
    host::run run
    assert_success
    host::assert_json "${index}" '.entries | map(.iteration)' '[7,8,1]'
    host::assert_json "${index}" '.entries[0]' "$(jq -c '.entries[0]' <<<"${old}")"
    host::run run
    host::assert_json "${index}" '.entries | map(.iteration)' '[7,8,1,1]'
  done
  printf '{"version":1,"loop_id":"work","entries":[]}\n' >"${index}"
  host::run run
  host::assert_json "${index}" '.entries | map(.iteration)' '[1]'
}

@test "records that somebody spoiled are kept, and begin anew" {
  local file text
  host::door <<<'answer marker'
  host::config '.loops[0].roles |= {reviewer} | .loops[0].rlms = {enabled: true, policy: {force_on: true}}'
  for file in rlms/index.json run-summary.json; do
    for text in '{"version":1,"entries":[{"role":' '[]' 'no JSON' '{"entries":7}' '{"version":1,"entries":['$'\n{"role":'; do
      mkdir -p "$(host::loop rlms)"
      printf '%s\n' "${text}" >"$(host::loop "${file}")"
      host::run run
      assert_success
      assert_equal "${stderr}" "warning: $(host::loop "${file}") is no JSON and begins anew; it is kept as ${file##*/}.spoiled"
      assert_equal "$(cat "$(host::loop "${file}.spoiled")")" "${text}"
      host::assert_json "$(host::loop "${file}")" '.entries | length' 1
      rm -rf "${REPO}/.superloop/loops"
    done
  done
}

@test "evidence of a run holds tests, checklists, artifacts and analyses with hashes that are true" {
  host::door <<<'answer marker'
  host::file "out/a b.txt"
  host::config '.loops[0] += {tests: {mode: "every", commands: ["echo fine"]}, evidence: {enabled: true, artifacts: ["out/*"]},
    rlms: {enabled: true, policy: {force_on: true}}}'
  host::run run
  assert_success
  local evidence hash path count=0
  evidence=$(host::loop evidence.json)
  host::assert_json "${evidence}" '[.tests.status.ok, .checklists.status.ok, (.artifacts | map(.path)), (.rlms.latest | length), (.rlms.files | length)]' \
    '[true,true,["out/a b.txt"],12,20]'
  host::assert_json "${evidence}" '.rlms.index.entries | length' 4
  while read -r hash path; do
    assert_equal "${path} ${hash}" "${path} $(host::sha256 "${REPO}/${path}")"
    count=$((count + 1))
  done < <(jq -r '(.artifacts[], .rlms.latest[], .rlms.files[] | "\(.sha256) \(.path)"), "\(.rlms.index_sha256) \(.rlms.index_file)",
    "\(.tests.status_sha256) \(.tests.status_file)", "\(.tests.output_sha256) \(.tests.output_file)",
    "\(.checklists.status_sha256) \(.checklists.status_file)"' "${evidence}")
  assert_equal "${count}" 37
}

@test "the run summary names the files of each iteration, those that are there with their hashes" {
  host::config '.loops[0].evidence.enabled = true'
  host::run run
  local summary
  summary=$(host::loop run-summary.json)
  host::assert_json "${summary}" '[.version, .loop_id, (.entries | length)]' '[1,"work",1]'
  host::assert_json "${summary}" '.entries[0] | [.iteration, .completion_ok, .promise, .tests_mode]' \
    '[1,true,{"expected":"DONE","text":"DONE","matched":true},"disabled"]'
  host::assert_json "${summary}" '.entries[0].artifacts | map_values(.exists)' \
    '{"plan":true,"implementer":true,"test_report":true,"reviewer":true,"test_output":true,"test_status":true,"checklist_status":true,"checklist_remaining":true,"evidence":true,"gate_summary":true,"iteration_notes":true,"events":true}'
  host::assert_json "${summary}" '.entries[0].artifacts.evidence.sha256' "\"$(host::sha256 "$(host::loop evidence.json)")\""
}

@test "logs, prompts and last messages of each role are kept" {
  host::agent tester <<<'echo said; echo complained >&2; echo message >"$1"'
  host::run run
  assert_equal "$(cat "$(host::loop logs/iter-1/tester.log)")" said
  assert_equal "$(cat "$(host::loop logs/iter-1/tester.stderr.log)")" complained
  assert_equal "$(cat "$(host::loop last_messages/tester.txt)")" message
  assert [ ! -e "$(host::loop logs/iter-1/planner.stderr.log)" ]
  cmp "$(host::loop prompts/tester.md)" "${AGENTS}/tester.prompt-1"
}

@test "a loop with everything leaves each file in its place" {
  host::identify
  host::door <<<'answer found'
  host::config '.loops[0] += {
    tests: {mode: "every", commands: ["true"]}, validation: {enabled: true, mode: "every", commands: ["true"]},
    prerequisites: {enabled: true, checks: [{type: "file_exists", path: "."}]}, evidence: {enabled: true},
    approval: {enabled: true, require_on_completion: true}, reviewer_packet: {enabled: true},
    stuck: {enabled: true, threshold: 1, action: "report"}, git: {commit_strategy: "per_iteration"},
    hooks: {on_iteration_end: "true"}, rlms: {enabled: true, policy: {force_on: true}}} | .loops[0].roles |= {reviewer}'
  host::agent reviewer <<<'if ((ITERATION == 2)); then echo "<promise>DONE</promise>" >"$1"; else echo no | tee work.txt >"$1"; fi'
  host::run run
  assert_failure 1
  assert [ -s "$(host::loop approval.json)" ]
  assert [ -s "$(host::loop changed-files-all.txt)" ]
  host::run approve --by me --note yes
  host::run run
  assert_success
  host::run report
  assert_success
  local name
  for name in events.jsonl plan.md implementer.md test-report.md review.md iteration_notes.md run-summary.json timeline.md \
    usage.jsonl report.html gate-summary.txt test-status.json test-output.txt checklist-status.json checklist-remaining.md \
    validation-status.json validation-results.json validation-output.txt prerequisites-status.json decisions.jsonl decisions.md \
    evidence.json reviewer-packet.md stuck.json prompts/reviewer.md last_messages/reviewer.txt \
    logs/iter-2/reviewer.log logs/iter-1/reviewer.changed.txt logs/iter-1/changed-files.txt logs/iter-1/commit-files.txt \
    logs/on_iteration_end.json rlms/index.json rlms/latest/reviewer.json rlms/latest/reviewer.md rlms/latest/reviewer.status.json \
    rlms/iter-2/reviewer/context-files.txt rlms/iter-2/reviewer/metadata.json rlms/iter-2/reviewer/result.json \
    rlms/iter-2/reviewer/summary.md rlms/iter-2/reviewer/status.json; do
    assert [ -f "$(host::loop "${name}")" ]
  done
  assert [ -d "$(host::loop rlms/requests)" ]
  assert [ -s "${REPO}/.superloop/state.json" ]
  assert [ ! -e "$(host::loop approval.json)" ]
}
