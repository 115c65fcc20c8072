#!/usr/bin/env bats
# lib/strays: what was started for a command ends with it, wherever it went. Promised on Linux.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  mkdir "${TMP}/work"
  cd "${TMP}/work" || return
  : >in
}

# A process without a word of its environment, in a session of its own; it tells its pid when it is there.
BARE='env -i "$(type -P setsid)" "$(type -P bash)" -c '\''echo $$ >>pids; exec "$0" 61'\'' "$(type -P sleep)"'
UNTIL_THERE='until [[ -s pids ]]; do sleep 0.02; done; '

@test "a program that has cleared its environment and left the session ends with its command as long as it writes to its files" {
  [[ -d /proc/self ]] || return 0
  local redirected
  for redirected in '' '>/dev/null' '2>/dev/null'; do
    rm -f pids
    process 60 "${BARE} </dev/null ${redirected} & ${UNTIL_THERE} exit 5"
    assert_output "status 5"
    host::assert_gone pids
  done
}

@test "so does one that writes nowhere, at a deadline and at a signal, as long as who started it is there" {
  [[ -d /proc/self ]] || return 0
  local away='</dev/null >/dev/null 2>&1'
  process 2 "${BARE} ${away} & wait"
  assert_output "status 124"
  host::assert_gone pids
  rm pids
  process 60,1 "${BARE} ${away} & wait"
  assert_output "status 124"
  host::assert_gone pids
  rm pids
  host::strict "lib/strays lib/process" '
    trap "process::end_current; exit 99" TERM
    { until [[ -s pids ]]; do sleep 0.02; done; kill "$$"; } &
    process::run 60 in out err bash -c "$1" || :' "${BARE} ${away} & wait"
  assert_failure 99
  host::assert_gone pids
}

@test "a job of a shell with jobs, its environment cleared, ends with its command" {
  [[ -d /proc/self ]] || return 0
  process 60 "set -m; env -i \"\$(type -P bash)\" -c 'echo \$\$ >>pids; exec \"\$0\" 61' \"\$(type -P sleep)\" </dev/null >/dev/null 2>&1 & ${UNTIL_THERE} exit 5"
  assert_output "status 5"
  host::assert_gone pids
}

@test "who only reads a command's output, or names its tag or session among other words, is left alone" {
  [[ -d /proc/self ]] || return 0
  local tail env
  : >out
  tail -f out >/dev/null 3>&- &
  tail=$!
  WORDS="SUPERLOOP_PROCESS_TAG=superloop:: 1 2 3 " sleep 61 3>&- &
  env=$!
  process 60 'echo said'
  assert_output "status 0"
  assert host::is_alive "${tail}"
  assert host::is_alive "${env}"
  kill "${tail}" "${env}"
}

@test "of a host that was killed, what has cleared its environment is found by the folder that it writes to" {
  [[ -d /proc/self ]] || return 0
  local host
  mkdir 'logs [a*b'
  bash -c 'for module in strays process; do source "$0/src/lib/${module}.sh"; done
    PROCESS_OWNER=/owner; process::run 0 in "logs [a*b/out" "logs [a*b/err" bash -c "$1"' "${PROJECT_ROOT}" "${BARE} </dev/null & ${UNTIL_THERE} exec sleep 61" 3>&- >/dev/null 2>&1 &
  host=$!
  host::wait_until test -s pids
  pgrep -s "$(pgrep -P "${host}" | head -n 1)" >>pids
  kill -KILL "${host}"
  wait "${host}" || : # killed, as it should be
  host::strict "lib/strays lib/process" 'strays::end_orphans /other "${PWD}/other"; echo "${STRAYS_FOUND}"'
  assert_output false
  host::strict "lib/strays lib/process" 'strays::end_orphans /owner "${PWD}/logs [a*b"; echo "${STRAYS_FOUND}"'
  assert_output true
  host::assert_gone pids
}
