#!/usr/bin/env bats
# scripts/rlms: one run at a time in an output folder.

setup() {
  load helpers/door
  set_up_door
  # Holds its run until the file ${LOG}.go is there; one line in LOG for each run that got so far.
  root_code 'set_final(sub_rlm("q"))'
  # shellcheck disable=SC2016 # not for this shell
  use_program subcall holder <<<'echo asked >>"${LOG}"; while [[ ! -e ${LOG}.go ]]; do sleep 0.05; done; echo "held"'
}

teardown() {
  touch "${LOG}.go"
  tear_down_door
}

@test "a second run in the same folder refuses, and the first is unharmed" {
  start_door
  wait_until has_lines "${LOG}" 1
  cp "${OUT}/journal.jsonl" "${TMP}/before"
  door
  assert_equal "${status}" 2
  assert_equal "${stderr}" "rlms: error: another run (pid ${DOOR_PID}) is writing to ${OUT}
  code: invalid_config
  fix: Wait for it, or choose another --output-dir."
  door --resume
  assert_equal "${status}" 2
  assert cmp "${OUT}/journal.jsonl" "${TMP}/before"
  touch "${LOG}.go"
  finish_door
  assert_done '"held\n"'
  assert_files
}

@test "a wrong call does not touch the result of a run that goes on in the folder" {
  start_door
  wait_until has_lines "${LOG}" 1
  door --max-steps none
  assert_equal "${status}" 2
  touch "${LOG}.go"
  finish_door
  assert_done '"held\n"'
  assert_files
}

@test "two runs in two folders go on side by side" {
  touch "${LOG}.go"
  start_door
  door --output-dir "${TMP}/other"
  assert_equal "${status}" 0
  finish_door
  assert_done '"held\n"'
  assert_equal "$(jq -c .final "${TMP}/other/result.json")" '"held\n"'
}

@test "the lock of a dead run, of another process with its number, and of one that died while it wrote it are taken over" {
  local content
  touch "${LOG}.go"
  for content in '999999999 1' "$$ 1" '' 'garbage'; do
    rm -rf "${OUT}"
    mkdir "${OUT}"
    printf '%s\n' "${content}" >"${OUT}/run.lock"
    door
    assert_done '"held\n"'
    assert_files
  done
}

# ended_or_asked N: so many doors have come to a decision.
ended_or_asked() { (($(cat "${LOG}" "${TMP}"/ended.* 2>/dev/null | wc -l) >= $1)); }

# start_many N: that many doors at once; each notes its end.
start_many() {
  local number
  for ((number = 0; number < $1; number++)); do
    {
      "${PROJECT_ROOT}/scripts/rlms" "${DOOR_FLAGS[@]}" >/dev/null 2>&1 || true # all but one refuse
      echo ended >"${TMP}/ended.${number}"
    } 3>&- &
  done
  wait_until ended_or_asked "$1"
}

@test "of many runs that start at once exactly one gets the folder" {
  start_many 8
  local asked
  asked=$(wc -l <"${LOG}" | tr -d ' ')
  touch "${LOG}.go"
  wait
  assert_equal "${asked}" 1
  assert_result .final '"held\n"'
  assert_files
}

@test "of many runs that find a dead run's lock exactly one takes it over" {
  mkdir "${OUT}"
  echo '999999999 1' >"${OUT}/run.lock"
  start_many 8
  local asked
  asked=$(wc -l <"${LOG}" | tr -d ' ')
  touch "${LOG}.go"
  wait
  assert_equal "${asked}" 1
  assert_files
}
