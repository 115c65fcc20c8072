#!/usr/bin/env bats
# lib/process: children as groups of their own, with a deadline.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  mkdir "${TMP}/work"
  cd "${TMP}/work" || return
}

@test "a command reads, writes and complains where it was told to" {
  echo question >in
  process 60 'read -r line; echo "answer to ${line}"; echo complaint >&2'
  assert_output "status 0"
  assert_equal "$(cat out err)" $'answer to question\ncomplaint'
}

@test "the status of the command is passed on, with and without a limit" {
  local seconds code
  : >in
  for seconds in 0 60; do
    for code in 0 1 2 7 126 255; do
      process "${seconds}" "exit ${code}"
      assert_output "status ${code}"
      assert_equal "${stderr}" ""
    done
  done
}

@test "a command that a signal ended has that status, and nobody talks about jobs" {
  local pair
  : >in
  for pair in KILL:137 TERM:143 INT:130 SEGV:139; do
    process 60 "kill -${pair%:*} \$\$; sleep 60"
    assert_output "status ${pair#*:}"
    assert_equal "${stderr}" ""
  done
}

@test "a program that is not there is a status, not an end" {
  : >in
  host::strict "lib/strays lib/process" 'process::run 5 in out err ./no-such-program || echo "status $?"'
  assert_output "status 127"
}

@test "a command that outlives its time ends with 124, without a word and without a mark left behind" {
  : >in
  process 1 'echo begun; sleep 60'
  assert_output "status 124"
  assert_equal "${stderr}" ""
  assert_equal "$(cat out)" begun
  assert_equal "$(ls)" $'err\nin\nout'
}

@test "a command that ends well when its time is over has timed out all the same" {
  : >in
  process 1 'trap "exit 0" TERM; while :; do sleep 0.05; done'
  assert_output "status 124"
}

@test "no limit means none, and the watchdog of a limit ends with its command" {
  : >in
  process 0 'sleep 0.2; echo late'
  assert_output "status 0"
  local seconds=$((800000 + $$))
  process "${seconds}" 'exit 3'
  assert_output "status 3"
  run bash -c "ps -A -o args= | grep -c '[s]leep ${seconds}'"
  assert_output 0
}

@test "at its deadline a command ends with its children and grandchildren" {
  : >in
  process 1 "${PIDS} bash -c '${PIDS} sleep 61 & echo \$! >>pids; sleep 61' & sleep 61"
  assert_output "status 124"
  assert_equal "$(grep -c '' pids)" 3
  host::assert_gone pids
}

@test "a group that will not hear of its end is killed" {
  : >in
  process 1 "${PIDS} trap '' TERM INT HUP; bash -c '${PIDS} while :; do sleep 0.1; done' & while :; do sleep 0.1; done"
  assert_output "status 124"
  assert_equal "$(grep -c '' pids)" 2
  host::assert_gone pids
}

@test "what a command leaves running in its group ends with it" {
  : >in
  process 60 'sleep 61 & echo $! >>pids; sleep 61 & echo $! >>pids; exit 4'
  assert_output "status 4"
  assert_equal "${stderr}" ""
  host::assert_gone pids
}

# A tool in a session of its own, as agents start them: it tells its pid when it is there.
STRAY='python3 -c "import os, time
if os.fork() == 0:
    os.setsid()
    open(\"pids\", \"a\").write(str(os.getpid()) + \"\\n\")
    time.sleep(61)" & until [[ -s pids ]]; do sleep 0.02; done; '

@test "a tool in a session of its own ends at the deadline, whoever is left of the group" {
  [[ -d /proc/self ]] || return 0 # promised on Linux
  local rest
  : >in
  for rest in 'exec sleep 61' 'trap "" TERM; while :; do sleep 0.1; done'; do
    rm -f pids
    process 3 "${STRAY} ${rest}" # time for an interpreter to start on a busy machine
    assert_output "status 124"
    host::assert_gone pids
  done
}

@test "a tool in a session of its own ends with a command that ends by itself" {
  [[ -d /proc/self ]] || return 0 # promised on Linux
  : >in
  process 60 "${STRAY} wait; exit 5"
  assert_output "status 5"
  host::assert_gone pids
}

@test "what others run is left alone" {
  : >in
  sleep 61 3>&- &
  local other=$!
  process 1 'exec sleep 61'
  assert_output "status 124"
  assert host::is_alive "${other}"
  kill "${other}"
}

@test "a signal to the host ends what is running" {
  : >in
  host::strict "lib/strays lib/process" '
    trap "process::end_current; echo ended; exit 99" TERM
    { until [[ $(grep -c "" pids 2>/dev/null) == 2 ]]; do sleep 0.02; done; kill "$$"; } &
    process::run 60 in out err bash -c "$1" || :' "${PIDS} bash -c '${PIDS} sleep 61' & wait"
  assert_failure 99
  assert_output ended
  assert_equal "${stderr}" ""
  host::assert_gone pids
}

@test "what a command leaves in its group that only waits to be reaped is not waited for" {
  [[ -d /proc/self ]] || return 0 # elsewhere the first process reaps soon
  : >in
  host::strict "lib/strays lib/process" '
    sleep() { echo waited; }
    process::run 0 in out err bash -c "$1"' 'python3 -c "import os, time
if os.fork() == 0: os._exit(0)
os.setsid()
open(\"pids\", \"a\").write(str(os.getpid()) + \"\\n\")
time.sleep(61)" & until [[ -s pids ]]; do sleep 0.02; done'
  assert_success
  assert_output ""
  host::assert_gone pids
}

# Runs a script for an owner under a host that is killed when the script has told that many pids. Its children live on.
# orphan OWNER SECONDS COUNT SCRIPT
orphan() {
  local host
  : >in
  rm -f pids
  bash -c 'source "$0/src/lib/strays.sh"; source "$0/src/lib/process.sh"; PROCESS_OWNER=$1; process::run "$2" in out err bash -c "$3"' \
    "${PROJECT_ROOT}" "$1" "$2" "$4" 3>&- >/dev/null 2>&1 &
  host=$!
  host::wait_until bash -c "(( \$(grep -c '' pids) == $3 ))"
  kill -KILL "${host}"
  wait "${host}" 2>/dev/null || : # killed, as it should be
}

@test "what a host that was killed has left running for an owner ends, its watchdog as well; what runs for others stays" {
  [[ -d /proc/self ]] || return 0 # promised on Linux
  local owner=$'/a "b" [c]\n.*/run.lock' seconds=$((800000 + $$)) stranger
  orphan "${owner}x" 0 1 'echo $$ >>pids; exec sleep 61'
  stranger=$(<pids)
  orphan "${owner}" "${seconds}" 2 \
    'echo $$ >>pids; setsid bash -c "trap \"\" TERM; echo \$\$ >>pids; while :; do sleep 0.1; done" & exec sleep 61'
  ps -A -o pid=,args= | awk -v watched="${seconds}" '$2 == "sleep" && $3 == watched { print $1 }' >>pids
  assert_equal "$(grep -c '' pids)" 3
  host::strict "lib/strays lib/process" 'strays::end_orphans "$1" "${PWD}/none"' "${owner}"
  assert_success
  host::assert_gone pids
  assert host::is_alive "${stranger}"
  host::strict "lib/strays lib/process" 'strays::end_orphans "$1" "${PWD}/none"' "${owner}x"
  refute host::is_alive "${stranger}"
}

@test "a command leaves its status where it is asked for, even when its host is gone, but not when a signal ended it" {
  local script
  : >in
  for script in 'exit 0:0' 'exit 7:7' 'echo $$ >pids; until [[ -e go ]]; do sleep 0.02; done; exit 5:5'; do
    rm -f status go pids
    bash -c 'SUPERLOOP_ROOT=$0; source "$0/src/lib/strays.sh"; source "$0/src/lib/process.sh"; PROCESS_STATUS_FILE=status; process::run 0 in out err bash -c "$1"' \
      "${PROJECT_ROOT}" "${script%:*}" 3>&- &
    if [[ ${script} == *go* ]]; then
      host::wait_until test -s pids
      kill -KILL "$!"
      : >go
    fi
    wait "$!" || : # as it ended
    host::wait_until test -s status
    assert_equal "$(<status)" "${script##*:}"
  done
  rm -f status
  host::strict "lib/strays lib/process" 'PROCESS_STATUS_FILE=status; process::run 1 in out err bash -c "trap \"exit 0\" TERM; while :; do sleep 0.05; done" || echo "status $?"'
  assert_output "status 124"
  assert_equal "${stderr}" ""
  assert [ ! -e status ]
}
