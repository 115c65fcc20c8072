#!/usr/bin/env bats
# Records that are torn or spoiled: a run goes on all the same by what the others tell, and what cannot be read is said.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/resume
  host::setup
  host::make_repo
}

turns() { paste -sd ' ' - <"${TURNS}"; }

# A run that is interrupted while the ROLE works in its second iteration.
interrupted_run() {
  host::agent reviewer <<<'if ((ITERATION > 1)); then echo "<promise>DONE</promise>" >"$1"; else echo more >"$1"; fi'
  host::agent "$1" <<<"if ((ITERATION == 2)); then : >'${TMP}/here'; exec sleep 61; fi; echo '<promise>DONE</promise>' >\"\$1\""
  if [[ $1 == reviewer ]]; then sed -i.bak 's/^if ((ITERATION == 2/if ((ITERATION == 1)); then echo more >"$1"; exit; fi; &/' "${AGENTS}/reviewer"; fi
  host::start
  host::wait_until test -e "${TMP}/here"
  host::interrupt TERM process
  cp "$(host::loop events.jsonl)" "${TMP}/events"
}

# Tears the last event of the name: what a full disk or a crash leaves of a line.
tear() {
  awk -v event="\"event\":\"$1\"" 'index($0, event) { last = NR } { line[NR] = $0 } END { for (at = 1; at <= NR; at++) print at == last ? substr(line[at], 1, 30) "\001" : line[at] }' \
    "${TMP}/events" >"$(host::loop events.jsonl)"
}

@test "no role that is done is run again for a torn line, whichever it is, and it is told" {
  local event
  interrupted_run reviewer
  cp -R "${REPO}/.superloop" "${TMP}/superloop"
  cp "${TURNS}" "${TMP}/turns.before"
  for event in loop_start iteration_start role_start role_end iteration_end promise_checked loop_stopped; do
    rm -rf "${REPO}/.superloop"
    cp -R "${TMP}/superloop" "${REPO}/.superloop"
    cp "${TMP}/turns.before" "${TURNS}"
    tear "${event}"
    host::run run
    assert_success
    assert_equal "${event}: $(turns)" "${event}: planner implementer tester reviewer planner implementer tester reviewer reviewer"
    assert_line --partial "it goes on in iteration 2, with the reviewer"
    if [[ ${event} == loop_stopped ]]; then continue; fi # its last line, which a crash tears
    assert_equal "${stderr}" "warning: lines of $(host::loop events.jsonl) that cannot be read: 1; where the run stands is known from the other records"
    host::assert_json <(jq -sR '[split("\n")[] | fromjson? | select(.event == "iteration_end") | .iteration] | unique' "$(host::loop events.jsonl)") '.[-1]' 2
  done
}

@test "the end of a role that is torn is known by its program's status" {
  host::agent tester <<<"echo done >\"\$1\"; kill -KILL \$(cut -d ' ' -f 1 '$(host::loop run.lock)')"
  host::start
  wait "${HOST}" || : # killed, as it should be
  host::wait_until test -s "$(host::loop logs/iter-1/tester.exit)"
  cp "$(host::loop events.jsonl)" "${TMP}/events"
  tear role_start
  printf '%s\n' '{"timestamp":"2026' >>"$(host::loop events.jsonl)"
  host::agent tester <<<'exit 9'
  host::run run
  assert_success
  assert_equal "$(turns)" "planner implementer tester reviewer"
}

@test "a line that stands behind a torn one counts" {
  interrupted_run tester
  awk '/"event":"role_start"/ { held = substr($0, 1, 40) } /loop_stopped/ { $0 = held $0 } { print }' "${TMP}/events" >"$(host::loop events.jsonl)"
  host::run list
  assert_line --index 1 --regexp '^work +INTERRUPTED +[0-9-]{10}T[0-9:]{8}Z$'
  host::run run
  assert_success
  assert_equal "$(turns)" "planner implementer tester reviewer planner implementer tester tester reviewer"
}

@test "what an earlier run's program has left is not taken for this one's answer" {
  host::run run
  assert_success
  host::agent planner <<<"echo \$\$ >'${TMP}/agent'; : >'${TMP}/here'; exec sleep 61"
  host::start
  host::wait_until test -e "${TMP}/here"
  kill -KILL "${HOST}" "$(cat "${TMP}/agent")"
  wait "${HOST}" || : # killed, as it should be
  host::agent planner <<<'echo done >"$1"'
  host::run run
  assert_success
  assert_equal "$(turns)" "planner implementer tester reviewer planner planner implementer tester reviewer"
}

@test "a state that is spoiled is an error of status, and cancel puts it aside" {
  local text
  for text in 'garbage' '{"active":' '[]' ''; do
    host::run run
    printf '%s' "${text}" >"${REPO}/.superloop/state.json"
    host::run status
    assert_failure 1
    assert_output ""
    assert_equal "${stderr}" "error: ${REPO}/.superloop/state.json cannot be read as JSON
  code: RECORD_SPOILED
  fix: Move it away; the next run begins a new one."
    host::run cancel --loop work
    assert_success
    assert_output "No active state file found."
    assert_equal "${stderr}" "warning: ${REPO}/.superloop/state.json is no JSON and begins anew; it is kept as state.json.spoiled"
    assert_equal "$(cat "${REPO}/.superloop/state.json.spoiled")" "${text}"
  done
}

@test "status tells the state of the loop that is named, and refuses one that is not there" {
  host::config '.loops += [.loops[0] + {id: "second"}]'
  host::run run --loop second
  host::run status --loop second
  assert_success
  assert_equal "$(jq -r .current_loop_id <<<"${output}")" second
  host::run status --loop work
  assert_success
  assert_output "No state file found for loop 'work'."
  host::run status --loop zz
  assert_failure 2
  assert_output ""
  assert_equal "${stderr_lines[0]}" "superloop: error: loop id not found: zz"
}
