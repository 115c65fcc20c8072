#!/usr/bin/env bats
# lib/process: commands that print nothing for too long.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  mkdir "${TMP}/work"
  cd "${TMP}/work" || return
}

@test "a command that prints nothing for too long ends with 124, one that goes on printing does not" {
  : >in
  host::strict "lib/strays lib/process" '
    for script in "echo begun; exec sleep 60" "echo begun >&2; exec sleep 60" "for i in 1 2 3 4 5 6; do echo \$i; sleep 0.5; done" \
      "for i in 1 2 3 4 5 6; do echo \$i >&2; sleep 0.5; done"; do
      status=0
      process::run 60,2 in out err bash -c "${script}" || status=$?
      echo "${status} ${PROCESS_OVERDUE} ${PROCESS_IDLE}"
    done'
  assert_output $'124 true true\n124 true true\n0 false false\n0 false false'
  assert_equal "${stderr}" ""
  assert_equal "$(ls)" $'err\nin\nout'
}

@test "the limit of the whole holds beside that of silence, and silence may be the only limit" {
  : >in
  host::strict "lib/strays lib/process" '
    for limits in 1,60 0,1 60,0; do
      status=0
      process::run "${limits}" in out err bash -c "exec sleep \$((61 - 60 * (\$1 == 600)))" - "${limits/,/}" || status=$?
      echo "${status} ${PROCESS_OVERDUE} ${PROCESS_IDLE}"
    done'
  assert_output $'124 true false\n124 true true\n0 false false'
}

@test "a command that is silent for too long ends with its children" {
  : >in
  process 60,1 "${PIDS} bash -c '${PIDS} sleep 61' & wait"
  assert_output "status 124"
  assert_equal "$(grep -c '' pids)" 2
  host::assert_gone pids
}

@test "a clock that is set back or forward is neither silence nor the end of a time" {
  : >in
  host::strict "lib/strays lib/process" '
    for step in 200001010000 203701010000; do
      status=0
      # each line bears the date of a clock that was set
      process::run 60,2 in out err bash -c "for i in 1 2 3 4 5 6; do echo \$i; touch -t \$0 out; sleep 0.5; done" "${step}" || status=$?
      echo "${status} ${PROCESS_OVERDUE} ${PROCESS_IDLE}"
    done
    # here the clock is set in the very shell that counts
    sleep() { SECONDS=$((SECONDS + 7200 * (RANDOM % 2 * 2 - 1))); command sleep "$1"; }
    for limits in 60,2 2,60; do
      status=0 started=$(date +%s)
      process::run "${limits}" in out err bash -c "exec sleep 60" || status=$?
      echo "${status} ${PROCESS_OVERDUE} ${PROCESS_IDLE} $(($(date +%s) - started >= 2))"
    done'
  assert_output $'0 false false\n0 false false\n124 true true 1\n124 true false 1'
}
