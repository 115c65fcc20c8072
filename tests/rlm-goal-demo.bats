#!/usr/bin/env bats
# The demo of the README: a project whose tests fail, mended with no model.

@test "the demo's project is mended until its own tests pass" {
  load helpers/common
  # a copy: .demo of this checkout may be somebody's
  local copy=${BATS_TEST_TMPDIR}/copy
  mkdir "${copy}"
  cp -R "${PROJECT_ROOT}/scripts" "${PROJECT_ROOT}/dist" "${PROJECT_ROOT}/package.json" "${copy}/"
  printf '#!/bin/sh\n' >"${copy}/scripts/setup"
  run "${copy}/scripts/demo-goal"
  assert_equal "${status}" 0
  assert_line --regexp '^passed: the validator passes after 3 iterations'
  assert_line --regexp '^Time: [0-9.]+ s$'
  assert_equal "$(grep -c '^+ ' <<<"${output}")" 3
  cd "${copy}/.demo/goal"
  node --test
}
