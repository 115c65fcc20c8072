#!/usr/bin/env bats
# superloop.sh validate: every finding with its severity, place, reason, code and fix.

setup() {
  load helpers/host
  host::setup
  host::make_repo
}

# assert_findings "FILTER" FINDING…: the configuration with a filter applied has exactly these findings. A finding is
# "severity|place: message|code|fix".
assert_findings() {
  local filter=$1 expected="" finding severity place code fix
  shift
  for finding in "$@"; do
    IFS='|' read -r severity place code fix <<<"${finding}"
    expected+="${severity}: ${place}"$'\n'"  code: ${code}"$'\n'"  fix: ${fix}"$'\n'
  done
  host::config "${filter}"
  host::run validate --static
  assert_equal "${filter}"$'\n'"${stderr}"$'\n' "${filter}"$'\n'"${expected}"
  assert_equal "${status}" 2
  assert_output ""
}

@test "a configuration that is right is told so" {
  host::run validate
  assert_success
  assert_output "ok: the configuration fits the schema"
  assert_equal "${stderr}" ""
  host::run validate --static
  assert_success
  assert_output $'ok: the configuration fits the schema\nok: static analysis passed'
  assert_equal "${stderr}" ""
}

@test "unknown keys are refused by name with the one that was probably meant" {
  assert_findings '.loop = []' 'error|unknown key "loop"|CONFIG_INVALID|Did you mean "loops"?'
  assert_findings '.loops[0].max_iteration = 1' \
    'error|loops[0]: unknown key "max_iteration"|LOOPS_CONFIG_INVALID|Did you mean "max_iterations"?'
  assert_findings '.loops[0].rlms.auto.max_line = 1' \
    'error|loops[0].rlms.auto: unknown key "max_line"|RLMS_CONFIG_INVALID|Did you mean "max_lines"?'
  assert_findings '.loops[0].rlms.output.colour = 1' \
    'error|loops[0].rlms.output: unknown key "colour"|RLMS_CONFIG_INVALID|Known here: format, require_citations.'
  assert_findings '.runners.planner.arg = []' \
    'error|runners.planner: unknown key "arg"|RUNNERS_CONFIG_INVALID|Did you mean "args"?'
  assert_findings '.loops[0].tests.command = []' \
    'error|loops[0].tests: unknown key "command"|TESTS_CONFIG_INVALID|Did you mean "commands"?'
}

@test "values that are not allowed are refused with those that are" {
  assert_findings '.loops[0].rlms.mode = "sometimes"' \
    'error|loops[0].rlms.mode: this value is not one of those allowed|RLMS_CONFIG_INVALID|Use one of "auto", "requested", "hybrid".'
  assert_findings '.loops[0].rlms.policy.fail_mode = "panic"' \
    'error|loops[0].rlms.policy.fail_mode: this value is not one of those allowed|RLMS_CONFIG_INVALID|Use one of "warn_and_continue", "fail_role".'
  assert_findings '.loops[0].tests.mode = "always"' \
    'error|loops[0].tests.mode: this value is not one of those allowed|TESTS_CONFIG_INVALID|Use one of "disabled", "every", "on_promise".'
  assert_findings '.runners.planner.prompt_mode = "arg"' \
    'error|runners.planner.prompt_mode: this value is not one of those allowed|RUNNERS_CONFIG_INVALID|Use one of "stdin", "file".'
  assert_findings '.role_defaults.planner.thinking = "hard"' \
    'error|role_defaults.planner.thinking: this value is not one of those allowed|ROLE_DEFAULTS_CONFIG_INVALID|Use one of "none", "minimal", "low", "standard", "high", "max".'
}

@test "what is wrong in a loop's roles is told once, with its own place" {
  assert_findings '.loops[0].roles.reviewer.thinkin = "low"' \
    'error|loops[0].roles.reviewer: unknown key "thinkin"|ROLES_CONFIG_INVALID|Did you mean "thinking"?'
  assert_findings '.loops[0].roles.reviewer.thinking = "hard"' \
    'error|loops[0].roles.reviewer.thinking: this value is not one of those allowed|ROLES_CONFIG_INVALID|Use one of "none", "minimal", "low", "standard", "high", "max".'
  assert_findings '.loops[0].roles.cook = {}' \
    'error|loops[0].roles: unknown key "cook"|ROLES_CONFIG_INVALID|Known here: planner, implementer, tester, reviewer.'
  assert_findings '.loops[0].roles = ["planner", "cook"]' \
    'error|loops[0].roles[1]: this value is not one of those allowed|ROLES_CONFIG_INVALID|Use one of "planner", "implementer", "tester", "reviewer".'
  assert_findings '.loops[0].roles = "planner"' \
    'error|loops[0].roles: the value must be object or array|ROLES_CONFIG_INVALID|Correct the value; schema/config.schema.json describes it.'
}

@test "wrong types, missing keys and values out of range are refused with their place" {
  local correct="Correct the value; schema/config.schema.json describes it."
  assert_findings 'del(.loops)' 'error|the key "loops" is missing|CONFIG_INVALID|Add "loops".'
  assert_findings '.loops[0].id = "x" * 300' 'error|loops[0].id: it has more than 255 characters|ID_CONFIG_INVALID|Choose a shorter one.'
  assert_findings 'del(.loops[0].id)' 'error|loops[0]: the key "id" is missing|LOOPS_CONFIG_INVALID|Add "id" to loops[0].'
  assert_findings 'del(.runners.tester.command)' \
    'error|runners.tester: the key "command" is missing|RUNNERS_CONFIG_INVALID|Add "command" to runners.tester.'
  assert_findings '.loops = []' "error|loops: the list is empty|LOOPS_CONFIG_INVALID|Add an entry; schema/config.schema.json describes it."
  assert_findings '.loops[0].max_iterations = "3"' \
    "error|loops[0].max_iterations: the value must be integer|MAX_ITERATIONS_CONFIG_INVALID|${correct}"
  assert_findings '.loops[0].rlms.enabled = "yes"' \
    "error|loops[0].rlms.enabled: the value must be boolean|RLMS_CONFIG_INVALID|${correct}"
  assert_findings '.loops[0].rlms.limits.max_steps = 0' \
    "error|loops[0].rlms.limits.max_steps: the value must be >= 1|RLMS_CONFIG_INVALID|${correct}"
  assert_findings '.loops[0].rlms.limits.max_usd = 0' \
    "error|loops[0].rlms.limits.max_usd: the value must be > 0|RLMS_CONFIG_INVALID|${correct}"
  assert_findings '.loops[0].id = "../x"' \
    "error|loops[0].id: the value must match pattern \"^[A-Za-z0-9][A-Za-z0-9._-]*\$\"|ID_CONFIG_INVALID|${correct}"
  assert_findings '.runners.planner.command = []' \
    "error|runners.planner.command: the list is empty|RUNNERS_CONFIG_INVALID|Add an entry; schema/config.schema.json describes it."
}

@test "what fits the schema and is wrong all the same is found by the static check" {
  assert_findings '.loops[0].roles.tester.runner = "nobody"' \
    'error|loops[0].roles.tester: there is no runner "nobody"|ROLES_CONFIG_INVALID|Name one of the runners (planner, implementer, tester, reviewer), or add it to runners.'
  assert_findings 'del(.loops[0].roles.tester.runner)' \
    'error|loops[0].roles.tester: no runner is named for the tester|ROLES_CONFIG_INVALID|Name one of the runners (planner, implementer, tester, reviewer), or add it to runners.'
  assert_findings '.runners.planner.command = [" "]' \
    'error|runners.planner.command: the program is blank|RUNNERS_CONFIG_INVALID|Name the program to run.'
  assert_findings '.loops[0].spec_file = "specs/none.md"' \
    'error|loops[0].spec_file: there is no file specs/none.md|SPEC_FILE_MISSING|Write the spec, or correct the path.'
  assert_findings '.loops[0].spec_file = ".superloop"' \
    'error|loops[0].spec_file: there is no file .superloop|SPEC_FILE_MISSING|Write the spec, or correct the path.'
  assert_findings '.loops[0].rlms.policy = {force_on: true, force_off: true}' \
    'error|loops[0].rlms.policy: force_on and force_off are both true|RLMS_CONFIG_INVALID|Set one of them to false.'
  assert_findings '.loops[0].rlms.context = {include: ["src/**", "/etc/*"], exclude: ["../x"]}' \
    'error|loops[0].rlms.context.include[1]: the glob "/etc/*" leaves the repository|RLMS_CONFIG_INVALID|Write it as seen from the repository, such as "docs/**".' \
    'error|loops[0].rlms.context.exclude[0]: the glob "../x" leaves the repository|RLMS_CONFIG_INVALID|Write it as seen from the repository, such as "docs/**".'
  assert_findings '.loops[0].tests = {mode: "every"}' \
    'error|loops[0].tests.commands: the mode is every, but there is no command|TESTS_CONFIG_INVALID|Add a command, or set the mode to "disabled".'
  assert_findings '.loops[0].tests = {mode: "on_promise", commands: ["true", " "]}' \
    'error|loops[0].tests.commands[1]: the command is blank|TESTS_CONFIG_INVALID|Write the command, or remove it.'
  assert_findings '.loops += .loops' \
    'error|loops[1].id: another loop is called "work"|LOOPS_CONFIG_INVALID|Give each loop an id of its own.'
}

@test "a gate that cannot be judged is an error, not a gate that holds" {
  assert_findings '.loops[0].validation = {enabled: true, require_on_completion: true, preflight: {enabled: true, entry: "index.html"}}' \
    'error|loops[0].validation.preflight: this version cannot run it|VALIDATION_CONFIG_INVALID|Set its enabled to false, and let a command under validation.commands do it.'
  assert_findings '.loops[0].prerequisites = {enabled: true, checks: [{type: "file_exists", path: ".superloop/config.json"}, {type: "file_regex_absent", path: ".superloop/config.json"}]}' \
    'error|loops[0].prerequisites.checks[1]: it has no pattern|PREREQUISITES_CONFIG_INVALID|Add "pattern", a regular expression.'
}

@test "a NUL character is refused, for no command line can hold it" {
  host::config '.loops[0].tests.commands = ["a\u0000b"]'
  host::run validate
  assert_failure 2
  assert_equal "${stderr_lines[0]}" "superloop: error: the configuration is no JSON: ${REPO}/.superloop/config.json: a NUL character at \"0\", which neither a command line nor a path can hold"
}

@test "everything that is wrong is told in one run" {
  host::config '.runners.planner.arg = [] | .loops[0].rlms = {mode: "x", auto: {max_files: 0}} | .loop = 1'
  host::run validate
  assert_failure 2
  assert_equal "$(grep -c '^error: ' <<<"${stderr}")" 4
  host::config '.loops[0].spec_file = "none" | .loops[0].tests.mode = "every" | .loops[0].roles.planner.runner = "x" | .loops[0].lifecycle = 1'
  host::run validate --static
  assert_failure 2
  assert_equal "$(grep -c '^error: ' <<<"${stderr}") $(grep -c '^warning: ' <<<"${stderr}")" "3 1"
}

# assert_unreadable FILE MESSAGE FIX
assert_unreadable() {
  host::run validate --config "$1"
  assert_failure 2
  assert_output ""
  assert_equal "${stderr}" "superloop: error: $2"$'\n  code: invalid_config\n'"  fix: $3"
}

@test "a configuration that is missing, blank, a folder, a pipe, or no JSON is told as such" {
  assert_unreadable "${TMP}/none.json" "the configuration cannot be read: there is no file ${TMP}/none.json" \
    "Run superloop.sh init, or name one with --config."
  assert_unreadable "${TMP}" "the configuration cannot be read: ${TMP} is a folder" "Name a file."
  mkfifo "${TMP}/pipe"
  assert_unreadable "${TMP}/pipe" "the configuration cannot be read: ${TMP}/pipe is no file" "Name a file."
  assert_unreadable /dev/zero "the configuration cannot be read: /dev/zero is no file" "Name a file."
  printf ' \r\n' >"${TMP}/blank.json"
  assert_unreadable "${TMP}/blank.json" "the configuration is blank: ${TMP}/blank.json" "Run superloop.sh init, or name one with --config."
  local text
  for text in "{" '{"loops": [}' "loops:"; do
    printf '%s' "${text}" >"${TMP}/broken.json"
    host::run validate --config "${TMP}/broken.json"
    assert_failure 2
    assert_output ""
    assert_equal "${stderr_lines[0]%%json: *}" "superloop: error: the configuration is no JSON: ${TMP}/broken."
    assert_equal "${stderr_lines[1]}" "  code: invalid_config"
  done
  for text in null 7 '[]' '"x"'; do
    printf '%s' "${text}" >"${TMP}/other.json"
    host::run validate --config "${TMP}/other.json"
    assert_failure 2
    assert_equal "${stderr_lines[0]}" "error: the value must be object"
  done
}

@test "a configuration of bytes is refused without a character that a terminal obeys" {
  printf '\033]0;title\007\200{' >"${TMP}/bytes.json"
  host::run validate --config "${TMP}/bytes.json"
  assert_failure 2
  assert_equal "${stderr_lines[1]}" "  code: invalid_config"
  [[ ${stderr} != *$'\033'* && ${stderr} != *$'\a'* ]]
}

@test "a configuration with the line ends of Windows, with a mark before it, or from a pipe that a shell opened is read" {
  local file=${REPO}/.superloop/config.json
  { printf '\xef\xbb\xbf' && sed 's/$/\r/' "${file}"; } >"${TMP}/windows.json"
  host::run validate --static --config "${TMP}/windows.json"
  assert_success
  # shellcheck disable=SC2016 # for another shell
  run --separate-stderr bash -c '"$1/superloop.sh" validate --static --repo "$2" --config <(cat "$2/.superloop/config.json")' bash "${PROJECT_ROOT}" "${REPO}"
  assert_success
}

@test "a configuration of 100 MB is judged like any other" {
  { printf '{"note":"' && head -c 100000000 /dev/zero | tr '\0' x && printf '"}'; } >"${TMP}/large.json"
  host::run validate --config "${TMP}/large.json"
  assert_failure 2
  assert_equal "${stderr_lines[0]}" 'error: the key "loops" is missing'
}

@test "a schema of one's own is checked as well" {
  printf '{"properties": {"loops": {"maxItems": 0}}}\n' >"${TMP}/schema.json"
  host::run validate --schema "${TMP}/schema.json"
  assert_failure 2
  assert_equal "${stderr_lines[0]}" "error: loops: the value must NOT have more than 0 items"
  printf '{}\n' >"${TMP}/schema.json"
  host::run validate --schema "${TMP}/schema.json"
  assert_success
  host::run validate --schema "${TMP}/none.json"
  assert_failure 2
  assert_equal "${stderr_lines[0]}" "superloop: error: the schema cannot be read: there is no file ${TMP}/none.json"
}

@test "roles may be a list, and a single runner needs no name" {
  host::config '.runners |= {only: .reviewer} | .loops[0].roles = ["reviewer", "planner"]'
  host::run validate --static
  assert_success
}
