#!/usr/bin/env bats
# gates/tests: commands that must succeed.

setup() {
  load helpers/host
  host::setup
  host::settings
  host::source lib/strays lib/process gates progress gates/commands gates/tests
}

# judge MODE PROMISE CHECKLISTS COMMAND…: the verdict on standard output
judge() {
  SL_TESTS_MODE=$1
  local promise=$2 checklists=$3
  shift 3
  SL_TESTS_COMMANDS=("$@")
  gates::tests::judge "${promise}" "${checklists}"
}

status_record() {
  jq -c 'del(.generated_at)' "${SL_TEST_STATUS_FILE}"
}

@test "disabled tests are skipped, and so are tests without a command" {
  judge disabled true true 'exit 1'
  assert_equal "${GATE_TESTS} $(status_record)" 'skipped {"ok":true,"skipped":true}'
  judge every true true
  assert_equal "${GATE_TESTS} $(status_record)" 'skipped {"ok":true,"skipped":true}'
  assert_equal "$(cat "${SL_TEST_OUTPUT_FILE}")" ""
}

@test "tests of every iteration run with and without a promise" {
  judge every false false 'true'
  assert_equal "${GATE_TESTS} $(status_record)" 'ok {"ok":true,"exit_code":0}'
  judge every true false 'exit 3'
  assert_equal "${GATE_TESTS} $(status_record)" 'failed {"ok":false,"exit_code":3,"reason":"command_failed"}'
}

@test "tests on promise wait for the promise, and do not pass for run before" {
  judge on_promise false "" "touch ran"
  assert_equal "${GATE_TESTS} $(status_record)" 'skipped {"ok":true,"skipped":true}'
  assert [ ! -e "${REPO}/ran" ]
  judge on_promise true "" "touch ran"
  assert_equal "${GATE_TESTS} $(status_record)" 'ok {"ok":true,"exit_code":0}'
  assert [ -e "${REPO}/ran" ]
}

@test "one command that fails is enough, and the others run all the same" {
  judge every true "" 'echo first' 'echo second; exit 5' 'echo third'
  assert_equal "${GATE_TESTS} $(status_record)" 'failed {"ok":false,"exit_code":5,"reason":"command_failed"}'
  assert_equal "$(cat "${SL_TEST_OUTPUT_FILE}")" '$ echo first
first
exit_code: 0

$ echo second; exit 5
second
exit_code: 5

$ echo third
third
exit_code: 0'
}

@test "commands run in the repository with both outputs kept in their order" {
  judge every true "" 'pwd -P; echo out; echo err >&2; echo again'
  assert_equal "$(sed -n 2,5p "${SL_TEST_OUTPUT_FILE}")" "${REPO}"$'\nout\nerr\nagain'
}

@test "an output without a line end does not swallow the exit code's line" {
  judge every true "" 'printf "1 test failed"; exit 1'
  run cat "${SL_TEST_OUTPUT_FILE}"
  assert_line "1 test failed"
  assert_line "exit_code: 1"
}

@test "the output of an earlier judgement is gone, and the status says when it was made" {
  judge every true "" 'echo old'
  judge every true "" 'echo new'
  run cat "${SL_TEST_OUTPUT_FILE}"
  refute_line old
  assert_line new
  run jq -r .generated_at "${SL_TEST_STATUS_FILE}"
  assert_output --regexp '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$'
}

@test "a test that waits for input gets none" {
  judge every true "" 'read -r line || echo "no input"'
  run cat "${SL_TEST_OUTPUT_FILE}"
  assert_line "no input"
}

@test "a server that a test leaves running ends with it" {
  judge every true "" 'sleep 61 & echo $! >server.pid; echo started'
  assert_equal "${GATE_TESTS}" ok
  host::assert_gone "${REPO}/server.pid"
}
