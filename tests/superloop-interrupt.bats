#!/usr/bin/env bats
# Ctrl-C and SIGTERM: what runs is ended, what happened is written down.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
}

# assert_stopped STATUS SIGNAL ROLE: the host ended with this status and wrote down why
assert_stopped() {
  assert_equal "${ENDED}" "$1"
  assert_equal "$(cat "${TMP}/host.err")" "error: interrupted by $2"
  host::assert_json "${REPO}/.superloop/state.json" '[.active, .current_loop_id, .role]' "[false,\"work\",\"$3\"]"
  run jq -c '[.event, .role, .status, .data.reason]' <(tail -n 1 "$(host::loop events.jsonl)")
  assert_output "[\"loop_stopped\",\"$3\",\"stopped\",\"interrupted by $2\"]"
  assert [ ! -e "$(host::loop run.lock)" ]
  run find "$(host::loop .)" -name '*.timed-out' -o -name '*.tmp'
  assert_output ""
  run jq -c . "$(host::loop events.jsonl)"
  assert_success
}

# An agent with a child and a grandchild, all of them asleep.
sleepy_agent() {
  host::agent "$1" <<EOS
trap 'wait; exit 143' TERM # it reaps its children, which not every first process does soon
bash -c 'trap "wait; exit 143" TERM; sleep 61 & wait' &
sleep 61 &
echo here >'${TMP}/here'
wait
EOS
}

@test "Ctrl-C during a role ends it and everything it started, status 130" {
  sleepy_agent implementer
  host::start
  host::wait_until test -e "${TMP}/here"
  host::interrupt INT group
  assert_stopped 130 SIGINT implementer
}

@test "SIGTERM during a role ends it and everything it started, status 143" {
  sleepy_agent planner
  host::config '.loops[0].timeouts = {enabled: true, default: 600}'
  host::start --loop work
  host::wait_until test -e "${TMP}/here"
  host::interrupt TERM process
  assert_stopped 143 SIGTERM planner
}

@test "a role that does not want to end is killed" {
  host::agent planner <<EOS
trap '' INT TERM HUP
echo here >'${TMP}/here'
while :; do sleep 0.1; done
EOS
  host::start
  host::wait_until test -e "${TMP}/here"
  host::interrupt INT group
  assert_stopped 130 SIGINT planner
}

@test "a signal while the tests run ends them" {
  host::config ".loops[0].tests = {mode: \"every\", commands: [\"trap 'wait; exit 143' TERM; echo here >'${TMP}/here'; sleep 61 & wait\"]}"
  host::start
  host::wait_until test -e "${TMP}/here"
  host::interrupt TERM process
  assert_stopped 143 SIGTERM reviewer
}

@test "Ctrl-C during an analysis ends the door and everything it started" {
  host::door <<<'trap "wait; exit 143" TERM; sleep 61 & echo here >"${TMP}/here"; wait'
  host::config '.loops[0].rlms = {enabled: true, policy: {force_on: true}}'
  host::start
  host::wait_until test -e "${TMP}/here"
  host::interrupt INT group
  assert_stopped 130 SIGINT planner
  run ! test -e "$(host::loop rlms/latest/planner.json)"
}

# A root model of our own door that answers once and then thinks for ever: the sandbox is running by then.
thinking_model() {
  cat >"${TMP}/model" <<EOS
#!/usr/bin/env bash
cat >/dev/null
if [[ ! -e '${TMP}/asked' ]]; then
  : >'${TMP}/asked'
  echo 'x = 1'
else
  sleep 61 &
  echo here >'${TMP}/here'
  sleep 61
fi
EOS
  chmod +x "${TMP}/model"
  host::config ".loops[0].roles |= {reviewer} | .loops[0].rlms = {enabled: true, policy: {force_on: true}, sandbox_require: \"language\", models: {root: {command: [\"${TMP}/model\"]}}}"
}

@test "SIGTERM during an analysis by our own worker ends worker, sandbox and model, and keeps what was paid for" {
  thinking_model
  host::start
  host::wait_until test -e "${TMP}/here"
  host::interrupt TERM process
  assert_stopped 143 SIGTERM reviewer
  assert [ -s "$(host::loop rlms/iter-1/reviewer/journal.jsonl)" ]
}

@test "a model that does not want to end is killed with its worker, and the result says what happened" {
  thinking_model
  sed -i.bak "s/^  sleep 61 &$/  trap '' INT TERM HUP; sleep 61 \&/" "${TMP}/model"
  host::start
  host::wait_until test -e "${TMP}/here"
  host::interrupt TERM process
  assert_stopped 143 SIGTERM reviewer
  host::assert_json "$(host::loop rlms/iter-1/reviewer/result.json)" .error_code '"cancelled"'
}

@test "after an interrupted run, which says how to go on, the next one goes on and completes" {
  sleepy_agent planner
  host::start
  host::wait_until test -e "${TMP}/here"
  host::interrupt INT group
  assert_equal "$(tail -n 1 "${TMP}/host.out")" "Go on with: superloop.sh run --repo ${REPO} --loop work"
  host::agent planner <<<'echo done >"$1"'
  host::run run
  assert_success
  assert_line "Loop 'work' complete at iteration 1."
  assert_equal "${stderr}" ""
}

@test "a second Ctrl-C while roles are ended does no harm" {
  host::agent planner <<EOS
trap '' INT TERM HUP
echo here >'${TMP}/here'
while :; do sleep 0.1; done
EOS
  host::start
  host::wait_until test -e "${TMP}/here"
  kill -INT -- "-${HOST}"
  host::interrupt INT group
  assert_stopped 130 SIGINT planner
}
