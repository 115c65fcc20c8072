#!/usr/bin/env bats
# Sections of Superloop's own that are accepted and do nothing, and are told.

setup() {
  load helpers/host
  host::setup
  host::make_repo
}

@test "sections of Superloop that are not acted on are accepted and told" {
  local section
  for section in horizon_ref delegation lifecycle tester_exploration dev_env_contract; do
    host::config ".loops[0].${section} = {enabled: true, \"any-thing\": [1, {a: null}]}"
    host::run validate --static
    assert_success
    assert_line "ok: static analysis passed"
    assert_equal "${stderr}" "warning: loops[0].${section}: this section is accepted, but not acted on
  code: NOT_ACTED_ON
  fix: Remove it, or know that it does nothing here."
  done
}

@test "a section that is switched off, or that is acted on, is not told" {
  host::config '.loops[0] += {lifecycle: {enabled: false}, reviewer_packet: {enabled: true}, budget: {max_usd: 1}, hooks: {on_complete: "true"}}'
  host::run validate --static
  assert_success
  assert_equal "${stderr}" ""
}

@test "what Superloop has beside the loops is accepted as well" {
  host::config '.dev_env_contract = {require_target_adapter_manifest: true}'
  host::run validate --static
  assert_success
  assert_line "ok: static analysis passed"
  assert_equal "${stderr_lines[0]}" "warning: dev_env_contract: this section is accepted, but not acted on"
}
