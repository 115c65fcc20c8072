#!/usr/bin/env bats
# A run that was killed at any moment is taken up by the next one. CRASHES=N SEED=N scripts/test tests/superloop-resume.bats
# tries more moments, or those of a run that failed.

setup() {
  load helpers/resume
  resume::setup
}

@test "a run that is killed at any moments is taken up: nothing is lost, nothing that was paid for is paid for again" {
  local at kills=0
  RANDOM=${SEED:=$$}
  echo "seed ${SEED}"
  resume::crash 0
  assert_equal "${ENDED}" 0
  run cat "${TMP}/host.out"
  resume::assert_whole
  while ((kills < ${CRASHES:-20})); do
    resume::begin_again
    # some four times, each a part of the whole further on
    while :; do
      at=$(((RANDOM * 32768 + RANDOM) % (MOMENTS / 2) + 1))
      echo "kill at ${at} of ${MOMENTS}"
      resume::crash "${at}"
      if [[ ${ENDED} == 0 ]]; then break; fi
      kills=$((kills + 1))
      if grep -qs '"event":"loop_complete"' "$(host::loop events.jsonl)"; then continue 2; fi # there is nothing to take up
    done
    run cat "${TMP}/host.out"
    resume::assert_whole
  done
}
