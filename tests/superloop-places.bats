#!/usr/bin/env bats
# superloop.sh in repositories of all kinds: odd paths, without git, without commits, part of a larger one.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
}

# A repository whose implementer changes a file, and a loop with every gate that needs no person, an analysis by the
# offline model in each role, and commits.
# make_place [DIR]
make_place() {
  host::make_repo ${1+"$1"}
  host::identify
  host::file "a list.md" '- [x] done'
  host::file src/code.c 'int answer = 42;'
  host::agent implementer <<<'printf "%s|%s|%s|" "$1" "$2" "${PWD}" >"${AGENTS}/arguments"; echo "int more;" >>src/code.c; echo done >"$1"'
  host::config '.runners.implementer.args = ["{repo}"] | .loops[0].roles |= {implementer, reviewer} | .loops[0] += {
    tests: {mode: "every", commands: ["test -f .superloop/config.json"]}, checklists: ["a list.md"],
    validation: {enabled: true, require_on_completion: true, mode: "every", commands: ["grep -q more src/code.c"]},
    prerequisites: {enabled: true, require_on_completion: true, checks: [{type: "file_exists", path: "src/code.c"}]},
    evidence: {enabled: true, require_on_completion: true, artifacts: ["a list.md", "src/**"]},
    reviewer_packet: {enabled: true}, stuck: {enabled: true, threshold: 2, action: "report_and_stop"},
    git: {commit_strategy: "per_iteration"},
    rlms: {enabled: true, policy: {force_on: true}, context: {include: ["src/*.c"]}, models: {root: {command: ["rlms:offline"]}}}}'
  host::commit
}

# go_to DIR: the repository that is meant from here on.
go_to() {
  REPO=$1
}

# What must hold wherever the repository lies. What git would give is left out where it is not.
# assert_complete_run [without-git]
assert_complete_run() {
  host::run run
  assert_equal "${stderr}" "${1+warning: no commits are made, and roles and analyses are not told which files have changed: ${REPO} is in no git repository; run git init there}"
  assert_success
  assert_line "Loop 'work' complete at iteration 1."
  assert_equal "$(cat "$(host::loop gate-summary.txt)")" \
    "promise=true tests=ok validation=ok checklist=ok prerequisites=ok evidence=ok stuck=0/2 approval=skipped"
  # the agent was told of the repository as it is
  assert_equal "$(cat "${AGENTS}/arguments")" "$(host::loop last_messages/implementer.txt)|${REPO}|${REPO}|"
  [[ $'\n'$(cat "${AGENTS}/reviewer.prompt-1") == *$'\n'"- Repository: ${REPO}"$'\n'* ]] || fail "the prompt does not name the repository"
  assert_analysis
  assert_records
  [[ -n ${1-} ]] || assert_equal "$(git -C "${REPO}" show --relative --name-only --format= HEAD)" "${COMMITTED-src/code.c}"
}

# The reviewer's analysis read the spec and the code, and its citations stand there.
assert_analysis() {
  local result
  result=$(host::loop rlms/iter-1/reviewer/result.json)
  host::assert_json "${result}" '[.ok, (.citations | length > 0), all(.citations[]; .verified)]' '[true,true,true]'
  host::assert_json "${result}" '[".superloop/specs/work.md", "src/code.c"] - [.files[].path]' '[]'
  host::assert_json "$(host::loop rlms/latest/reviewer.status.json)" .result_file '".superloop/loops/work/rlms/iter-1/reviewer/result.json"'
  [[ $(cat "${AGENTS}/reviewer.prompt-1") == *'# RLMS Analysis'* ]] || fail "the prompt has no analysis"
}

# Records name files as seen from the repository, with hashes that are true; the other commands read them.
assert_records() {
  local line path
  host::assert_json "$(host::loop evidence.json)" '.artifacts | map([.path, .exists])' '[["a list.md",true],["src/code.c",true]]'
  host::assert_json "$(host::loop evidence.json)" '[.tests.status_sha256, (.rlms | .index_sha256, .latest[0].sha256, .files[0].sha256)] | map(type) | unique' '["string"]'
  host::assert_json "$(host::loop run-summary.json)" '.entries[0].artifacts | [.plan, .evidence, .events] | map([.path, .exists])' \
    '[[".superloop/loops/work/plan.md",true],[".superloop/loops/work/evidence.json",true],[".superloop/loops/work/events.jsonl",true]]'
  while IFS= read -r line; do
    path=$(jq -r .path <<<"${line}")
    assert_equal "${path} $(host::sha256 "${REPO}/${path}")" "${path} $(jq -r .sha256 <<<"${line}")"
  done < <(jq -c '.. | objects | select(.exists == true)' "$(host::loop evidence.json)")
  host::run report
  assert_output "Wrote report to $(host::loop report.html)"
  assert grep -q 'src/code.c' "$(host::loop report.html)"
  host::run status --json
  assert_equal "${stderr}" ""
  assert_equal "$(jq -r .status <<<"${output}")" complete
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

@test "a path with an ampersand, a semicolon, an equals, a percent and a hash sign" {
  make_place "${TMP}/R&D; a=b 100% #1"
  assert_complete_run
}

@test "a path that is not ASCII" {
  make_place "${TMP}/プロジェクト é 🎉"
  assert_complete_run
}

@test "a path with line ends, two of them at its end" {
  make_place "${TMP}/two"$'\n'" lines"$'\n\n'
  assert_complete_run
}

@test "in a path with a line end a second run removes nothing that is not its own" {
  host::make_repo "${TMP}/two"$'\n'"lines/repo"
  host::config '.loops[0].roles |= {reviewer} | .loops[0].rlms = {enabled: true, policy: {force_on: true}, models: {root: {command: ["rlms:offline"]}}}'
  host::run run
  : >"${TMP}/mine"
  host::run run
  assert_success
  assert [ -e "${TMP}/mine" ]
}

@test "in a path with a line end a request that is too long for a task is a document of the analysis" {
  make_place "${TMP}/two"$'\n'"lines"
  mkdir -p "$(host::loop rlms/requests)"
  head -c 30000 /dev/zero | tr '\0' x >"$(host::loop rlms/requests/reviewer.md)"
  host::run run
  assert_success
  host::assert_json "$(host::loop rlms/iter-1/reviewer/result.json)" 'any(.files[]; .path == ".superloop/loops/work/rlms/requests/reviewer.md")' true
}

@test "a path that starts with a dash, given relative" {
  make_place "${TMP}/-n"
  cd "${TMP}"
  run --separate-stderr "${PROJECT_ROOT}/superloop.sh" run --repo=-n
  assert_success
}

@test "a folder that git does not know: what is lost is said" {
  make_place
  rm -rf "${REPO}/.git"
  assert_complete_run without-git
}

@test "a repository without commits" {
  make_place
  rm -rf "${REPO}/.git"
  git -C "${REPO}" init -q
  host::identify
  assert_complete_run
}

@test "a folder of a larger repository" {
  make_place "${TMP}/large/repo"
  rm -rf "${REPO}/.git"
  git -C "${TMP}/large" init -q
  host::identify
  host::commit
  assert_complete_run
}

@test "a worktree of a repository" {
  make_place
  git -C "${REPO}" worktree add -q -b other "${TMP}/work tree"
  go_to "${TMP}/work tree"
  assert_complete_run
  assert_equal "$(git -C "${TMP}/repo" rev-list --count HEAD)" "$(git -C "${REPO}" rev-list --count HEAD^)"
}

@test "a repository that is a module of another one" {
  make_place "${TMP}/module"
  git init -q "${TMP}/large"
  git -C "${TMP}/large" -c protocol.file.allow=always submodule --quiet add "${TMP}/module" "a module"
  go_to "${TMP}/large/a module"
  host::identify
  assert_complete_run
}

@test "a repository whose folder of git lies elsewhere" {
  make_place
  git -C "${REPO}" init -q --separate-git-dir "${TMP}/the git"
  assert_complete_run
}

@test "a repository that is reached through a link" {
  make_place "${TMP}/real"
  ln -s real "${TMP}/link"
  cd "${TMP}"
  run --separate-stderr "${PROJECT_ROOT}/superloop.sh" run --repo link
  assert_success
  run cat "${AGENTS}/reviewer.prompt-1"
  assert_line "- Repository: ${TMP}/real"
}

@test "a loop's folder that is a link to another place" {
  make_place
  mkdir "${TMP}/elsewhere"
  ln -s "${TMP}/elsewhere" "${REPO}/.superloop/loops"
  assert_complete_run
}

@test "a file that cannot be read does not end the loop" {
  make_place "${TMP}/repo"
  host::make_unreadable "${REPO}/src/secret.c"
  host::config '.loops[0].roles |= {reviewer} | .loops[0].rlms = {enabled: true, policy: {force_on: true}, context: {include: ["src/*.c"]}}'
  host::run run
  assert_success
  assert_line "Loop 'work' complete at iteration 1."
}

@test "a configuration that cannot be written" {
  make_place
  chmod a-w "${REPO}/.superloop/config.json"
  assert_complete_run
}

@test "a configuration of another place is used with --config, its full path or as seen from the working directory" {
  make_place
  mv "${REPO}/.superloop/config.json" "${TMP}/other config.json"
  cp "${TMP}/other config.json" "${TMP}/-c.json"
  host::run validate --static --config "${TMP}/other config.json"
  assert_success
  cd "${TMP}"
  host::run validate --static --config=-c.json
  assert_success
  mkdir "${TMP}/sub"
  cd "${TMP}/sub"
  host::run list --config "../other config.json"
  assert_success
  assert_line --index 1 --regexp '^work +NOT STARTED '
}

@test "a role that removes the loop's folder does not leave a run that seems to go on" {
  host::make_repo
  host::agent planner <<<"rm -rf '${REPO}/.superloop/loops'"
  host::run run
  assert_failure 1
  assert_equal "${stderr}" "error: cannot write $(host::loop usage-notes.jsonl): No such file or directory
  code: FILE_NOT_WRITTEN
  fix: Its folder is gone: find out what removed it, perhaps the program of a role; then run again."
  host::assert_json "${REPO}/.superloop/state.json" .active false
}
