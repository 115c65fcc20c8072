#!/usr/bin/env bats
# Where a goal finds itself: places that are no work tree, and agents that take the ground away.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/goal
  set_up_goal
}

teardown() { tear_down_goal; }

@test "where there is no work tree a goal is refused, and nothing is left there" {
  git init -q --bare "${TMP}/bare"
  local place
  for place in "${TMP}/bare" "${REPO}/.git"; do
    cd "${place}" || return 1
    goal --validator 'false'
    assert_equal "${status} ${output}" "5 "
    assert_regex "${stderr}" "error: ${place} is no work tree: it is a bare repository, or inside of .git"$'\n  code: goal_config\n  fix: Go to a work tree, or make one'
    assert [ ! -e "${place}/.runs" ]
  done
}

@test "an agent that removes what the run keeps, as git clean does, ends it with a message; its work stands" {
  agent <<<'echo finished >ok; git clean -qfdx -e ok'
  goal --validator 'test -e ok'
  assert_equal "${status}" 10
  assert_regex "${stderr}" 'error: .*/\.runs/.* is gone: somebody, perhaps the agent, has removed what the run keeps'
  assert_regex "${stderr}" 'fix: The work in the repository stands\. Begin anew with rlm goal'
  assert_equal "$(<ok)" finished
  goal --validator 'test -e ok'
  assert_equal "${status}" 0
}

@test "a repository without a commit, a plain folder, and an agent that commits on a branch of its own are as good" {
  local place
  agent <<<'echo done >ok; echo more >"a name with
a line"; if [[ -d .git ]]; then git checkout -q -b own; git add ok; git -c user.name=a -c user.email=a@b commit -qm own; fi'
  mkdir "${TMP}/plain" "${TMP}/fresh"
  git init -q "${TMP}/fresh"
  for place in "${TMP}/plain" "${TMP}/fresh" "${REPO}"; do
    cd "${place}" || return 1
    goal --validator 'test -e ok'
    assert_equal "${status}" 0
    assert_regex "${output}" $'\n  1  passed .*  2 files \\+2 -0'
  done
}
