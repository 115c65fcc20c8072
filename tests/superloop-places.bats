#!/usr/bin/env bats
# superloop.sh in repositories of all kinds: odd paths, without git, without commits, part of a larger one.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::door <<<'answer "marker for ${F_role}"'
}

# What must hold wherever the repository lies.
assert_complete_run() {
  host::config '.loops[0].roles |= {planner, reviewer} | .runners.planner.args = ["{repo}"] | .loops[0] += {
    tests: {mode: "every", commands: ["test -f .superloop/config.json"]}, checklists: ["a list.md"],
    evidence: {enabled: true, require_on_completion: true, artifacts: ["a list.md", "src/**"]},
    rlms: {enabled: true, policy: {force_on: true}, context: {include: ["src/*.c"]}}}'
  host::run run
  assert_equal "${stderr}" ""
  assert_success
  assert_line "Loop 'work' complete at iteration 1."
  # the agent was told of the repository as it is
  assert_equal "$(cat "${AGENTS}/planner.arguments")" "$(host::loop last_messages/planner.txt)|${REPO}|${REPO}"
  run cat "${AGENTS}/reviewer.prompt-1"
  assert_line "- Repository: ${REPO}"
  assert_line "- marker for reviewer"
  # so was the door, of every file of the context
  run sort "${TMP}/door.context-2"
  assert_line "${REPO}/.superloop/specs/work.md"
  assert_line "${REPO}/src/code.c"
  # and the records name files as seen from the repository
  host::assert_json "$(host::loop evidence.json)" '.artifacts | map([.path, .exists])' '[["a list.md",true],["src/code.c",true]]'
  host::assert_json "$(host::loop rlms/latest/reviewer.status.json)" .result_file '".superloop/loops/work/rlms/iter-1/reviewer/result.json"'
}

make_place() {
  host::make_repo "$1"
  host::agent planner <<<'printf "%s|%s|%s" "$1" "$2" "$(pwd -P)" >"${AGENTS}/planner.arguments"'
  host::file "a list.md" '- [x] done'
  host::file src/code.c
}

@test "a path with spaces" {
  make_place "${TMP}/a  repo "
  assert_complete_run
}

@test "a path with quotes of every kind" {
  make_place "${TMP}/it's a \"repo\" \`here\`"
  assert_complete_run
}

@test "a path with a dollar, a backslash and brackets" {
  make_place "${TMP}/\$HOME \\n [a] {b} (c) *"
  assert_complete_run
}

@test "a path with an ampersand, a semicolon, a percent and a hash sign" {
  make_place "${TMP}/R&D; 100% #1"
  assert_complete_run
}

@test "a path that is not ASCII" {
  make_place "${TMP}/プロジェクト é 🎉"
  assert_complete_run
}

@test "a path that starts with a dash, given relative" {
  make_place "${TMP}/-n"
  cd "${TMP}"
  run --separate-stderr "${PROJECT_ROOT}/superloop.sh" run --repo=-n
  assert_success
}

@test "a folder that git does not know" {
  make_place "${TMP}/repo"
  rm -rf "${REPO}/.git"
  assert_complete_run
}

@test "a repository without commits" {
  make_place "${TMP}/repo"
  rm -rf "${REPO}/.git"
  git -C "${REPO}" init -q
  assert_complete_run
}

@test "a folder of a larger repository" {
  git -C "${TMP}" init -q
  make_place "${TMP}/repo"
  rm -rf "${REPO}/.git"
  git -C "${TMP}" add repo
  assert_complete_run
}

@test "a repository that is reached through a link" {
  make_place "${TMP}/real"
  ln -s real "${TMP}/link"
  run --separate-stderr "${PROJECT_ROOT}/superloop.sh" run --repo "${TMP}/link"
  assert_success
  run cat "${AGENTS}/reviewer.prompt-1"
  assert_line "- Repository: ${TMP}/real"
}

@test "an empty HOME, extra certificates and another locale change nothing" {
  local locale
  export HOME="" NODE_EXTRA_CA_CERTS=${TMP}/none.pem
  for locale in C C.UTF-8; do
    export LC_ALL=${locale}
    rm -rf "${TMP}/repo é" "${TMP}"/door.[cf]*
    make_place "${TMP}/repo é"
    rm -f "${TURNS}"
    assert_complete_run
  done
}

@test "a file that cannot be read does not end the loop" {
  make_place "${TMP}/repo"
  host::make_unreadable "${REPO}/src/secret.c"
  host::config '.loops[0].roles |= {reviewer} | .loops[0].rlms = {enabled: true, policy: {force_on: true}, context: {include: ["src/*.c"]}}'
  host::run run
  assert_success
  assert_line "Loop 'work' complete at iteration 1."
}

@test "a configuration of another place is used with --config" {
  make_place "${TMP}/repo"
  mv "${REPO}/.superloop/config.json" "${TMP}/other config.json"
  host::run run --config "${TMP}/other config.json"
  assert_success
  cd "${TMP}"
  host::run list --config "other config.json"
  assert_success
  assert_line --index 1 --regexp '^work +COMPLETED '
}

@test "a role that removes the loop's folder does not leave a run that seems to go on" {
  host::make_repo
  host::agent planner <<<"rm -rf '${REPO}/.superloop/loops'"
  host::run run
  assert_failure 1
  run printf '%s' "${stderr}"
  assert_output --partial "  code: RUN_FAILED"
  host::assert_json "${REPO}/.superloop/state.json" .active false
}

@test "a pipe that a role put in place of the events holds nobody up" {
  host::make_repo
  host::agent planner <<<"rm -f '$(host::loop events.jsonl)'; mkfifo '$(host::loop events.jsonl)'"
  host::run run
  assert_success
  assert [ -f "$(host::loop events.jsonl)" ]
}
