#!/usr/bin/env bats
# superloop.sh status --json: where a loop stands, for programs.
# shellcheck disable=SC2016 # scripts of agents stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
}

# status --json into ${TMP}/status.json.
# read_status [FLAG…]
read_status() {
  host::run status --json "$@"
  assert_success
  assert_equal "${stderr}" ""
  printf '%s\n' "${output}" >"${TMP}/status.json"
}

assert_status() { host::assert_json "${TMP}/status.json" "$1" "$2"; }

@test "a loop that never ran is not started" {
  read_status
  assert_status . '{"loop_id":"work","status":"not_started","reason":null,"run_id":null,"iteration":null,"role":null,"doing":null,"waiting":null,"pid":null,"updated_at":null,"iterations_ended":0,"last_iteration":null,"analyses":[],"usage":{"turns":0,"unknown":0,"input_tokens":0,"output_tokens":0,"cost_usd":null}}'
}

@test "a complete loop tells its last iteration, its gates and its usage" {
  host::config '.loops[0].evidence.enabled = true'
  host::agent planner <<<'printf "%s\n" "{\"type\":\"result\",\"is_error\":false,\"result\":\"plan\",\"total_cost_usd\":0.5,\"usage\":{\"input_tokens\":7,\"output_tokens\":2}}"'
  host::run run
  assert_success
  read_status
  assert_status '[.loop_id, .status, .reason, .iteration, .role, .pid, .iterations_ended]' '["work","complete",null,1,null,null,1]'
  assert_status '.last_iteration | [.iteration, .complete, .promise, .gates.tests, .gates.checklist, .gates.evidence]' '[1,true,true,"skipped","ok","ok"]'
  assert_status .usage '{"turns":4,"unknown":3,"input_tokens":7,"output_tokens":2,"cost_usd":0.5}'
  assert_status '.run_id[:20] <= .updated_at' true
}

@test "a stopped loop tells why" {
  host::config '.loops[0].max_iterations = 2 | .loops[0].completion_promise = "NEVER"'
  host::run run
  assert_failure 1
  read_status
  assert_status '[.status, .reason, .iteration, .iterations_ended]' '["stopped","max_iterations",2,2]'
}

@test "a running loop tells its role and its process" {
  host::agent tester <<<"'${PROJECT_ROOT}/superloop.sh' status --json --repo '${REPO}' >'${TMP}/status.json'"
  host::run run
  assert_success
  assert_status '[.status, .reason, .iteration, .role, (.pid | type), .last_iteration]' '["running",null,1,"tester","number",null]'
}

@test "of two loops that run at once each is told as running, whichever wrote state.json last" {
  host::config '.loops += [.loops[0] + {id: "second"}]'
  host::agent tester <<<"if [[ \$1 == */second/* ]]; then exit; fi
    '${PROJECT_ROOT}/superloop.sh' run --repo '${REPO}' --loop second >/dev/null
    '${PROJECT_ROOT}/superloop.sh' status --json --repo '${REPO}' --loop work >'${TMP}/status.json'"
  host::run run --loop work
  assert_success
  assert_equal "$(jq -r .current_loop_id "${REPO}/.superloop/state.json")" work
  assert_status '[.loop_id, .status, .iteration, .role, (.pid | type)]' '["work","running",1,"tester","number"]'
}

@test "a live process with the number of one that is gone is not taken for it" {
  host::run run
  jq --argjson pid "$$" '.active = true | .pid = $pid' "${REPO}/.superloop/state.json" >"${TMP}/state"
  mv "${TMP}/state" "${REPO}/.superloop/state.json"
  read_status
  assert_status '[.status, .pid]' '["complete",null]'
}

@test "a promise without end is cut in the records" {
  host::agent reviewer <<<'{ printf "<promise>"; head -c 300000 /dev/zero | tr "\0" x; printf "</promise>"; } >"$1"'
  host::config '.loops[0].max_iterations = 1'
  host::run run
  assert_failure 1
  read_status
  assert_status '[.status, .last_iteration.promise]' '["stopped",false]'
  assert_equal "$(jq -s 'map(select(.event == "promise_checked") | .data.text | length)' -c "$(host::loop events.jsonl)")" '[1001]'
}

@test "a loop whose process is gone is interrupted" {
  host::run run
  jq -c 'select(.event != "loop_complete")' "$(host::loop events.jsonl)" >"${TMP}/events"
  # more of them since its beginning than status reads from the end
  jq -cn '{event: "role_start", run_id: "r"} | range(30) as $n | .' >>"${TMP}/events"
  mv "${TMP}/events" "$(host::loop events.jsonl)"
  ended=$(bash -c 'echo $$')
  jq --argjson pid "${ended}" '.active = true | .pid = $pid' "${REPO}/.superloop/state.json" >"${TMP}/state"
  mv "${TMP}/state" "${REPO}/.superloop/state.json"
  read_status
  assert_status '[.status, .role, .pid]' '["interrupted",null,null]'
}

@test "the loop that ran last is told of, unless another is named" {
  host::config '.loops += [.loops[0] + {id: "second"}]'
  host::run run --loop second
  read_status
  assert_status '[.loop_id, .status]' '["second","complete"]'
  read_status --loop work
  assert_status '[.loop_id, .status]' '["work","not_started"]'
}

@test "the analyses of the last iteration are told, with what failed" {
  host::config '.loops[0].rlms = {enabled: true, policy: {force_on: true}, roles: {planner: false}} | .loops[0].max_iterations = 2'
  host::door <<<'if [[ ${F_role} == tester ]]; then fail "no model"; fi; answer x'
  host::agent reviewer <<<'if ((ITERATION == 2)); then echo "<promise>DONE</promise>" >"$1"; else echo more >"$1"; fi'
  host::run run
  assert_success
  read_status
  assert_status '.analyses | map([.role, .iteration, .status, .reason, .error])' \
    '[["planner",2,"skipped","role_disabled",null],["implementer",2,"ok","force_on",null],["tester",2,"failed","force_on","no model"],["reviewer",2,"ok","force_on",null]]'
}

@test "a loop that a person approved later is complete, with the work of the run before" {
  host::config '.loops[0].approval = {enabled: true, require_on_completion: true}'
  host::run run
  assert_failure 1
  read_status
  assert_status '[.status, .reason, .last_iteration.gates.approval]' '["stopped","approval_pending","pending"]'
  host::run approve --by Ann --note fine
  assert_success
  sleep 1.1 # runs are told apart by their second
  host::run run
  assert_success
  read_status
  assert_status '[.status, .last_iteration.complete, .last_iteration.gates.approval, .usage.turns, .iterations_ended]' '["complete",true,"approved",4,1]'
  host::run report
  run grep -o 'badge ok">✓ Complete' "$(host::loop report.html)"
  assert_success
}

@test "files that another program wrote, or that are cut, do not hinder it" {
  mkdir -p "$(host::loop rlms)"
  printf '%s\n' '{"event":"loop_start","run_id":"r","timestamp":"t"}' '{"event":"loop_sto' >"$(host::loop events.jsonl)"
  echo 'no JSON' >"$(host::loop run-summary.json)"
  echo '{"run_id":"r","usage":null}' >"$(host::loop usage.jsonl)"
  echo '[]' >"${REPO}/.superloop/state.json"
  read_status
  assert_status '[.status, .run_id, .usage.turns]' '["interrupted","r",1]'
}
