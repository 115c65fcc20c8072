#!/usr/bin/env bats
# superloop.sh cancel: ends what is running, with its whole tree.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
  SLEEPERS=${TMP}/sleepers
  host::agent implementer <<EOS
echo \$\$ >>'${SLEEPERS}'
setsid bash -c 'echo \$\$ >>"${SLEEPERS}"; exec sleep 61' &
sleep 61 &
echo \$! >>'${SLEEPERS}'
echo here >'${TMP}/here'
wait
EOS
}

# A run whose implementer sleeps, with a child in a session of its own.
start_sleepy_run() {
  host::start "$@"
  host::wait_until test -e "${TMP}/here"
  host::wait_until bash -c "(( \$(grep -c '' '${SLEEPERS}') == 3 ))"
}

cancel() {
  host::run cancel "$@"
}

# assert_cancelled: nothing is left of the run
assert_cancelled() {
  assert_success
  assert_output "Cancelled loop state."
  assert_equal "${stderr}" ""
  host::assert_gone "${SLEEPERS}"
  assert [ ! -e "${REPO}/.superloop/state.json" ]
  run find "$(host::loop .)" -name 'run.*' -o -name '*.tmp' -o -name '*.timed-out'
  assert_output ""
  run jq -c '[.event, .status, .data.reason, (.run_id | length > 0), .iteration]' <(tail -n 1 "$(host::loop events.jsonl)")
  assert_output '["loop_stopped","stopped","cancelled",true,1]'
}

@test "without a run there is nothing to cancel" {
  cancel
  assert_success
  assert_output "No active state file found."
}

@test "a run ends with all that it has started, and says why" {
  local ended=0
  start_sleepy_run
  cancel
  wait "${HOST}" || ended=$?
  assert_cancelled
  assert_equal "${ended} $(cat "${TMP}/host.err")" "143 error: cancelled"
}

@test "what a run that was killed has left running ends" {
  start_sleepy_run
  kill -KILL "${HOST}"
  wait "${HOST}" || : # killed, as it should be
  cancel
  assert_cancelled
}

@test "a run that does not listen is killed" {
  start_sleepy_run
  kill -STOP "${HOST}"
  cancel
  wait "${HOST}" || : # killed, as it should be
  assert_cancelled
}

@test "with --loop only that loop's run ends" {
  host::config '.loops += [.loops[0] + {id: "other"}]'
  start_sleepy_run --loop other
  cancel --loop work
  assert_success
  assert_output "No active state file found."
  assert kill -0 "${HOST}"
  host::assert_json "${REPO}/.superloop/state.json" '[.active, .current_loop_id]' '[true,"other"]'
  cancel --loop other
  assert_output "Cancelled loop state."
  host::assert_gone "${SLEEPERS}"
  wait "${HOST}" || : # cancelled, as it should be
}

@test "after a cancelled run the next one starts and completes" {
  start_sleepy_run
  cancel
  wait "${HOST}" || : # cancelled, as it should be
  host::agent implementer <<<':'
  host::run run
  assert_success
  assert_line "Loop 'work' complete at iteration 1."
  cancel
  assert_output "Cancelled loop state."
  assert [ ! -e "${REPO}/.superloop/state.json" ]
}

@test "a lock whose process number is another process's by now ends nobody" {
  sleep 61 3>&- &
  local stranger=$!
  mkdir -p "$(host::loop .)"
  printf '%s 12345\n' "${stranger}" >"$(host::loop run.lock)"
  cancel
  assert_success
  assert kill -0 "${stranger}"
  kill "${stranger}"
  assert [ ! -e "$(host::loop run.lock)" ]
}

@test "a run of another user's is told as one that cannot be ended" {
  mkdir -p "$(host::loop .)"
  # no signal arrives, and nobody waits for what does not come
  host::strict "lib/output lib/failure lib/json lib/clock lib/file lib/strays lib/process config paths records lib/lock commands/cancel" '
    kill() { return 1; }
    sleep() { :; }
    lock::take "$1/.superloop/loops/work/run.lock"
    commands::cancel::main --repo "$1"' "${REPO}"
  assert_failure 1
  assert_equal "${stderr%%\(*}${stderr#*\)}" $'error: the run of loop \'work\'  is another user\'s\n  code: CANCEL_FAILED\n  fix: End it as the user who started it.'
}
