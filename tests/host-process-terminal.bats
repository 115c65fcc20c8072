#!/usr/bin/env bats
# lib/process at a terminal: what asks for a password there fails at once; it is not stopped until its time is over.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes
# shellcheck disable=SC2030,SC2031 # each test is a shell of its own

setup() {
  load helpers/host
  host::setup
  mkdir "${TMP}/work"
  cd "${TMP}/work" || return
  : >in
}

# What a program finds where it runs: whether it can ask at the terminal, and whether it leads a session of its own.
LOOKS_AROUND='if read -r answer </dev/tty; then echo asked; else echo failed; fi
  ps -o pid= -o pgid= -o sess= -o tty= -p $$'

# Runs code with lib/process on a terminal of its own; bats' run.
# on_terminal CODE [ARGUMENT…]
on_terminal() {
  local code=$1
  shift
  run python3 "${BATS_TEST_DIRNAME}/helpers/terminal.py" 80 "${TMP}/raw" bash -c '
    set -euo pipefail
    SUPERLOOP_ROOT=$0
    source "${SUPERLOOP_ROOT}/src/lib/strays.sh"
    source "${SUPERLOOP_ROOT}/src/lib/process.sh"
    code=$1
    shift
    eval "${code}"' "${PROJECT_ROOT}" "${code}" "$@"
}

# The PATH holds these programs alone.
# only_programs PROGRAM…
only_programs() {
  local program
  mkdir "${TMP}/bin"
  for program in bash sh sleep rm cat ls ps grep find awk env "$@"; do ln -s "$(type -P "${program}")" "${TMP}/bin/${program}"; done
}

assert_without_terminal() {
  assert_success
  assert_output "status 0"
  run cat out
  assert_line --index 0 failed
  assert_line --index 1 --regexp '^ *([0-9]+) +\1 +\1 +\?+ *$'
  assert grep -q /dev/tty err
}

@test "a program leads a session without a terminal, and opening it fails at once" {
  on_terminal 'status=0; process::run 30 in out err bash -c "$1" || status=$?; echo "status ${status}"' "${LOOKS_AROUND}"
  assert_without_terminal
}

@test "so it does where there is no setsid, but Perl" {
  local perl status=0
  perl=$(dirname "$(type -P perl)") || return 0 # nothing to test with
  [[ -n ${perl} ]] || return 0
  only_programs perl
  on_terminal 'PATH=$2; status=0; process::run 30 in out err bash -c "$1" || status=$?; echo "status ${status}"' "${LOOKS_AROUND}" "${TMP}/bin"
  assert_without_terminal
  host::strict "lib/strays lib/process" 'PATH=$1; process::run 5 in out err ./no-such-program || echo "status $?"' "${TMP}/bin"
  assert_output "status 127"
  assert_equal "$(cat err)" "superloop: cannot start ./no-such-program: No such file or directory"
}

@test "where there is neither, it leads a group, and what the terminal stops is ended at its limit" {
  only_programs
  on_terminal 'PATH=$2; status=0; process::run 2 in out err bash -c "$1" || status=$?; echo "status ${status}"' "${LOOKS_AROUND}" "${TMP}/bin"
  assert_success
  assert_output "status 124"
}

@test "a program in a session of its own hears of Ctrl-C and of the other signals, as anywhere" {
  local program signal signals="" expected=""
  # what is ignored where the tests run, as in a background job, Bash can't hear
  for signal in INT QUIT TERM; do
    [[ -n $(bash -c "trap 'echo heard' ${signal}; kill -${signal} \$\$") ]] || continue
    signals+=" ${signal}" expected+=$'status 3 heard\n'
  done
  for program in setsid perl; do
    rm -rf "${TMP:?}/bin"
    type -P "${program}" >/dev/null || continue
    only_programs "${program}"
    host::strict "lib/strays lib/process" 'PATH=$1
      for signal in $2; do
        process::run 30 in out err bash -c "trap \"echo heard\" ${signal}; kill -${signal} \$\$; exit 3" || echo "status $? $(cat out)"
      done' "${TMP}/bin" "${signals}"
    assert_output "${expected%$'\n'}"
  done
}

@test "Ctrl-C at the terminal reaches the host, which ends the session" {
  on_terminal 'trap "process::end_current; echo ended; exit 99" INT
    { until [[ $(grep -c "" pids 2>/dev/null) == 2 ]]; do sleep 0.02; done; kill -INT -- "-$$"; } &
    process::run 60 in out err bash -c "$1" || :' "${PIDS} bash -c '${PIDS} sleep 61' & wait"
  assert_failure 99
  assert_output ended
  host::assert_gone pids
}
