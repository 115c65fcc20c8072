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
  host::strict "lib/process" '
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
  host::strict "lib/process" '
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
