#!/usr/bin/env bats
# scripts/rlms where there is no room: a small file system when the tests run as root, else a limit on the size of files.

setup() {
  load helpers/door
  set_up_door
  SMALL=""
}

teardown() {
  if [[ -n ${SMALL} ]]; then umount "${SMALL}"; fi
  tear_down_door
}

# little_room KB: makes OUT a folder with so much room.
little_room() {
  mkdir "${TMP}/small"
  ROOM=$1
  if ((EUID == 0)) && mount -t tmpfs -o "size=$1k" tmpfs "${TMP}/small" 2>/dev/null; then SMALL=${TMP}/small; fi
  OUT=${TMP}/small/out
  DOOR_FLAGS+=(--output-dir "${OUT}")
}

cramped_door() {
  if [[ -n ${SMALL} ]]; then
    door
  else
    # shellcheck disable=SC2016 # not for this shell
    run --separate-stderr bash -c 'ulimit -f "$0" && exec "$@"' "${ROOM}" "${PROJECT_ROOT}/scripts/rlms" "${DOOR_FLAGS[@]}"
  fi
}

more_room() {
  if [[ -n ${SMALL} ]]; then mount -o remount,size=20m "${SMALL}"; fi
}

# The message names the cause; what is in the folder is whole. A reply that could not be written down may stay in calls/.
assert_no_room() {
  assert_equal "${status} ${output}" "1 "
  if [[ -n ${SMALL} ]]; then
    assert_equal "${stderr}" $'rlms: error: the disk is full: ENOSPC: no space left on device, write\n  code: worker_failure\n  fix: Free some space, then continue with --resume.'
  else
    assert_regex "${stderr}" $'^rlms: error: .*file too large.*\n  code: worker_failure\n  fix: '
  fi
  assert_equal "$(find "${OUT}" -mindepth 1 -maxdepth 1 \( -size 0 -type f -o -name '*.tmp' -o -name 'documents.*' -o -name run.lock \))" ""
  if [[ -e ${OUT}/journal.jsonl ]]; then assert_journal '.[0].type' '"run"'; fi
  if [[ -e ${OUT}/result.json ]]; then assert_result '[.ok, .error_code]' '[false,"worker_failure"]'; fi
}

@test "a journal that outgrows the disk ends the run clearly, its lines stay whole, and with more room the run goes on" {
  # shellcheck disable=SC2016 # not for this shell
  use_program subcall asked <<<'cat >>"${LOG}"; echo >>"${LOG}"; head -c 20000 /dev/zero | tr "\0" x'
  root_code 'set_final([len(sub_rlm("q%d" % n)) for n in range(6)])'
  little_room 80
  cramped_door
  assert_no_room
  local paid
  paid=$(jq -s 'map(select(.purpose == "sub")) | length' "${OUT}/journal.jsonl")
  assert [ "${paid}" -ge 1 ]
  more_room
  rm "${LOG}"
  door --resume
  assert_done '[20000,20000,20000,20000,20000,20000]'
  # at most what could not be written down is asked again
  assert [ "$(grep -c '^q' "${LOG}")" -le $((6 - paid)) ]
}

@test "a disk that is full from the start is told" {
  printf '%20000s' '' >"${REPO}/widget.py"
  little_room 4
  cramped_door
  assert_no_room
}

@test "a result that does not fit is not half there, and the answer is not lost" {
  root_code 'set_final("x" * 200000)'
  little_room 120
  cramped_door
  assert_no_room
  more_room
  root_code 'set_final("not asked again")'
  door --resume
  assert_equal "${status} ${stderr}" "0 "
  assert_result '.final | length' 200000
}
