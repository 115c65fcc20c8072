#!/usr/bin/env bats
# gates/validation: commands beside the tests.

setup() {
  load helpers/host
  host::setup
  host::settings
  host::source lib/strays lib/process events gates progress gates/commands gates/validation
  SL_VALIDATION_ENABLED=true SL_VALIDATION_MODE=every GATE_REASONS=()
  local section
  for section in PREFLIGHT SMOKE_TESTS AUTOMATED_CHECKLIST AGENT_BROWSER; do
    printf -v "SL_VALIDATION_${section}_ENABLED" false
    printf -v "SL_VALIDATION_${section}_OPTIONAL" false
  done
}

# judge CLAIMED_DONE COMMAND…
judge() {
  SL_VALIDATION_COMMANDS=("${@:2}")
  gates::validation::judge "$1"
}

# assert_status VERDICT STATUS_RECORD
assert_status() {
  assert_equal "${GATE_VALIDATION} $(jq -c 'del(.generated_at)' "${SL_VALIDATION_STATUS_FILE}")" "$1 $2"
}

RESULTS='"results_file":".superloop/loops/work/validation-results.json"'

@test "a validation that is not enabled is skipped, and leaves no file" {
  SL_VALIDATION_ENABLED=false
  judge true 'touch ran'
  assert_equal "${GATE_VALIDATION}" skipped
  assert [ ! -e "${SL_VALIDATION_STATUS_FILE}" ]
  assert [ ! -e "${REPO}/ran" ]
}

@test "commands that succeed are told with their results and output" {
  judge false 'echo fine' 'pwd -P'
  assert_status ok "{\"ok\":true,\"status\":\"ok\",${RESULTS}}"
  host::assert_json "${SL_VALIDATION_RESULTS_FILE}" 'del(.generated_at)' \
    '{"loop_id":"work","iteration":1,"commands":[{"command":"echo fine","ok":true,"exit_code":0},{"command":"pwd -P","ok":true,"exit_code":0}]}'
  assert_equal "$(cat "${SL_VALIDATION_OUTPUT_FILE}")" "$ echo fine
fine
exit_code: 0

$ pwd -P
${REPO}
exit_code: 0"
  assert_equal "${#GATE_REASONS[@]}" 0
}

@test "one command that fails is enough, the others run all the same, and each says why" {
  : >"${REPO}/no-program"
  judge false 'exit 3' 'no-such-program-here' './no-program' 'touch ran'
  assert_status failed "{\"ok\":false,\"status\":\"failed\",\"reason\":\"command_failed\",${RESULTS}}"
  host::assert_json "${SL_VALIDATION_RESULTS_FILE}" '.commands | map([.exit_code, .reason])' \
    '[[3,"command_failed"],[127,"command_not_found"],[126,"command_not_executable"],[0,null]]'
  assert [ -e "${REPO}/ran" ]
  printf -v reasons '%s\n' "${GATE_REASONS[@]}"
  assert_equal "${reasons}" 'validation: exit 3: exit 3
validation: no-such-program-here: exit 127
validation: ./no-program: exit 126
'
}

@test "on promise it waits until the work is claimed done" {
  SL_VALIDATION_MODE=on_promise
  judge false 'exit 1'
  assert_status skipped '{"ok":true,"status":"skipped"}'
  judge true 'exit 1'
  assert_status failed "{\"ok\":false,\"status\":\"failed\",\"reason\":\"command_failed\",${RESULTS}}"
  SL_VALIDATION_MODE=disabled
  judge true 'exit 1'
  assert_status skipped '{"ok":true,"status":"skipped"}'
}

@test "a validation without a command cannot be judged, and fails" {
  judge true
  assert_status failed "{\"ok\":false,\"status\":\"failed\",\"reason\":\"no_commands\",${RESULTS}}"
  assert_equal "${GATE_REASONS[*]}" "validation: no_commands"
}

@test "what only Superloop can run fails the gate, unless it is optional" {
  SL_VALIDATION_PREFLIGHT_ENABLED=true SL_VALIDATION_AGENT_BROWSER_ENABLED=true
  judge true true
  assert_status failed "{\"ok\":false,\"status\":\"failed\",\"reason\":\"not_supported\",${RESULTS}}"
  host::assert_json "${SL_VALIDATION_RESULTS_FILE}" '[.unsupported, .commands[0].ok]' '["preflight agent_browser",true]'
  assert_equal "${GATE_REASONS[*]}" "validation: not_supported: preflight agent_browser"
  SL_VALIDATION_PREFLIGHT_ENABLED=false SL_VALIDATION_AGENT_BROWSER_OPTIONAL=true
  judge true true
  assert_status ok "{\"ok\":true,\"status\":\"ok\",${RESULTS}}"
}
