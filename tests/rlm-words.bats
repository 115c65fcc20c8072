#!/usr/bin/env bats
# What rlm says of mistakes: in its own words, with the name of what is wrong.

setup() {
  load helpers/rlm
  set_up_rlm
}

@test "what to do is told in the words of rlm, in text, in the document and later" {
  echo '{"root": [{"reply": "42", "delay_ms": 5000}]}' >"${SCRIPT}"
  rlm run q --model "[\"rlms:scripted\",\"${SCRIPT}\"]" --timeout 0.2 --format json
  assert_equal "${status}" 3
  assert_json .error_fix '"Raise --timeout, or continue with rlm resume."'
  assert_regex "${stderr}" $'\n  fix: Raise --timeout, or continue with rlm resume\\.'
  rlm status
  assert_line --regexp '^fix +Raise --timeout, or continue with rlm resume\.$'
  : >file
  rlm run q --model offline --out file --format json
  assert_json .error_fix '"Give --out a folder that can be written to."'
  assert_regex "${stderr}" $'\n  fix: Give --out a folder that can be written to\\.'
}

@test "a value that is empty or of the wrong kind is told with its name" {
  rlm run q --model '[]'
  assert_refused 2 '--model names no program: []' "Write it like '[\"claude\",\"-p\"]'."
  rlm run q --model '[""]'
  assert_equal "${status}" 2
  rlm run q --context ''
  assert_refused 2 'there is no file or folder ""' 'Correct --context.'
  mkdir folder
  rlm run q --schema folder
  assert_regex "${stderr}" "error: the schema cannot be read: ${PWD}/folder: EISDIR"
  rlm run q --config folder
  assert_regex "${stderr}" "error: the configuration cannot be read: ${PWD}/folder: EISDIR"
}

@test "help takes the name of a command" {
  rlm run --help
  local own=${output}
  rlm help run
  assert_equal "${status} ${output}" "0 ${own}"
  rlm help nonesuch
  assert_equal "${status}" 2
}

@test "config set keeps a file's line ends, and refuses what would not be read again" {
  printf 'max_usd: 1 # keep\r\nmax_steps: 3\r\n' >rlm.config.yaml
  rlm config set max_usd 7
  assert_equal "$(<rlm.config.yaml)" $'max_usd: 7 # keep\r\nmax_steps: 3\r'
  rlm config set extends none.yaml
  assert_refused 2 "there is no file ${PWD}/none.yaml to extend" "Correct its name."
  rlm config set max_usd.x 1
  assert_equal "${status}" 2
  assert_regex "${stderr}" "error: max_usd.x cannot be set in ${PWD}/rlm.config.yaml: "
  rm rlm.config.yaml
  echo '{"max_usd": 1,}' >rlm.config.json
  rlm config set max_usd 7
  assert_equal "${status}" 2
  assert_regex "${stderr}" "error: max_usd cannot be set in ${PWD}/rlm.config.json: "
  assert_equal "$(<rlm.config.json)" '{"max_usd": 1,}'
  rlm run q --config none --profile constructor
  assert_refused 2 "there is no profile constructor" "The configuration has none."
}
