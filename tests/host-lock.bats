#!/usr/bin/env bats
# lib/lock: one writer.

setup() {
  load helpers/host
  host::setup
  host::source lib/failure lib/file lib/lock
  LOCK=${TMP}/run.lock
}

# Another process that takes the lock, tells its pid, and keeps it until it is ended.
start_holder() {
  bash -c 'source "$1/src/lib/failure.sh"; source "$1/src/lib/file.sh"; source "$1/src/lib/lock.sh"; lock::take "$2" && echo "$$" >"$2.held"; exec sleep 60' - "${PROJECT_ROOT}" "${LOCK}" \
    3>&- >/dev/null 2>&1 &
  HOLDER=$!
  host::wait_until test -s "${LOCK}.held"
}

end_holder() {
  kill -KILL "${HOLDER}"
  wait "${HOLDER}" 2>/dev/null || : # killed, as it should be
}

@test "a lock is taken once, released, and taken again" {
  lock::take "${LOCK}"
  run cat "${LOCK}"
  assert_output --regexp "^$$ [^ ]+$"
  lock::release "${LOCK}"
  assert [ ! -e "${LOCK}" ]
  lock::take "${LOCK}"
}

@test "a lock that a live process holds is refused, with its pid" {
  local status=0
  start_holder
  lock::take "${LOCK}" || status=$?
  assert_equal "${status} ${LOCK_HOLDER}" "1 ${HOLDER}"
  end_holder
}

@test "the lock of a dead process is taken over" {
  start_holder
  end_holder
  lock::take "${LOCK}"
  assert_equal "${LOCK_WAS_LEFT}" true
  run cat "${LOCK}"
  assert_output --regexp "^$$ "
  lock::release "${LOCK}"
  lock::take "${LOCK}"
  assert_equal "${LOCK_WAS_LEFT}" false
}

@test "a process that is dead and only waits to be reaped holds nothing" {
  # its parent becomes a program that never asks for it, as the first process of many containers does not
  # shellcheck disable=SC2016 # for the inner shells
  bash -c 'bash -c "$@" & exec sleep 60' - 'source "$0/src/lib/failure.sh"; source "$0/src/lib/file.sh"; source "$0/src/lib/lock.sh"; lock::take "$1"; : >"$1.held"' \
    "${PROJECT_ROOT}" "${LOCK}" 3>&- &
  local parent=$! child ended=0
  host::wait_until test -e "${LOCK}.held"
  read -r child _ <"${LOCK}"
  until [[ $(ps -o stat= -p "${child}") == Z* ]]; do sleep 0.02; done
  lock::take "${LOCK}" || ended=$?
  kill "${parent}"
  assert_equal "${ended}" 0
}

@test "a lock of the same pid with another start time is of a process that is gone" {
  start_holder
  printf '%s 1\n' "${HOLDER}" >"${LOCK}"
  lock::take "${LOCK}"
  end_holder
}

@test "a lock file that is empty or holds no pid is taken over" {
  local text
  for text in "" $'\n' "0 0"; do
    printf '%s' "${text}" >"${LOCK}"
    lock::take "${LOCK}"
    lock::release "${LOCK}"
  done
}

# Processes that all take the lock at once; each tells how it went in a file and lives on until all have.
# contend HOW_MANY
contend() {
  local folder=${TMP}/contest
  rm -rf "${folder}"
  mkdir "${folder}"
  # shellcheck disable=SC2016 # for the inner shells
  local contender='source "$1/src/lib/failure.sh"; source "$1/src/lib/file.sh"; source "$1/src/lib/lock.sh"
    : >"$3/ready.$$"
    while [[ ! -e $3/go ]]; do :; done
    if lock::take "$2"; then : >"$3/won.$$"; else : >"$3/lost.$$"; fi
    while [[ ! -e $3/end ]]; do sleep 0.01; done'
  local number
  for ((number = 0; number < $1; number++)); do
    bash -c "${contender}" - "${PROJECT_ROOT}" "${LOCK}" "${folder}" 3>&- 2>>"${TMP}/contest.stderr" &
  done
  host::wait_until has_files "$1" "${folder}"/ready.
  : >"${folder}/go"
  host::wait_until has_files "$1" "${folder}"/won. "${folder}"/lost.
  : >"${folder}/end"
  wait
  WINNERS=$(find "${folder}" -name 'won.*' | grep -c '') || :
}

# has_files HOW_MANY PREFIX…
has_files() {
  local expected=$1 prefix count=0 file
  shift
  for prefix in "$@"; do
    for file in "${prefix}"*; do if [[ -e ${file} ]]; then count=$((count + 1)); fi; done
  done
  ((count == expected))
}

@test "of several processes that take a free lock at once exactly one gets it" {
  local round
  for ((round = 0; round < 8; round++)); do
    rm -f "${LOCK}"
    contend 5
    assert_equal "round ${round}: ${WINNERS} winners" "round ${round}: 1 winners"
  done
}

@test "of several processes that take over a dead process's lock at once exactly one gets it, without a word" {
  local round
  start_holder
  end_holder
  cp "${LOCK}" "${TMP}/dead.lock"
  for ((round = 0; round < 8; round++)); do
    cp "${TMP}/dead.lock" "${LOCK}"
    contend 5
    assert_equal "round ${round}: ${WINNERS} winners" "round ${round}: 1 winners"
  done
  assert_equal "$(cat "${TMP}/contest.stderr")" ""
}

@test "who died while it took over a lock keeps nobody from it" {
  start_holder
  end_holder
  cp "${LOCK}" "${LOCK}.taking"
  lock::take "${LOCK}"
  assert_equal "$(cd "${TMP}" && echo run.lock*)" "run.lock run.lock.held"
  read -r holder _ <"${LOCK}"
  assert_equal "${holder}" "$$"
}

@test "a lock that cannot be written is an error that names it" {
  run lock::take "${TMP}/none/run.lock"
  assert_failure 1
  assert_line "error: cannot write ${TMP}/none/run.lock: No such file or directory"
  assert_line "  code: FILE_NOT_WRITTEN"
}
