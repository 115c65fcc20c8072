#!/usr/bin/env bats
# git.commit_strategy per_iteration: what is committed, and what is not.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  make_repo
}

# A repository with one commit, in which the implementer makes work.txt and the reviewer promises.
# make_repo [DIR]
make_repo() {
  host::make_repo ${1+"$1"}
  host::identify
  host::file base.txt
  host::config_commits .
  host::commit
  implementer <<<'echo "${ITERATION}" >work.txt'
}

host::config_commits() {
  host::config '.loops[0] += {git: {commit_strategy: "per_iteration"}} | .loops[0].roles |= {implementer, reviewer} | '"$1"
}

# What the implementer does in the repository, a script on standard input.
implementer() {
  host::agent implementer <<<"echo done >\"\$1\"; cd '${REPO//\'/\'\\\'\'}'; $(cat)"
}

in_repo() {
  git -C "${REPO}" "$@"
}

# The files of a commit (default: the last), one a line.
committed() {
  in_repo -c core.quotePath=false show --name-status --format= --no-renames "${1:-HEAD}"
}

# What is not committed, the loop's own state left out.
uncommitted() {
  in_repo status --short -- . ':(exclude).superloop/loops' ':(exclude).superloop/state.json'
}

run_loop() {
  host::run run
  assert_success
}

@test "each iteration is a commit of what it changed, with the loop and the iteration in its message" {
  host::agent reviewer <<<'if ((ITERATION == 2)); then echo "<promise>DONE</promise>" >"$1"; fi'
  run_loop
  assert_equal "$(in_repo log --format=%s | head -n 2)" "[superloop] work iteration 2: 1 file changed (tests: skipped)
[superloop] work iteration 1: 1 file changed (tests: skipped)"
  assert_equal "$(in_repo log -1 --format='%(trailers:key=Superloop-Loop,key=Superloop-Iteration)')" "Superloop-Loop: work
Superloop-Iteration: 2"
  assert_equal "$(committed HEAD)|$(committed HEAD~1)" $'M\twork.txt|A\twork.txt'
  assert_equal "$(uncommitted)" ""
  assert_output --partial "Committed $(in_repo rev-parse --short HEAD): [superloop] work iteration 2"
  host::assert_json <(jq -c 'select(.event == "auto_commit_success")' "$(host::loop events.jsonl)" | tail -n 1) \
    '[.iteration, .data.sha, .data.files]' "[2,\"$(in_repo rev-parse --short HEAD)\",1]"
}

@test "an iteration that changes nothing makes no commit" {
  implementer <<<:
  run_loop
  assert_equal "$(in_repo rev-list --count HEAD)" 2
  assert_equal "$(jq -c 'select(.event == "auto_commit_skipped") | .data' "$(host::loop events.jsonl)")" '{"reason":"no_changes"}'
}

@test "--dry-run tells of the commits and the commands before them, and makes none" {
  host::config_commits '.loops[0].git.pre_commit_commands = ["npm run lint", "true"]'
  host::run run --dry-run
  assert_success
  assert_line "  git, a commit for each iteration: npm run lint; true"
  assert_equal "$(in_repo rev-list --count HEAD)" 2
}

@test "each loop of a run has its own list of what has changed, and its own commits" {
  host::config_commits '.loops += [.loops[0] | .id = "second"]'
  host::agent reviewer <<<'echo "<promise>DONE</promise>" >"$1"'
  run_loop
  assert_equal "$(in_repo log --format=%s | sed 's/:.*//' | head -n 2)" $'[superloop] second iteration 1\n[superloop] work iteration 1'
  assert_equal "$(cat "$(host::loop changed-files-all.txt second)")" $'.superloop/config.json\nwork.txt'
}

@test "without per_iteration nothing is committed" {
  host::config '.loops[0].roles |= {implementer, reviewer}'
  run_loop
  assert_equal "$(in_repo rev-list --count HEAD)" 2
  assert_equal "$(uncommitted)" $' M .superloop/config.json\n?? work.txt'
}

@test "what the user has staged stays staged and is not committed, even where a role changes it further" {
  host::file staged.txt mine
  host::file base.txt "staged change"
  in_repo rm -q --cached .superloop/specs/work.md
  in_repo add staged.txt base.txt
  host::file base.txt "and more"
  local before
  before=$(in_repo diff --cached)
  implementer <<<'echo theirs >>staged.txt; echo new >work.txt'
  run_loop
  assert_equal "$(committed)" $'A\twork.txt'
  assert_equal "$(in_repo diff --cached)" "${before}"
  assert_equal "${stderr}" "warning: left out of the commit, because you had staged them before: staged.txt"
  assert_equal "$(cat "${REPO}/staged.txt")" $'mine\ntheirs'
}

@test "what the user has changed stays uncommitted while no role touches it" {
  host::file base.txt "mine, not staged"
  host::file notes.txt "mine, not known to git"
  rm "${REPO}/.superloop/specs/work.md"
  host::file .superloop/specs/work.md "a spec that changed"
  run_loop
  assert_equal "$(committed)" $'A\twork.txt'
  assert_equal "$(uncommitted)" $' M .superloop/specs/work.md\n M base.txt\n?? notes.txt'
  implementer <<<'echo more >>base.txt'
  run_loop
  assert_equal "$(committed)" $'M\tbase.txt'
}

@test "what a role stages, deletes, renames or makes executable is committed as it then is" {
  host::file gone.txt
  host::file old.txt "a text that is long enough"
  host::file tool.sh
  host::commit
  implementer <<<'rm gone.txt; git mv old.txt new.txt; chmod +x tool.sh; echo one >work.txt; git add work.txt; echo two >work.txt
    ln -s base.txt link; rm base.txt; mkdir base.txt; echo inside >base.txt/file'
  run_loop
  assert_equal "$(committed)" $'D\tbase.txt\nA\tbase.txt/file\nD\tgone.txt\nA\tlink\nA\tnew.txt\nD\told.txt\nM\ttool.sh\nA\twork.txt'
  assert_equal "$(in_repo show HEAD:work.txt)" two
  assert_equal "$(uncommitted)" ""
}

@test "a change that is as long and as old as what it replaces is committed" {
  host::file work.txt 0
  in_repo config core.checkStat minimal
  in_repo config core.trustCtime false
  touch -t 202001010000 "${REPO}/work.txt"
  host::commit
  touch -t 202001010000 "${REPO}/.git/index"
  implementer <<<'echo 1 >work.txt; touch -t 202001010000 work.txt'
  run_loop
  assert_equal "$(in_repo show HEAD:work.txt)" 1
}

@test "a commit that a role makes by itself is left as it is" {
  implementer <<<'echo own >work.txt; git add work.txt; git commit -q -m own; echo later >later.txt'
  run_loop
  assert_equal "$(committed HEAD~1)|$(committed)" $'A\twork.txt|A\tlater.txt'
}

@test "the loop's own state is never committed, not even where git knows it" {
  host::file .superloop/state.json '{}'
  host::file .superloop/loops/work/plan.md old
  host::file .superloop/logs/x.log old
  in_repo add -f .superloop
  host::commit
  run_loop
  assert_equal "$(committed)" $'A\twork.txt'
  in_repo rm -rq --cached .superloop/loops .superloop/state.json .superloop/logs
  in_repo commit -q -m untracked
  run_loop
  assert_equal "$(committed)" $'M\twork.txt'
}

@test "names of any bytes are committed" {
  implementer <<<'touch -- "a b" " lead" "q\"uote" "it'"'"'s" "back\\slash" "$(printf "t\\tab")" "$(printf "two\\nlines")" é "$(printf "\\377x")" -n "*" "[a]" ":(glob)x" "\"quoted\"" "$(printf "a\\0013")"'
  run_loop
  assert_equal "$(uncommitted)" ""
  assert_equal "$(in_repo show --name-only --format= -z | tr '\n\0' '|\n' | LC_ALL=C sort)" \
    "$(printf '%b\n' ' lead' '"quoted"' '*' -n ':(glob)x' '[a]' 'a b' 'a\00013' 'back\\slash' "it's" 'q"uote' 't\tab' 'two|lines' é '\0377x' | LC_ALL=C sort)"
  assert_equal "$(sort "$(host::loop logs/iter-1/implementer.changed.txt)" | grep -c '')" 15
}

@test "the first commit of a repository without commits" {
  rm -rf "${REPO}/.git"
  in_repo init -q
  host::identify
  in_repo add .superloop/specs/work.md
  run_loop
  assert_equal "$(committed)" $'A\twork.txt'
  assert_equal "$(uncommitted)" $'A  .superloop/specs/work.md\n?? .superloop/config.json\n?? base.txt'
}

@test "a worktree has its own index and its own branch" {
  local main=${REPO}
  in_repo worktree add -q -b tree "${TMP}/tree" HEAD~1
  printf 'new\n' >"${TMP}/tree/new.txt"
  make_repo "${TMP}/tree"
  run_loop
  assert_equal "$(committed)" $'A\twork.txt'
  assert_equal "$(uncommitted)" ""
  assert_equal "$(git -C "${main}" status --short)$(git -C "${main}" rev-list --count HEAD)" 2
}

@test "in a folder of a larger repository only that folder's files are committed" {
  local top="${TMP}/the top"
  mkdir "${top}"
  git -C "${top}" init -q
  git -C "${top}" config user.name Tester
  git -C "${top}" config user.email tester@example.org
  make_repo "${top}/sub dir"
  rm -rf "${REPO}/.git"
  git -C "${top}" add -A
  git -C "${top}" commit -q -m all
  implementer <<<'echo 1 >work.txt; echo 1 >../outside.txt; echo 1 >"a b.txt"'
  run_loop
  assert_equal "$(committed)" $'A\tsub dir/a b.txt\nA\tsub dir/work.txt'
  assert_equal "$(git -C "${top}" status --short -- outside.txt)$(uncommitted)" "?? outside.txt"
}

@test "outside git a run says what is lost, and goes on" {
  rm -rf "${REPO}/.git"
  run_loop
  assert_output --partial "Loop 'work' complete at iteration 1."
  assert_equal "${stderr}" "warning: no commits are made, and roles and analyses are not told which files have changed: ${REPO} is in no git repository; run git init there"
  host::assert_json <(jq -c 'select(.event == "iteration_end")' "$(host::loop events.jsonl)") .data.changed_files null
}
