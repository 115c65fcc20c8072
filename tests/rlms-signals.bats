#!/usr/bin/env bats
# scripts/rlms and its processes: whatever ends a run, nothing of it goes on, and what it found is kept.

setup() {
  load helpers/door
  set_up_door
}

teardown() { tear_down_door; }

# stubborn root|subcall COMMAND: a model with children of every kind, their pids in PIDS: in its group, deaf to TERM, in a
# session of their own. When they are there it notes that in LOG and does what the command says.
stubborn() {
  use_program "$1" stubborn "$2" <<'END'
sleep 300 &
echo $! >>"${PIDS}"
(trap '' TERM; exec sleep 301) &
echo $! >>"${PIDS}"
setsid sleep 302 >/dev/null 2>&1 &
echo $! >>"${PIDS}"
setsid bash -c 'sleep 303 & echo $! >>"${PIDS}"; wait' >/dev/null 2>&1 &
while (($(wc -l <"${PIDS}") < 4)); do sleep 0.05; done
sleep 0.2 # until the sessions have left the group
echo ready >>"${LOG}"
eval "$1"
END
}

has_children() { [[ $(pgrep -P "${DOOR_PID}" | wc -l | tr -d ' ') == "$1" ]]; }

# assert_cancelled SIGNAL STATUS
assert_cancelled() {
  assert_equal "${output}" ""
  assert_error "$2" cancelled "interrupted by $1" 'Continue with --resume; nothing that was paid for is asked again.'
  assert_files
}

@test "Ctrl-C ends code that runs, with the findings kept and exit status 130" {
  root_code 'append_highlight("found")' 'while True: pass'
  start_door --step-timeout-seconds 60
  wait_until grep -qs '"id":"r.step2' "${OUT}/journal.jsonl"
  pgrep -P "${DOOR_PID}" >"${PIDS}"
  kill -INT "${DOOR_PID}"
  finish_door
  assert_cancelled SIGINT 130
  assert_result '[.partial, .final]' '[true,"found"]'
  assert_nothing_survives
}

@test "a signal while documents are read is not lost" {
  yes "one of very many lines" | head -c 200000000 >"${REPO}/widget.py"
  start_door
  wait_until test -s "${OUT}/documents.pack"
  kill -INT "${DOOR_PID}"
  finish_door
  rm "${REPO}/widget.py"
  assert_cancelled SIGINT 130
  assert_result .final null
}

@test "SIGTERM ends a model with all its children, deaf and in sessions of their own, with exit status 143" {
  stubborn root 'trap "" TERM INT; while :; do sleep 1; done'
  start_door
  wait_until has_lines "${LOG}" 1
  kill -TERM "${DOOR_PID}"
  finish_door
  assert_cancelled SIGTERM 143
  assert_nothing_survives
}

@test "an interrupted batch ends every model in flight" {
  root_code 'append_highlight("before")
sub_rlm_batch(["a", "b", "c"])'
  stubborn subcall 'sleep 300'
  start_door --concurrency 2
  wait_until has_lines "${LOG}" 2
  kill -INT "${DOOR_PID}"
  finish_door
  assert_cancelled SIGINT 130
  assert_result .partial true
  assert_equal "$(wc -l <"${LOG}" | tr -d ' ')" 2
  assert_nothing_survives
}

@test "a second signal does not wait for a model that is slow to end, and leaves none" {
  stubborn root 'trap "" TERM INT; while :; do sleep 1; done'
  start_door
  wait_until has_lines "${LOG}" 1
  kill -TERM "${DOOR_PID}"
  sleep 0.2
  kill -INT "${DOOR_PID}"
  finish_door
  assert_equal "${status}" 130
  assert_nothing_survives
}

@test "a run in a terminal that is closed ends as well" {
  root_code 'while True: pass'
  start_door --step-timeout-seconds 60
  wait_until grep -qs '"id":"r.step1' "${OUT}/journal.jsonl"
  kill -HUP "${DOOR_PID}"
  finish_door
  assert_cancelled SIGHUP 129
}

@test "the time limit ends a model with all its children" {
  stubborn root 'sleep 300'
  door --timeout-seconds 3
  assert_equal "${status}" 2
  assert_result .error_code '"limit_exceeded"'
  assert_files
  assert_nothing_survives
}

@test "a model that answers leaves no children behind" {
  stubborn root 'echo "set_final(\"answered\")"'
  door
  assert_done '"answered"'
  assert_files
  assert_nothing_survives
}

@test "a model that answers and leaves only a session of its own leaves nothing behind" {
  use_program root leaver <<'END'
setsid sleep 300 >/dev/null 2>&1 &
echo $! >>"${PIDS}"
sleep 0.3
echo 'set_final("answered")'
END
  door
  assert_done '"answered"'
  assert_nothing_survives
}

@test "a model that fails leaves no children behind" {
  stubborn root 'exit 7'
  door
  assert_equal "${status}" 1
  assert_result .error_code '"model_invocation_failed"'
  assert_nothing_survives
}

@test "a model that keeps standard output open by a child does not delay its answer" {
  # shellcheck disable=SC2016 # not for this shell
  use_program root holder <<<'sleep 300 & echo $! >>"${PIDS}"; echo "set_final(\"answered\")"'
  door --timeout-seconds 20
  assert_done '"answered"'
  assert_nothing_survives
}

@test "a runner that was killed is replaced by one, not joined by it" {
  root_code 'sum(range(10 ** 15))' 'while True: pass'
  start_door --step-timeout-seconds 2
  wait_until grep -qs '"id":"r.step2' "${OUT}/journal.jsonl"
  wait_until has_children 1
  kill -INT "${DOOR_PID}"
  finish_door
  assert_equal "${status}" 130
}
