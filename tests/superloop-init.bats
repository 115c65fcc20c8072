#!/usr/bin/env bats
# superloop.sh init.

setup() {
  load helpers/host
  host::setup
  mkdir -p "${REPO}" "${TMP}/bin"
  git -C "${REPO}" init -q
  HOME_FOLDER=${REPO}/.superloop
  # a PATH with the system's programs and no agent but those that a test makes
  local name
  for name in bash sh env cat cp mv mkdir rm dirname readlink date git jq node head sed sort awk tr grep find ls; do
    ln -s "$(command -v "${name}")" "${TMP}/bin/${name}"
  done
}

init() {
  run --separate-stderr env PATH="${TMP}/bin" bash "${PROJECT_ROOT}/superloop.sh" init --repo "${REPO}" "$@"
}

agent_program() {
  printf '#!/bin/sh\n' >"${TMP}/bin/$1"
  chmod +x "${TMP}/bin/$1"
}

@test "init makes a configuration, the roles and a first spec" {
  init
  assert_success
  assert_line --index 0 "Initialized .superloop in ${HOME_FOLDER}"
  assert_line --index 1 "Next: write ${HOME_FOLDER}/specs/initiation.md, then superloop.sh run --repo ${REPO}"
  assert_equal "${stderr}" ""
  assert_equal "$(cd "${HOME_FOLDER}" && find . | LC_ALL=C sort | paste -sd ' ' -)" \
    '. ./config.json ./loops ./roles ./roles/implementer.md ./roles/planner.md ./roles/reviewer.md ./roles/tester.md ./specs ./specs/initiation.md'
}

@test "what init makes is a valid configuration, statically as well" {
  init
  host::run validate --static
  assert_success
  assert_output $'ok: the configuration fits the schema\nok: static analysis passed'
  assert_equal "${stderr}" ""
}

@test "the first agent program that is installed plays every role, codex where none is" {
  init
  host::assert_json "${HOME_FOLDER}/config.json" '[.loops[0].roles[].runner] | unique' '["codex"]'
  agent_program gemini
  agent_program claude
  init --force
  host::assert_json "${HOME_FOLDER}/config.json" '[.loops[0].roles[].runner] | unique' '["claude"]'
}

@test "a configuration that is there is not overwritten" {
  init
  printf 'mine\n' >"${HOME_FOLDER}/config.json"
  printf 'mine\n' >"${HOME_FOLDER}/roles/planner.md"
  init
  assert_failure 1
  assert_equal "${stderr}" "error: found existing ${HOME_FOLDER}/config.json"$'\n  code: ALREADY_INITIALISED\n  fix: Keep it, or use --force to replace it.'
  assert_equal "$(cat "${HOME_FOLDER}/config.json" "${HOME_FOLDER}/roles/planner.md")" $'mine\nmine'
}

@test "with --force the old files are kept as .bak" {
  local file
  init
  for file in config.json roles/planner.md roles/reviewer.md specs/initiation.md; do printf 'my %s\n' "${file}" >"${HOME_FOLDER}/${file}"; done
  init --force
  assert_success
  for file in config.json roles/planner.md roles/reviewer.md specs/initiation.md; do
    assert_equal "$(cat "${HOME_FOLDER}/${file}.bak")" "my ${file}"
    run cat "${HOME_FOLDER}/${file}"
    refute_output "my ${file}"
  done
  host::run validate --static
  assert_success
}

@test "roles that are there without a configuration are kept as .bak" {
  mkdir -p "${HOME_FOLDER}/roles"
  printf 'mine\n' >"${HOME_FOLDER}/roles/planner.md"
  init
  assert_success
  assert_equal "$(cat "${HOME_FOLDER}/roles/planner.md.bak")" mine
}

@test "init without jq says so and leaves no blank configuration behind" {
  rm "${TMP}/bin/jq"
  init
  assert_failure 1
  assert_equal "${stderr}" $'error: jq is not installed\n  code: JQ_MISSING\n  fix: Install jq.'
  run ! test -e "${HOME_FOLDER}/config.json"
}

@test "init works in a folder that git does not know" {
  rm -rf "${REPO}/.git"
  init
  assert_success
}
