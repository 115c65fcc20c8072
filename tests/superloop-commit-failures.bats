#!/usr/bin/env bats
# Commits that cannot be made are told, and lose nothing; and how their messages come about.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
  git -C "${REPO}" config user.name Tester
  git -C "${REPO}" config user.email tester@example.org
  commits '{}'
  host::commit
  host::agent implementer <<<"echo done >\"\$1\"; echo \"\${ITERATION}\" >>'${REPO}/work.txt'"
  host::agent reviewer <<<'if ((ITERATION == 2)); then echo "<promise>DONE</promise>" >"$1"; fi'
}

# The configuration, with commits for each iteration of an implementer and a reviewer.
# commits GIT_SECTION [FILTER]
commits() {
  host::config '.loops[0] += {git: ({commit_strategy: "per_iteration"} + '"$1"')} | .loops[0].roles |= {implementer, reviewer} | '"${2-.}"
}

hook() {
  { printf '#!/bin/sh\n' && cat; } >"${REPO}/.git/hooks/$1"
  chmod +x "${REPO}/.git/hooks/$1"
}

count() {
  git -C "${REPO}" rev-list --count HEAD
}

show() {
  git -C "${REPO}" show "$@"
}

# The reasons of the commits that failed.
failures() {
  jq -r 'select(.event == "auto_commit_failed") | "\(.iteration) \(.data.reason)"' "$(host::loop events.jsonl)"
}

# The first line of what the run said of a commit that failed.
assert_told() {
  assert_equal "${stderr_lines[0]}" "warning: nothing is committed: $1; the work stays as it is, and is part of the next commit"
}

@test "a command before the commit may change files, and they are committed" {
  commits '{pre_commit_commands: ["echo formatted >formatted.txt", "echo again >>work.txt"]}'
  host::run run
  assert_success
  assert_equal "$(show HEAD~1:formatted.txt)" formatted
  assert_equal "$(show HEAD:work.txt)" $'1\nagain\n2\nagain'
}

@test "the gates judge what a command before the commit has made of the files" {
  commits '{pre_commit_commands: ["echo formatted >formatted.txt"]}' '.loops[0] += {tests: {mode: "every", commands: ["test -e formatted.txt"]},
    evidence: {enabled: true, require_on_completion: true, artifacts: ["formatted.txt"]}}'
  host::run run
  assert_success
  host::assert_json "$(host::loop evidence.json)" '[.tests.status.ok, .artifacts[0].sha256]' "[true,\"$(host::sha256 "${REPO}/formatted.txt")\"]"
}

@test "a command before the commit that fails is told, and the next commit has the work of both iterations" {
  commits '{pre_commit_commands: "if ! test -e again; then touch again; echo no good; exit 3; fi"}'
  host::run run
  assert_success
  assert_told "the command before it failed: if ! test -e again; then touch again; echo no good; exit 3; fi (see $(host::loop logs/iter-1/pre-commit.log))"
  assert_equal "${stderr_lines[1]}" "no good"
  assert_equal "$(failures)" "1 pre_commit_command"
  assert_equal "$(count) $(show --name-only --format=)" $'3 again\nwork.txt'
  assert_equal "$(show HEAD:work.txt)" $'1\n2'
}

@test "a hook that refuses is told in its own words, with the index and the work as they were" {
  hook pre-commit <<<'echo "not on a Friday" >&2; exit 1'
  git -C "${REPO}" commit -q --no-verify --allow-empty -m empty
  host::file staged.txt
  git -C "${REPO}" add staged.txt
  local before
  before=$(git -C "${REPO}" ls-files --stage)
  host::run run
  assert_success
  assert_line "Loop 'work' complete at iteration 2."
  assert_told "git or one of its hooks refused it (see $(host::loop logs/iter-1/commit.log))"
  assert_equal "${stderr_lines[1]}" "not on a Friday"
  assert_equal "$(failures | paste -sd ' ' -)" "1 commit 2 commit"
  assert_equal "$(git -C "${REPO}" ls-files --stage)" "${before}"
  assert_equal "$(cat "${REPO}/work.txt")" $'1\n2'
  assert_equal "$(count)" 3
  # once the hook is content, the next run commits all of it
  rm "${REPO}/.git/hooks/pre-commit" "${TURNS}"
  host::run run
  assert_success
  assert_equal "$(show --name-only --format=)" work.txt
}

@test "hooks see the commit's own index, and what they add to it is committed" {
  hook pre-commit <<<'git diff --cached --name-only >../hook.log; echo hooked >>work.txt; git add work.txt'
  host::file staged.txt
  git -C "${REPO}" add staged.txt
  host::run run
  assert_success
  assert_equal "$(cat "${TMP}/hook.log")" work.txt
  assert_equal "$(show HEAD:work.txt)" $'1\nhooked\n2\nhooked'
  assert_equal "$(git -C "${REPO}" status --short -- work.txt staged.txt)" "A  staged.txt"
}

@test "a hook of the message has its say" {
  hook commit-msg <<<'echo "Reviewed-by: hook" >>"$1"'
  host::run run
  assert_success
  assert_equal "$(show --no-patch --format='%(trailers:key=Reviewed-by,valueonly)')" hook
}

@test "in the middle of a merge nothing is committed" {
  git -C "${REPO}" checkout -q -b other
  host::file base.txt other
  host::commit
  git -C "${REPO}" checkout -q -
  host::file base.txt ours
  host::commit
  git -C "${REPO}" -c user.name=t -c user.email=t@example.org merge -q other >/dev/null || :
  local before
  before=$(git -C "${REPO}" ls-files --stage)
  host::run run
  assert_success
  assert_told "git is in the middle of something else (MERGE_HEAD)"
  assert_equal "$(failures | sort -u | paste -sd ' ' -)" "1 unfinished 2 unfinished"
  assert_equal "$(git -C "${REPO}" ls-files --stage)" "${before}"
}

@test "without an identity git's own advice is told" {
  git -C "${REPO}" config --unset user.name
  git -C "${REPO}" config --unset user.email
  git -C "${REPO}" config user.useConfigOnly true
  host::run run
  assert_success
  assert_equal "$(failures)" $'1 commit\n2 commit'
  assert [ -n "$(grep 'user.useConfigOnly\|Please tell me who you are' "$(host::loop logs/iter-1/commit.log)")" ]
  assert_equal "$(grep -cF "$(head -n 1 "$(host::loop logs/iter-1/commit.log)")" <<<"${stderr}")" 2 # from its first line on
}

@test "an index that another program holds costs no work, and the next commit follows it up" {
  : >"${REPO}/.git/index.lock"
  host::run run
  assert_success
  assert_equal "${stderr_lines[0]}" "warning: the commit is made, but git's index does not know of it yet: run git reset in ${REPO}"
  assert_equal "$(show HEAD:work.txt)" $'1\n2'
  assert [ -e "${REPO}/.git/index.lock" ]
}

@test "changes that git cannot take in are told, and the next commit has them" {
  commits '{pre_commit_commands: ["rm -rf .superloop/loops/work/commit.index; test -e again || { mkdir -p .superloop/loops/work/commit.index/x; touch again; }"]}'
  host::run run
  assert_equal "$(failures)" "1 index"
  assert_told "git cannot take in the changes (see $(host::loop logs/iter-1/commit.log))"
  assert_equal "$(show --name-only --format= HEAD)" $'again\nwork.txt'
}

@test "the work of a run that was broken off is part of the next run's first commit" {
  host::agent reviewer <<<'exit 1'
  host::run run
  assert_failure
  assert_equal "$(count)" 2
  host::agent reviewer <<<'echo "<promise>DONE</promise>" >"$1"'
  host::agent implementer <<<'echo done >"$1"'
  host::run run
  assert_success
  assert_equal "$(show --name-only --format=)" work.txt
}

@test "the template's placeholders are filled in" {
  commits '{commit_message: {template: "{loop_id}/{iteration} {run_id} [{tests}] ({files}) {"}}'
  host::run run
  assert_success
  assert_equal "$(show --no-patch --format=%s)" "work/2 $(jq -r .run_id "$(host::loop events.jsonl)" | head -n 1) [skipped] (1) {"
}

# author SCRIPT [SETTINGS]: messages are written by the reviewer's runner, which does SCRIPT when it is asked for one.
author() {
  commits "{commit_message: ({authoring: \"llm\", max_subject_length: 30} + ${2:-{\}})}"
  host::agent reviewer <<<"if grep -q 'message of a git commit' \"\${AGENTS}/reviewer.prompt-\${ITERATION}\"; then
    $1
  elif ((ITERATION >= 3)); then echo '<promise>DONE</promise>' >\"\$1\"; fi"
}

@test "a role's runner writes the message from the changes" {
  author 'printf "\n\`\`\`text\nThe counter counts \nfor the spec\n\nIt did not.\n\`\`\`\n\n" >"$1"'
  host::run run
  assert_success
  assert_equal "${stderr}" ""
  assert_equal "$(show --no-patch --format=%B)" "The counter counts

for the spec

It did not.

Superloop-Loop: work
Superloop-Iteration: 2
Superloop-Run: $(jq -r .run_id "$(host::loop events.jsonl)" | head -n 1)"
  run cat "${AGENTS}/reviewer.prompt-2"
  assert_line "Spec: .superloop/specs/work.md"
  assert_line --partial "work.txt | 1 +"
  assert_line "+++ b/work.txt"
  assert_line "- First line: what holds now, in at most 30 characters."
}

@test "an answer in the JSON of an agent program is read as the message, and its cost is noted" {
  author "printf '%s' '{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"result\":\"By JSON\",\"total_cost_usd\":0.5,\"usage\":{\"input_tokens\":7,\"output_tokens\":3}}'"
  host::run run
  assert_success
  assert_equal "$(show --no-patch --format=%s)" "By JSON"
  host::assert_json <(jq -s 'map(select(.cost_usd != null))' "$(host::loop usage.jsonl)") '[.[] | [.iteration, .role, .cost_usd]]' '[[1,"reviewer",0.5],[2,"reviewer",0.5]]'
}

@test "a subject that is too long is cut at whole characters" {
  author 'echo "日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本" >"$1"'
  host::run run
  assert_success
  assert_equal "$(show --no-patch --format=%s)" "日本日本日本日本日本日本日本日本日本日本日本日本日本日本日…"
}

@test "a runner that fails, hangs or says nothing gives way to the template" {
  local script
  for script in 'exit 1' 'sleep 30' 'printf "\n\`\`\`\n" >"$1"'; do
    rm -f "${TURNS}"
    author "${script}" '{timeout_seconds: 1}'
    host::run run
    assert_success
    assert_equal "$(show --no-patch --format=%s | sed 's/:.*//')" "[superloop] work iteration 2"
    assert_equal "$(grep -c "for a commit message; the template is used\|wrote no commit message (see .*); the template is used" <<<"${stderr}")" 2
  done
}

@test "a role that does not run may write the messages" {
  commits '{commit_message: {authoring: "llm", author_role: "planner"}}'
  jq '.role_defaults.planner.runner = "planner"' "${REPO}/.superloop/config.json" >"${TMP}/config.json"
  mv "${TMP}/config.json" "${REPO}/.superloop/config.json"
  host::agent planner <<<'echo "By the planner" >"$1"'
  host::run run
  assert_success
  assert_equal "$(show --no-patch --format=%s)" "By the planner"
}

@test "what a runner changes while it writes the message is not part of that commit" {
  author "echo Message >\"\$1\"; echo meddled >>'${REPO}/meddled.txt'"
  host::run run
  assert_success
  assert_equal "$(show --name-only --format= HEAD~1)" work.txt
  assert_equal "$(show --name-only --format= HEAD)" $'meddled.txt\nwork.txt'
}
