#!/usr/bin/env bats
# What a host that was killed has left running, where its loop was renamed or removed since. Promised on Linux.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
}

teardown() { host::end_left; }

# A run of the loop work whose host is killed; its planner goes on. The loop is called other from now on.
cut_and_rename() {
  host::agent planner <<<"echo \$\$ >>'${TMP}/pids'; exec sleep 61"
  host::start
  host::wait_until test -s "${TMP}/pids"
  kill -KILL "${HOST}"
  wait "${HOST}" || : # killed, as it should be
  host::agent planner <<<'echo done >"$1"'
  host::config '.loops[0].id = "other"'
  assert host::is_alive "$(cat "${TMP}/pids")"
}

@test "a loop that was renamed is listed as long as its run was not cleared away, and the next run ends what it left" {
  [[ -d /proc/self ]] || return 0
  cut_and_rename
  host::run list
  assert_line --index 1 --regexp '^other +NOT STARTED +-$'
  assert_line --index 2 --regexp '^work +[A-Z]+ +20[0-9TZ:-]+ \(not configured\)$'
  host::run run --dry-run
  assert host::is_alive "$(cat "${TMP}/pids")"
  host::run run
  assert_success
  assert_equal "${stderr}" "warning: ended what a run of loop 'work' that was killed had left running"
  host::assert_gone "${TMP}/pids"
  host::run list
  assert_equal "${#lines[@]}" 2
}

@test "so it does when the loop's folder was removed, whether or not the loop is configured" {
  [[ -d /proc/self ]] || return 0
  local configured
  for configured in false true; do
    rm -f "${TMP}/pids"
    host::config .
    cut_and_rename
    rm -rf "${REPO}/.superloop/loops/work"
    if [[ ${configured} == true ]]; then host::config .; fi
    host::run run
    assert_success
    assert_equal "${stderr}" "warning: ended what a run of loop 'work' that was killed had left running"
    host::assert_gone "${TMP}/pids"
    assert_equal "$(cd "${REPO}/.superloop/loops" && echo *)" "$(if [[ ${configured} == true ]]; then echo other work; else echo other; fi)"
  done
}

@test "cancel ends what runs of loops that are gone have left, its folder there or not" {
  [[ -d /proc/self ]] || return 0
  local gone
  for gone in false true; do
    rm -f "${TMP}/pids"
    host::config .
    cut_and_rename
    if [[ ${gone} == true ]]; then rm -rf "${REPO}/.superloop/loops/work" "${REPO}/.superloop/state.json"; fi
    host::run cancel
    assert_success
    assert_output "Cancelled loop state."
    host::assert_gone "${TMP}/pids"
  done
}

@test "a run of a loop that was renamed while it runs goes on" {
  host::agent planner <<<"echo \$\$ >'${TMP}/pids'; until [[ -e '${TMP}/go' ]]; do sleep 0.05; done; echo done >\"\$1\""
  host::start
  host::wait_until test -s "${TMP}/pids"
  host::config '.loops[0].id = "other" | .loops[0].roles |= {reviewer}'
  host::run list
  assert_line --index 2 --regexp '^work +RUNNING +20[0-9TZ:-]+ \(not configured\)$'
  host::run run
  assert_success
  assert_equal "${stderr}" "warning: loop 'work' (pid ${HOST}) is running in the same work tree: what counts as changed by one may be the other's work"
  assert host::is_alive "${HOST}"
  : >"${TMP}/go"
  wait "${HOST}"
}
