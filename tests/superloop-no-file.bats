#!/usr/bin/env bats
# A named pipe, a folder, a socket or a device where superloop.sh has a file: nothing waits, and it is told.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
}

# Runs superloop.sh, which must not wait; bats' run.
# in_time COMMAND [FLAG…]
in_time() {
  local command=$1
  shift
  run --separate-stderr timeout -k 1 60 "${PROJECT_ROOT}/superloop.sh" "${command}" --repo "${REPO}" "$@"
}

# assert_lost PATH KIND ROLE: the run has ended, and says why
assert_lost() {
  local file=${REPO}/.superloop/$1
  assert_failure 1
  assert_equal "${stderr}" "warning: ${file} was no file, but $2; it is taken away
error: a program of this run has put something else in place of the file ${file}
  code: RECORD_NO_FILE
  fix: Find out which (the last turn was the $3's), then run again."
  host::assert_json "${REPO}/.superloop/state.json" .active false
  assert_equal "$(tail -n 1 "$(host::loop events.jsonl)" | jq -r .event)" loop_stopped
}

@test "what a role puts in place of a file holds nobody up: it is taken away, and the run ends" {
  local name
  host::config '.loops[0].timeouts = {enabled: true, default: 30, inactivity: 20}'
  for name in state.json loops/work/{events.jsonl,timeline.md,plan.md,run-summary.json,run.progress,test-output.txt,run.lock} \
    loops/work/{prompts/tester.md,last_messages/implementer.txt,logs/iter-1/implementer.log,logs/iter-1/implementer.exit,logs/iter-1/reviewer.log}; do
    host::agent implementer <<<"echo done >\"\$1\"; rm -f '${REPO}/.superloop/${name}'; mkfifo '${REPO}/.superloop/${name}'"
    in_time run --fresh
    assert_lost "${name}" "a named pipe" implementer
    assert [ ! -e "${REPO}/.superloop/${name}" ] || assert [ -f "${REPO}/.superloop/${name}" ]
  done
  host::agent implementer <<<':'
  in_time run --fresh
  assert_success
}

@test "so do a folder, which is kept, a socket, and links to any of them" {
  local file
  file=$(host::loop timeline.md)
  host::agent implementer <<<"rm -f '${file}'; mkdir '${file}'; echo text >'${file}/inside'"
  in_time run --fresh
  assert_lost loops/work/timeline.md "a folder" implementer
  assert_equal "$(cat "${file}.spoiled/inside")" text
  host::agent implementer <<<"cd '${file%/*}'; rm -f timeline.md; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"timeline.md\")'"
  in_time run --fresh
  assert_lost loops/work/timeline.md "a socket" implementer
  host::agent implementer <<<"ln -sf /dev/tty '${file}'"
  in_time run --fresh
  assert_lost loops/work/timeline.md "a device" implementer
  assert [ -c /dev/tty ]
  host::agent implementer <<<"ln -sfn '${REPO}' '${file}'"
  in_time run --fresh
  assert_lost loops/work/timeline.md "a folder" implementer
  assert [ -d "${REPO}" ]
}

@test "a link to a file is followed" {
  local file
  file=$(host::loop timeline.md)
  host::agent implementer <<<"rm -f '${file}'; echo mine >'${TMP}/elsewhere'; ln -s '${TMP}/elsewhere' '${file}'"
  in_time run
  assert_success
  assert_equal "$(head -n 1 "${TMP}/elsewhere")" mine
  assert grep -q completion=true "${TMP}/elsewhere"
}

@test "so do the tests' commands, hooks and the analysis" {
  local file
  file=$(host::loop timeline.md)
  host::config ".loops[0].tests = {mode: \"every\", commands: [\"mkfifo '${file}'\"]}"
  in_time run --fresh
  assert_lost loops/work/timeline.md "a named pipe" reviewer
  host::config ".loops[0].hooks = {on_iteration_end: \"rm '${file}'; mkfifo '${file}'\"}"
  in_time run --fresh
  assert_lost loops/work/timeline.md "a named pipe" reviewer
  host::config '.loops[0].roles |= {planner} | .loops[0].rlms = {enabled: true, policy: {force_on: true}}'
  host::door <<<'answer found; rm -f "${F_output_dir}/summary.md"; mkfifo "${F_output_dir}/summary.md"'
  in_time run --fresh
  assert_lost loops/work/rlms/iter-1/planner/summary.md "a named pipe" planner
}

@test "what the last hook of a loop puts in place of a file ends no other loop" {
  local file
  file=$(host::loop timeline.md)
  host::config ".loops[0].hooks = {on_complete: \"rm '${file}'; mkfifo '${file}'\"} | .loops += [.loops[0] + {id: \"next\", hooks: {}}]"
  in_time run
  assert_success
  assert_equal "${stderr}" "warning: ${file} was no file, but a named pipe; it is taken away"
  assert_line "Loop 'next' complete at iteration 1."
}

@test "what stands there before a run, and before any other command, is named and left alone" {
  local command
  mkdir -p "$(host::loop .)"
  mkfifo "$(host::loop events.jsonl)"
  echo '{"status": "pending"}' >"$(host::loop approval.json)"
  for command in run "run --dry-run" list "status --json" "status --summary" usage report "approve --by me --note x"; do
    # shellcheck disable=SC2086 # a command and its flags
    in_time ${command} --loop work
    assert_failure 1
    assert_equal "${stderr}" "error: $(host::loop events.jsonl) is no file, but a named pipe
  code: RECORD_NO_FILE
  fix: Remove it, or move it away, then try again."
    assert [ -p "$(host::loop events.jsonl)" ]
  done
  rm "$(host::loop events.jsonl)"
  mkfifo "${REPO}/.superloop/state.json"
  for command in run status; do
    in_time "${command}"
    assert_failure 1
    assert_equal "${stderr_lines[0]}" "error: ${REPO}/.superloop/state.json is no file, but a named pipe"
  done
}

@test "a pipe among the files that a check or a report reads is passed by" {
  host::config '.loops[0].roles |= {planner, reviewer} | .loops[0].tests = {mode: "on_promise", commands: ["npm run none || true"]}
    | .loops[0].rlms = {enabled: true, policy: {force_on: true}}'
  host::door <<<'answer found'
  mkfifo "${REPO}/package.json"
  in_time validate --static
  assert_success
  rm "${REPO}/package.json"
  in_time run
  assert_success
  rm "$(host::loop rlms/iter-1/planner/result.json)"
  mkfifo "$(host::loop rlms/iter-1/planner/result.json)"
  in_time report
  assert_success
}

@test "cancel ends a run all the same, and clears away what stands there" {
  host::agent implementer <<EOS
for name in state.json loops/work/events.jsonl; do rm -f "${REPO}/.superloop/\${name}"; mkfifo "${REPO}/.superloop/\${name}"; done
echo \$\$ >'${TMP}/pids'
exec sleep 61
EOS
  host::start
  host::wait_until test -s "${TMP}/pids"
  in_time cancel
  assert_success
  assert_output "Cancelled loop state."
  wait "${HOST}" || : # cancelled, as it should be
  host::assert_gone "${TMP}/pids"
  assert [ ! -e "${REPO}/.superloop/state.json" ]
}

@test "a host is not held up by what its role leaves, even when it is ended" {
  host::agent implementer <<EOS
for name in state.json loops/work/events.jsonl loops/work/timeline.md; do rm -f "${REPO}/.superloop/\${name}"; mkfifo "${REPO}/.superloop/\${name}"; done
: >'${TMP}/here'
exec sleep 61
EOS
  host::start
  host::wait_until test -e "${TMP}/here"
  host::interrupt TERM process
  assert_equal "${ENDED}" 143
  assert [ -f "$(host::loop events.jsonl)" ]
}
