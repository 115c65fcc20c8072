#!/usr/bin/env bats
# A run that was killed at any moment is taken up by the next one. CRASHES=N SEED=N scripts/test tests/superloop-resume.bats
# tries more moments, or those of a run that failed.

setup() {
  load helpers/resume
  resume::setup
}

@test "a run that is killed at any moment is taken up: nothing is lost, nothing that was paid for is paid for again" {
  local at count
  RANDOM=${SEED:=$$}
  echo "seed ${SEED}"
  resume::crash 0
  assert_equal "${ENDED}" 0
  run cat "${TMP}/host.out"
  resume::assert_whole
  for ((count = 0; count < ${CRASHES:-20}; count++)); do
    resume::begin_again
    at=$(((RANDOM * 32768 + RANDOM) % MOMENTS + 1))
    echo "killed at ${at} of ${MOMENTS}"
    resume::crash "${at}"
    if grep -qs '"event":"loop_complete"' "$(host::loop events.jsonl)"; then continue; fi # there is nothing to take up
    host::run run
    assert_success
    resume::assert_whole
  done
}
