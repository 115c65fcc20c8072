#!/usr/bin/env bats
# rlm goal where there is no room: a small file system when the tests run as root, else a limit on the size of files.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/goal
  set_up_goal
  SMALL=""
}

teardown() {
  cd / || return 1
  if [[ -n ${SMALL} ]]; then umount "${SMALL}"; fi
  tear_down_goal
}

# little_room KB: a repository on a file system of that size, where one can be had.
little_room() {
  mkdir "${TMP}/small"
  if ((EUID == 0)) && mount -t tmpfs -o "size=$1k" tmpfs "${TMP}/small" 2>/dev/null; then SMALL=${TMP}/small; fi
  REPO=${TMP}/small/shop
  mkdir "${REPO}"
  make_repository "${REPO}"
  cd "${REPO}" || return 1
}

# cramped_goal KB [ARGUMENT…]: a goal there, else one whose files may have that size.
cramped_goal() {
  local size=$1
  shift
  if [[ -n ${SMALL} ]]; then
    goal "$@"
  else
    run --separate-stderr bash -c 'ulimit -f "$0" && exec "$@"' "${size}" \
      "${RLM}" goal x --agent "$(vector "${TMP}/bin/agent")" "$@"
  fi
}

no_room='(the disk is full|EFBIG: file too large, write)'

@test "a disk that fills up ends the run with the file's path, and with room again it goes on" {
  little_room 1000
  agent <<'END_OF_AGENT'
if ((calls > 1)); then rm -f filler; touch ready; exit; fi
head -c 2000000 /dev/zero >filler 2>/dev/null
head -c 15000 /dev/zero | tr '\0' x
head -c 15000 /dev/zero | tr '\0' x >&2
END_OF_AGENT
  cramped_goal 20 --validator 'test -e ready'
  assert_equal "${status}" 10
  assert_regex "${stderr}" "^rlm: error: ${REPO}/\.runs/[^ ]+ cannot be (written|made): ${no_room}
  code: goal_failed
  fix: [^
]*continue with rlm goal resume; the last good state is kept\.\$"
  local folder file
  folder=$(run_folder)
  for file in "${folder}/manifest.json" "${folder}/rlm/state.json"; do
    assert_equal "$(jq -r .run_id "${file}")" "$(basename "${folder}")"
  done
  assert_equal "$(find .runs -name '*.tmp' -o -name run.lock)" ""
  if [[ -n ${SMALL} ]]; then mount -o remount,size=8m "${SMALL}"; fi
  rlm resume
  assert_equal "${status}" 0
  assert_manifest '[.status, (.sessions | length)]' '["passed",2]'
}

@test "a disk that is full from the start is told, and the agent is not called" {
  little_room 400
  if [[ -n ${SMALL} ]]; then head -c 1000000 /dev/zero >filler 2>/dev/null || :; fi
  cramped_goal 1 --validator false
  assert_equal "${status} $(calls)" "10 0"
  assert_regex "${stderr}" "^rlm: error: ${REPO}/\.[^ ]+ cannot be (written|made): ${no_room}"
}

@test "a place where no run can be kept is told" {
  echo 'a file' >.runs
  goal --validator false
  assert_equal "${status} $(calls)" "10 0"
  assert_regex "${stderr}" "^rlm: error: ${REPO}/\.runs cannot be made: EEXIST"
}
