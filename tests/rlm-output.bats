#!/usr/bin/env bats
# Where the answer goes: a disk that is full, a reader that goes away, a terminal that must not be steered.

setup() {
  load helpers/rlm
  set_up_rlm
}

@test "an answer that standard output does not take is no success" {
  replies "42"
  local format
  for format in text json yaml; do
    run --separate-stderr bash -c "'${PROJECT_ROOT}/dist/rlm.cjs' run q --model '${MODEL[1]}' --format ${format} --quiet >/dev/full"
    assert_equal "${status}" 1
    assert_regex "${stderr}" '^rlm: error: standard output cannot be written: ENOSPC'
  done
  rlm status last
  assert_line --regexp '^answer +42$'
}

@test "nor is one that a file takes half of" {
  run --separate-stderr bash -c "ulimit -f 1; '${PROJECT_ROOT}/dist/rlm.cjs' completions bash >half"
  assert_equal "${status}" 1
  assert_regex "${stderr}" '^rlm: error: standard output cannot be written: EFBIG'
}

@test "a reader that goes away is no failure" {
  replies "42"
  run --separate-stderr bash -c "'${PROJECT_ROOT}/dist/rlm.cjs' run q --model '${MODEL[1]}' --format json --quiet | head -n 1; echo \${PIPESTATUS[0]}"
  assert_equal "${output} ${stderr}" $'{\n0 '
  run --separate-stderr bash -c "'${PROJECT_ROOT}/dist/rlm.cjs' run q --model '${MODEL[1]}' --quiet >&-"
  assert_equal "${status} ${stderr}" "0 "
}

@test "an answer steers no terminal, and a pipe gets it as it is" {
  local steering=$'before\e]0;title\a\e[2Jafter'
  replies "${steering}"
  run python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' "${PROJECT_ROOT}/dist/rlm.cjs" run q "${MODEL[@]}" --progress none
  refute_regex "${output}" $'[\e\a]'
  assert_regex "${output}" 'before \]0;title  \[2Jafter'
  rlm run q "${MODEL[@]}"
  assert_equal "${output}" "${steering}"
  rlm status
  assert_line --regexp '^answer +before \]0;title  \[2Jafter$'
}

@test "what a model program says in an error steers no terminal" {
  printf '#!/bin/sh\nprintf "\\033[2Jboom\\n" >&2\nexit 3\n' >model
  chmod +x model
  rlm run q --model ./model
  assert_equal "${status}" 1
  refute_regex "${stderr}" $'\e'
  assert_regex "${stderr}" 'boom'
}

@test "a command that nothing can wake any more ends with a message" {
  printf 'await new Promise(() => {})\nexport default {}\n' >rlm.config.mjs
  rlm run q
  assert_equal "${status} ${output}" "1 "
  assert_regex "${stderr}" 'error: it waits for something that can never come'
}

@test "a working directory that is gone is named" {
  mkdir gone
  cd gone || return 1
  rmdir "${PWD}"
  rlm list
  assert_refused 2 "the working directory is no longer there" "Change to one that is."
}

@test "a document in YAML says the same to readers of YAML 1.1" {
  replies "no"
  rlm run q "${MODEL[@]}" --format yaml --quiet
  assert_line 'final: "no"'
  assert_line --regexp '^generated_at: "[0-9TZ:.-]+"$'
}
