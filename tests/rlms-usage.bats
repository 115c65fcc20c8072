#!/usr/bin/env bats
# scripts/rlms called wrongly: the message names what was given, what is allowed and the fix; exit status 2; the result
# is there all the same where the caller said where.

setup() {
  load helpers/door
  set_up_door
}

teardown() { tear_down_door; }

# refuses MESSAGE FIX FLAG…: the door with these flags is a usage error, told everywhere.
refuses() {
  local message=$1 fix=$2
  shift 2
  rm -rf "${OUT}"
  mkdir "${OUT}"
  door "$@"
  assert_error 2 invalid_config "${message}" "${fix}"
  assert_files result.json summary.md
}

@test "every required flag that is missing or empty is named, and a result is left" {
  local flag
  for flag in --repo --loop-id --role --iteration --context-file-list --max-steps --max-depth --timeout-seconds; do
    rm -rf "${OUT}"
    mkdir "${OUT}"
    door_without "${flag}"
    assert_error 2 invalid_config "${flag} is missing" "Give ${flag}."
    assert_files result.json summary.md
    refuses "${flag} is missing" "Give ${flag}." "${flag}" ""
  done
}

@test "a missing output folder is named and nothing is written" {
  mkdir "${TMP}/here"
  cd "${TMP}/here"
  door_without --output-dir
  assert_equal "${status} ${output}" "2 "
  assert_equal "${stderr}" $'rlms: error: --output-dir is missing\n  code: invalid_config\n  fix: Give --output-dir.'
  assert_equal "$(find .)" "."
}

@test "a usage error leaves its result also in an output folder that is not there yet" {
  door --max-steps x
  assert_error 2 invalid_config '--max-steps must be a whole number from 1 up, not "x"'
}

@test "the result of a usage error tells what could be read: loop, role, iteration, task" {
  mkdir "${OUT}"
  door --max-steps 0
  assert_result '[.loop_id, .role, .iteration, .task, .ok, .partial, .final]' '["demo","reviewer",3,"Find it.",false,false,null]'
}

@test "no flags at all: all that are missing are named at once" {
  run --separate-stderr "${PROJECT_ROOT}/scripts/rlms"
  assert_equal "${status}" 2
  local all="--repo, --loop-id, --role, --iteration, --context-file-list, --output-dir, --max-steps, --max-depth and --timeout-seconds"
  assert_equal "${stderr}" "rlms: error: ${all} are missing"$'\n  code: invalid_config\n  fix: Give '"${all}."
}

@test "a number that is none, or out of range, is refused with the range" {
  local row
  for row in '--iteration|-1|a whole number from 0 up' '--iteration|1.5|a whole number from 0 up' '--max-steps|0|a whole number from 1 up' \
    '--max-steps|ten|a whole number from 1 up' '--max-steps|1e3|a whole number from 1 up' '--max-depth|-1|a whole number from 0 to 100' \
    '--max-depth|101|a whole number from 0 to 100' '--timeout-seconds|0|a number from 0.1 to 2000000' \
    '--timeout-seconds|1h|a number from 0.1 to 2000000' '--max-subcalls|1.5|a whole number from 0 up' '--concurrency|0|a whole number from 1 to 1000' \
    '--max-errors|0|a whole number from 1 up' '--max-tokens|0|a whole number from 1 up' '--max-usd|5USD|a number from 0 up' \
    '--step-timeout-seconds|0|a number from 0.01 to 86400' '--max-steps| 5|a whole number from 1 up' '--max-steps|99999999999999999999|a whole number from 1 up'; do
    IFS='|' read -r flag value range <<<"${row}"
    if [[ ${row} == *'| 5|'* ]]; then value=" 5"; fi
    refuses "${flag} must be ${range}, not \"${value}\"" "Correct ${flag}." "${flag}" "${value}"
  done
}

@test "a choice that does not exist is refused with those that do" {
  local row flag value choices
  for row in '--root-prompt-mode|pipe|stdin, file, arg' '--subcall-prompt-mode|STDIN|stdin, file, arg' '--require-citations|yes|true, false' \
    '--format|xml|json' '--sandbox|docker|auto, python, javascript, pyodide' '--sandbox-require|none|kernel, process, language' \
    '--progress|loud|auto, plain, json, none'; do
    IFS='|' read -r flag value choices <<<"${row}"
    refuses "${flag} must be one of ${choices}, not \"${value}\"" "Correct ${flag}." "${flag}" "${value}"
  done
}

@test "what is no JSON array of strings is refused, flag by flag" {
  local flag value fix
  fix="Write it like '[\"claude\",\"-p\"]'."
  for flag in --root-command-json --root-args-json --subcall-command-json --subcall-args-json; do
    refuses "${flag} must be a JSON array of strings, not \"claude -p\"" "${fix}" "${flag}" 'claude -p'
  done
  for value in '["a"' '{"a":1}' '[1]' '[["a"]]' 'null' '"a"'; do
    refuses "--root-command-json must be a JSON array of strings, not $(jq -cn --arg v "${value}" '$v')" "${fix}" --root-command-json "${value}"
  done
}

@test "a wrong setting in the environment is named by its variable" {
  local row flag name value message
  for row in 'root-command-json|ROOT_COMMAND_JSON|x|not "x"' 'root-args-json|ROOT_ARGS_JSON|{}|not "{}"' \
    'subcall-args-json|SUBCALL_ARGS_JSON|[1]|not "[1]"' 'subcall-command-json|SUBCALL_COMMAND_JSON|null|not "null"'; do
    IFS='|' read -r flag name value message <<<"${row}"
    rm -rf "${OUT}"
    mkdir "${OUT}"
    export "SUPERLOOP_RLMS_${name}=${value}"
    door "--${flag}" '[""]'
    assert_error 2 invalid_config "SUPERLOOP_RLMS_${name} must be a JSON array of strings, ${message}"
    unset "SUPERLOOP_RLMS_${name}"
  done
}

@test "a wrong mode, number or layer in the environment is named by its variable" {
  local row name message
  for row in 'ROOT_PROMPT_MODE|must be one of stdin, file, arg, not "x"' 'SUBCALL_PROMPT_MODE|must be one of stdin, file, arg, not "x"' \
    'MAX_SUBCALLS|must be a whole number from 0 up, not "x"' 'SANDBOX_REQUIRE|must be one of kernel, process, language, not "x"'; do
    IFS='|' read -r name message <<<"${row}"
    rm -rf "${OUT}"
    mkdir "${OUT}"
    export "SUPERLOOP_RLMS_${name}=x"
    door
    assert_error 2 invalid_config "SUPERLOOP_RLMS_${name} ${message}" "Correct SUPERLOOP_RLMS_${name}."
    unset "SUPERLOOP_RLMS_${name}"
  done
}

@test "an unknown flag is named with the one that was probably meant" {
  refuses 'there is no flag --max-step' 'Did you mean --max-steps?' --max-step 5
  refuses 'there is no flag --root-comand-json' 'Did you mean --root-command-json?' '--root-comand-json=["x"]'
  refuses 'there is no flag --zzzzzz' 'See --help.' --zzzzzz
  refuses 'there is no flag -x' 'See --help.' -x
}

@test "a stray word, a switch with a value and a flag without one are refused" {
  refuses '"more" is not a flag' 'See --help.' more
  refuses '--resume takes no value' 'See --help.' --resume=yes
  refuses '--task needs a value' 'See --help.' --task
}

@test "no root command is missing_root_command, also when it is an empty array in any spelling" {
  local fix='Give --root-command-json, for example '\''["rlms:offline"]'\'' or '\''["rlms:claude"]'\''.' value
  mkdir "${OUT}"
  door_without --root-command-json
  assert_error 2 missing_root_command 'no root command is given' "${fix}"
  for value in '[]' '[""]' ''; do
    rm -rf "${OUT}"
    mkdir "${OUT}"
    door --root-command-json "${value}"
    assert_error 2 missing_root_command 'no root command is given' "${fix}"
    assert_files result.json summary.md
  done
}

@test "a built-in model that does not exist is refused with those that do" {
  door --root-command-json '["rlms:offlin"]'
  assert_error 2 invalid_config 'there is no built-in model "rlms:offlin"; there are rlms:offline, rlms:scripted, rlms:http, rlms:anthropic, rlms:claude, rlms:codex, rlms:opencode, rlms:gemini'
}

@test "a script that can't be used is named with the reason" {
  door --root-command-json '["rlms:scripted"]'
  assert_error 2 invalid_config 'rlms:scripted needs the file with its replies: ["rlms:scripted", FILE]'
  door --root-command-json "$(vector rlms:scripted "${TMP}/none")"
  assert_error 2 invalid_config "the script of the scripted model cannot be read: ENOENT: no such file or directory, open '${TMP}/none'"
  echo '{"root": "x"}' >"${ROOT_SCRIPT}"
  door
  assert_equal "${status}" 2
  assert_regex "${stderr}" "^rlms: error: ${ROOT_SCRIPT} is no script: "
  echo '[broken' >"${ROOT_SCRIPT}"
  door
  assert_regex "${stderr}" "^rlms: error: ${ROOT_SCRIPT} is no JSON: "
}

@test "an HTTP model without an address or a name is refused with an example" {
  local value
  for value in '["rlms:http"]' '["rlms:http","nowhere","m"]' '["rlms:http","http://127.0.0.1:9/v1"]'; do
    door --root-command-json "${value}"
    assert_error 2 invalid_config 'rlms:http needs a base URL and a model: ["rlms:http", "http://127.0.0.1:11434/v1", "qwen3"]'
  done
}

@test "a context list that is not there, or is a folder, is named" {
  refuses "the context file list cannot be read: ENOENT: no such file or directory, open '${TMP}/none'" \
    'Give --context-file-list a file with one path a line.' --context-file-list "${TMP}/none"
  refuses "the context file list cannot be read: EISDIR: illegal operation on a directory, read" \
    'Give --context-file-list a file with one path a line.' --context-file-list "${TMP}"
}

@test "a repository that is no folder is named before any model is asked" {
  local value
  # shellcheck disable=SC2016 # not for this shell
  use_program root model <<<'echo asked >>"${LOG}"; echo "set_final(1)"'
  for value in "${TMP}/none" "${LIST}"; do
    rm -rf "${OUT}"
    door --repo "${value}"
    assert_equal "${status}" 2
    assert_regex "${stderr}" "^rlms: error: .*--repo.*${value}.*"$'\n  code: invalid_config\n'
    assert [ ! -e "${LOG}" ]
  done
}

@test "an output folder that can't be made is named" {
  door --output-dir "${LIST}/out"
  assert_equal "${status}" 2
  assert_equal "${stderr}" "rlms: error: the output folder cannot be made: ENOTDIR: not a directory, mkdir '${LIST}/out'
  code: invalid_config
  fix: Give --output-dir a folder that can be written to."
}

@test "an output folder that can't be written to is named" {
  local folder=${TMP}/closed
  mkdir -m 555 "${folder}"
  # root may write there; not even root may in /proc
  if [[ -w ${folder} ]]; then folder=/proc; fi
  door --output-dir "${folder}"
  assert_equal "${status}" 2
  assert_regex "${stderr}" "^rlms: error: .*${folder}.*"$'\n  code: invalid_config\n  fix: Give --output-dir a folder that can be written to.$'
}

@test "a metadata file that is no JSON is named" {
  echo '{broken' >"${TMP}/metadata.json"
  door --metadata-file "${TMP}/metadata.json"
  assert_equal "${status}" 2
  assert_regex "${stderr}" "^rlms: error: the metadata file cannot be used: ${TMP}/metadata.json: .*"$'\n  code: invalid_config\n  fix: Give --metadata-file a JSON file, or leave it out.$'
}

@test "an interpreter that is none makes the sandbox unavailable, with exit status 1" {
  SUPERLOOP_RLMS_PYTHON=/bin/sh door
  assert_error 1 sandbox_unavailable 'SUPERLOOP_RLMS_PYTHON names /bin/sh, which is no CPython 3.9 or newer' \
    'Name a python3 of version 3.9 to 3.13, or unset SUPERLOOP_RLMS_PYTHON.'
}
