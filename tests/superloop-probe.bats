#!/usr/bin/env bats
# superloop.sh validate --probe: the programs that a run would need.

setup() {
  load helpers/host
  host::setup
  host::make_repo
}

@test "programs that are not installed are found by the probe, those that no role uses are not asked for" {
  host::config '.runners.unused = {command: ["no-such-agent"]}'
  host::run validate --static --probe
  assert_success
  assert_line --index 2 "ok: ${AGENTS}/planner answers nothing"
  assert_line --index 6 "ok: every program is installed"
  assert_equal "$(cd "${REPO}" && git status --short --ignored)" "?? .superloop/config.json"
  host::config '.runners.planner.command = ["no-such-agent"] | .runners.tester.command = ["{repo}/bin/agent"] | .runners.reviewer.command = ["cat"]
    | .loops[0].rlms = {enabled: true, models: {root: {command: ["rlms:offline"]}, subcall: {command: ["./no-such-model"]}}}'
  host::file bin/agent $'#!/bin/sh\necho broken >&2; exit 2'
  host::run validate --probe
  assert_failure 2
  assert_equal "${stderr}" 'error: loops[0].roles.planner: there is no program "no-such-agent"
  code: PROGRAM_MISSING
  fix: Install it, or correct the command.
error: loops[0].roles.tester: there is no program "{repo}/bin/agent"
  code: PROGRAM_MISSING
  fix: Install it, or correct the command.
error: loops[0].rlms.models.subcall: there is no program "./no-such-model"
  code: PROGRAM_MISSING
  fix: Install it, or correct the command.'
  chmod +x "${REPO}/bin/agent"
  host::run validate --probe
  assert_equal "$(grep '^error' <<<"${stderr}" | sed -n 2p)" \
    'error: loops[0].roles.tester: the program "{repo}/bin/agent" does not tell its version: exit status 2: broken'
}
