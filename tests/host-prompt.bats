#!/usr/bin/env bats
# prompt: what a role is told.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::settings
  host::source prompt
  RLMS_RESULT_FILE="" RLMS_SUMMARY_FILE="" RLMS_STATUS_FILE=""
  PROMPT=${SL_PROMPTS_DIR}/planner.md
}

build() {
  SL_ROLE=$1
  prompt::build "$1" "${PROMPT}"
  run cat "${PROMPT}"
}

@test "a repository without role files gets the built-in template of each role" {
  local role title
  for role in planner:Planner implementer:Implementer tester:Tester reviewer:Reviewer; do
    build "${role%:*}"
    assert_line --index 0 "You are the ${role#*:}."
  done
}

@test "a repository's own role file stands in for the template, word for word" {
  mkdir "${SL_HOME}/roles"
  printf 'Plan $HOME `x` \\n %%s.\nSecond line\n' >"${SL_HOME}/roles/planner.md"
  build planner
  assert_line --index 0 'Plan $HOME `x` \n %s.'
  assert_line --index 1 'Second line'
  refute_line "You are the Planner."
  build tester
  assert_line --index 0 "You are the Tester."
}

@test "a role is told where to read and write" {
  build planner
  assert_line "- Repository: ${REPO}"
  assert_line "- Spec: .superloop/specs/work.md"
  assert_line "- Plan: ${SL_LOOP_DIR}/plan.md"
  assert_line "- Implementer report: ${SL_LOOP_DIR}/implementer.md"
  assert_line "- Reviewer report: ${SL_LOOP_DIR}/review.md"
  assert_line "- Test report: ${SL_LOOP_DIR}/test-report.md"
  assert_line "- Test status: ${SL_LOOP_DIR}/test-status.json"
  assert_line "- Checklist remaining: ${SL_LOOP_DIR}/checklist-remaining.md"
  assert_line "- Evidence: ${SL_LOOP_DIR}/evidence.json"
  assert_line "- Completion promise, for the reviewer only: <promise>DONE</promise>"
}

@test "the spec is named as seen from the repository, however the configuration writes it" {
  local spec
  for spec in .superloop/specs/work.md ./.superloop/specs/work.md "${REPO}/.superloop/specs/work.md"; do
    SL_SPEC_FILE=${spec}
    build planner
    assert_line "- Spec: .superloop/specs/work.md"
  done
  SL_SPEC_FILE=/elsewhere/spec.md
  build planner
  assert_line "- Spec: /elsewhere/spec.md"
}

@test "what validation and prerequisites said is named where they are enabled" {
  build planner
  refute_output --partial "Validation"
  refute_output --partial "Prerequisites"
  SL_VALIDATION_ENABLED=true SL_PREREQUISITES_ENABLED=true
  build planner
  assert_line "- Validation status: ${SL_LOOP_DIR}/validation-status.json"
  assert_line "- Validation output: ${SL_LOOP_DIR}/validation-output.txt"
  assert_line "- Prerequisites status: ${SL_LOOP_DIR}/prerequisites-status.json"
}

@test "phase files and the changed files are named when there are any, no promise when none is set" {
  build planner
  refute_output --partial "Phase file"
  refute_output --partial "Files changed"
  : >"${SL_TASKS_DIR}/PHASE_1.MD"
  : >"${SL_TASKS_DIR}/PHASE_2.MD"
  printf 'a\n' >"${SL_CHANGED_FILE}"
  SL_COMPLETION_PROMISE=""
  build planner
  assert_line "- Phase file: ${SL_TASKS_DIR}/PHASE_1.MD"
  assert_line "- Phase file: ${SL_TASKS_DIR}/PHASE_2.MD"
  assert_line "- Files changed so far: ${SL_CHANGED_FILE}"
  refute_output --partial "<promise>"
}

@test "without RLMS a prompt does not speak of it" {
  SL_RLMS_ENABLED=false
  host::file .superloop/loops/work/rlms/latest/planner.md stale
  build planner
  refute_output --partial RLMS
  refute_output --partial stale
}

@test "with RLMS and no analysis only the way to ask for one is told" {
  host::file .superloop/loops/work/rlms/latest/planner.md stale
  host::file .superloop/loops/work/rlms/latest/planner.json stale
  host::file .superloop/loops/work/rlms/iter-1/planner/summary.md stale
  SL_RLMS_REQUEST_KEYWORD=ASK_NOW
  build planner
  refute_output --partial stale
  refute_output --partial "RLMS Context"
  refute_output --partial "RLMS result"
  refute_output --partial "RLMS summary"
  assert_line "${SL_LOOP_DIR}/rlms/requests/planner.md"
  assert_line --partial '"ASK_NOW: your question"'
}

@test "this iteration's analysis is named and its summary's first lines stand in the prompt" {
  local number
  for ((number = 1; number <= 200; number++)); do printf 'line %s\n' "${number}"; done >"${TMP}/summary.md"
  RLMS_RESULT_FILE=${TMP}/result.json RLMS_SUMMARY_FILE=${TMP}/summary.md RLMS_STATUS_FILE=${TMP}/status.json
  build planner
  assert_line "- RLMS result: ${TMP}/result.json"
  assert_line "- RLMS summary: ${TMP}/summary.md"
  assert_line "- RLMS status: ${TMP}/status.json"
  assert_line "## RLMS Context"
  assert_line "line 1"
  assert_line "line 80"
  refute_line "line 81"
}

@test "a failed analysis is named by its status alone" {
  RLMS_STATUS_FILE=${TMP}/status.json
  build planner
  assert_line "- RLMS status: ${TMP}/status.json"
  refute_output --partial "RLMS result"
  refute_output --partial "RLMS summary"
  refute_output --partial "RLMS Context"
}
