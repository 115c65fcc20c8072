#!/usr/bin/env bats
# superloop.sh where a file can't be written: a full disk, a folder without rights, a role that removes or replaces what is
# the loop's. A small file system when the tests run as root, else a device that is always full.
# shellcheck disable=SC2016 # scripts of agents stand in single quotes

setup() {
  load helpers/host
  host::setup
  SMALL=""
}

teardown() {
  if [[ -n ${SMALL} ]]; then umount "${SMALL}"; fi
  if [[ -d ${REPO} ]]; then chmod -R u+w "${REPO}"; fi
}

# A repository whose loops lie on a file system of that size, where one can be had.
# little_room KB
little_room() {
  host::make_repo
  mkdir "${REPO}/.superloop/loops"
  if ((EUID == 0)) && mount -t tmpfs -o "size=$1k" tmpfs "${REPO}/.superloop/loops" 2>/dev/null; then SMALL=${REPO}/.superloop/loops; fi
}

# One error with its code and its fix, and the loop not active any more.
# assert_error CODE REGEX
assert_error() {
  assert_failure 1
  assert_regex "${stderr_lines[0]}" "^error: $2\$"
  assert_equal "${stderr_lines[1]}" "  code: $1"
  assert_regex "${stderr_lines[2]}" '^  fix: [A-Z].*\.$'
  assert_equal "${#stderr_lines[@]}" 3
  assert_equal "$(find "${REPO}/.superloop" -name '*.tmp' -o -name run.lock)" ""
}

# The run's end was written down as often as that.
# assert_ends COUNT
assert_ends() {
  assert_equal "$(grep -cE '"event":"loop_(stopped|complete)"' "$(host::loop events.jsonl)")" "$1"
}

@test "a disk that fills up ends the run clearly, its records stay whole, and with room again it runs" {
  little_room 400
  host::agent implementer <<EOS
if ((ITERATION > 1)); then exit; fi
if [[ -n "${SMALL}" ]]; then head -c 2000000 /dev/zero >"${SMALL}/filler" 2>/dev/null; else ln -sf /dev/full '$(host::loop usage-notes.jsonl)'; fi
EOS
  host::run run
  assert_error FILE_NOT_WRITTEN "cannot write $(host::loop '')[^:]+: No space left on device"
  assert_equal "${stderr_lines[2]}" "  fix: Free some space, then run again."
  jq -s . "$(host::loop events.jsonl)" "${REPO}/.superloop/state.json" >/dev/null
  host::assert_json "${REPO}/.superloop/state.json" .active false
  rm -f "$(host::loop ../filler)" "$(host::loop usage-notes.jsonl)"
  host::run run
  assert_success
  jq -s . "$(host::loop events.jsonl)" >/dev/null
}

@test "a disk that is full from the start is told, and no role runs" {
  little_room 4
  if [[ -z ${SMALL} ]]; then
    mkdir "$(host::loop '')"
    ln -s /dev/full "$(host::loop events.jsonl)"
  fi
  host::run run
  assert_error FILE_NOT_WRITTEN 'cannot (write|make) .*: No space left on device'
  assert [ ! -e "${TURNS}" ]
}

@test "a folder without rights is told by every command that writes" {
  little_room 4000
  host::run run
  assert_success
  if [[ -n ${SMALL} ]]; then mount -o remount,ro "${SMALL}"; else chmod -R a-w "$(host::loop '')"; fi
  local why='(Read-only file system|Permission denied)'
  host::run run
  assert_failure 1
  assert_regex "${stderr}" "^error: cannot (write|remove) $(host::loop '')[^:]+: ${why}
  code: FILE_NOT_WRITTEN
  fix: Correct the permissions of its folder, or run as the user whom it belongs to\.\$"
  host::run report
  assert_failure 1
  assert_regex "${stderr}" "^superloop: error: cannot write $(host::loop report.html): (read-only file system|permission denied)
  code: FILE_NOT_WRITTEN
  fix: "
  for command in list "status --json" "status --summary" usage; do
    # shellcheck disable=SC2086 # a command and its flag
    host::run ${command}
    assert_equal "${status} ${stderr}" "0 "
  done
}

@test "a role that removes what is the loop's ends the run with what is missing" {
  local gone
  host::make_repo
  for gone in .superloop .superloop/loops .superloop/loops/work/logs .superloop/loops/work/prompts .superloop/loops/work/last_messages; do
    host::agent planner <<<"rm -rf '${REPO}/${gone}'"
    host::config .
    host::run run
    assert_error FILE_NOT_WRITTEN "cannot write ${REPO}/${gone}/.*: No such file or directory"
    assert_equal "${stderr_lines[2]}" "  fix: Its folder is gone: find out what removed it, perhaps the program of a role; then run again."
    assert_ends 1
    mkdir -p "${REPO}/.superloop/specs"
    : >"${REPO}/.superloop/specs/work.md"
    rm -rf "${REPO}/.superloop/loops"
  done
}

@test "a record that is a folder is told before anything runs, by every command that needs it" {
  local name
  host::make_repo
  for name in events.jsonl timeline.md usage.jsonl run-summary.json gate-summary.txt evidence.json ../../state.json run.lock; do
    mkdir -p "$(host::loop "${name}")"
    host::run run
    assert_failure 1
    assert_regex "${stderr}" "^error: ${REPO}/\.superloop/[^ ]*${name#../../} is no file, but a folder
  code: RECORD_NO_FILE
  fix: Remove it, or move it away, then try again\.\$"
    host::run status --json
    assert_equal "${status} ${stderr_lines[1]}" "1   code: RECORD_NO_FILE"
    rmdir "$(host::loop "${name}")"
  done
  assert [ ! -e "${TURNS}" ]
}

@test "a record that a role replaces by a folder ends the run once" {
  local name
  for name in timeline.md ../../state.json gate-summary.txt run-summary.json test-status.json prompts/implementer.md logs/iter-1/implementer.log; do
    rm -rf "${REPO}"
    host::make_repo
    host::agent planner <<<"rm -f '$(host::loop "${name}")'; mkdir -p '$(host::loop "${name}")'"
    host::run run
    assert_regex "${stderr_lines[0]}" "^warning: ${REPO}/\.superloop/.*${name##*/} was no file, but a folder; it is taken away\$"
    assert_equal "${stderr_lines[2]}" "  code: RECORD_NO_FILE"
    assert_ends 1
  done
}

@test "a run whose end cannot be written down completely has ended once" {
  host::make_repo
  host::agent reviewer <<<"echo no"
  host::config '.loops[0].max_iterations = 1 | .loops[0].hooks.on_iteration_end = "rm .superloop/loops/work/timeline.md; mkdir .superloop/loops/work/timeline.md.$PPID.tmp"'
  host::run run
  rmdir "$(host::loop)"/timeline.md.*.tmp
  assert_error FILE_NOT_WRITTEN "cannot write $(host::loop timeline.md): Is a directory"
  assert_ends 1
  host::assert_json <(tail -n 1 "$(host::loop events.jsonl)") .data.reason '"max_iterations"'
  host::assert_json "${REPO}/.superloop/state.json" .active false
}

@test "a complete run whose state cannot be written is complete" {
  host::make_repo
  host::config '.loops[0].hooks.on_iteration_end = "mkdir .superloop/state.json.$PPID.tmp"'
  host::run run
  rmdir "${REPO}"/.superloop/state.json.*.tmp
  assert_error FILE_NOT_WRITTEN "cannot write ${REPO}/.superloop/state.json: Is a directory"
  assert_ends 1
  host::assert_json <(tail -n 1 "$(host::loop events.jsonl)") .event '"loop_complete"'
}

# Runs superloop.sh as somebody for whom permissions hold: root does it as another user.
# as_other COMMAND [FLAG…]
as_other() {
  local command=$1
  local -a user=()
  shift
  if ((EUID == 0)); then
    chmod a+rx "${BATS_RUN_TMPDIR}" "${BATS_TEST_TMPDIR%/*}" "${BATS_TEST_TMPDIR}"
    user=(setpriv --reuid=65534 --clear-groups)
  fi
  run --separate-stderr ${user[@]+"${user[@]}"} "${PROJECT_ROOT}/superloop.sh" "${command}" --repo "${REPO}" "$@"
}

@test "a record that cannot be read is told by every command that needs it" {
  local command
  host::make_repo
  host::run run
  chmod 000 "$(host::loop events.jsonl)"
  for command in run list "status --json" "status --summary" usage report cancel "run --dry-run"; do
    # shellcheck disable=SC2086 # a command and its flag
    as_other ${command}
    assert_equal "${status} ${stderr}" "1 error: cannot read $(host::loop events.jsonl): Permission denied
  code: FILE_NOT_READ
  fix: Correct its permissions, or run as the user whom it belongs to."
  done
  chmod 644 "$(host::loop events.jsonl)"
}

# A process of another user: init, or for root its own.
@test "another user's run is not cancelled, at once and with a reason" {
  local start holder=1
  host::make_repo
  mkdir -p "$(host::loop '')"
  if ((EUID == 0)); then holder=$$; fi
  host::source lib/lock
  _lock_start_time_into start "${holder}"
  echo "${holder} ${start}" >"$(host::loop run.lock)"
  as_other cancel
  assert_failure 1
  assert_equal "${stderr}" "error: the run of loop 'work' (pid ${holder}) is another user's
  code: CANCEL_FAILED
  fix: End it as the user who started it."
  assert [ -e "$(host::loop run.lock)" ]
}
