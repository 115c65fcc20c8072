#!/usr/bin/env bats
# superloop.sh under what users have in their environments and start-up files: a whole loop, as anywhere else.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  export HOME=${TMP} SUPERLOOP=${PROJECT_ROOT}/superloop.sh
  host::make_repo "${TMP}/repo é"
  host::identify
  host::file src/code.c
  host::agent implementer <<<'echo new >>src/code.c; echo done >"$1"'
  host::config '.loops[0].roles |= {implementer, reviewer} | .loops[0] += {
    evidence: {enabled: true, require_on_completion: true, artifacts: ["src/**", "*/*.c"]},
    git: {commit_strategy: "per_iteration"}, stuck: {enabled: true, threshold: 3, action: "report_and_stop"},
    prerequisites: {enabled: true, require_on_completion: true, checks: [{type: "file_exists", path: "src/code.c"}]},
    rlms: {enabled: true, policy: {force_on: true}, context: {include: ["src/*.c"]}, models: {root: {command: ["rlms:offline"]}}}}'
  host::commit
}

# With bats' run: the loop completes, nobody complains, the analysis read the code, and the change is committed.
assert_as_anywhere() {
  assert_equal "${stderr}" "${1-}"
  assert_success
  assert_line "Loop 'work' complete at iteration 1."
  host::assert_json "$(host::loop rlms/iter-1/reviewer/result.json)" '[.ok, any(.files[]; .path == "src/code.c")]' '[true,true]'
  assert_equal "$(git -C "${REPO}" show --name-only --format= HEAD)" src/code.c
}

# run_with NAME=VALUE…
run_with() {
  run --separate-stderr env "$@" "${SUPERLOOP}" run --repo "${REPO}"
}

# A start-up file of non-interactive shells, a script on standard input.
run_with_start_up_file() {
  cat >"${TMP}/start-up"
  run_with BASH_ENV="${TMP}/start-up"
}

@test "CDPATH, IFS, a time zone and the options of other programs" {
  run_with CDPATH=/:.:/tmp IFS=/e TZ=Asia/Kathmandu GREP_OPTIONS="-v --color=always" GREP_COLORS=x PAGER=false GIT_PAGER=false \
    JQ_COLORS="0;31:0;31" FORCE_COLOR=1 CLICOLOR_FORCE=1
  assert_as_anywhere
}

@test "next to no environment at all" {
  run --separate-stderr env -i PATH="${PATH}" GIT_CONFIG_GLOBAL=/dev/null "${SUPERLOOP}" run --repo "${REPO}"
  assert_as_anywhere
}

@test "a HOME that is empty, extra certificates and a folder for temporary files that are not there" {
  run_with HOME= NODE_EXTRA_CA_CERTS="${TMP}/none.pem" TMPDIR="${TMP}/none"
  assert_as_anywhere
}

@test "the locale C" {
  run_with LC_ALL=C
  assert_as_anywhere
}

@test "a locale that is not installed is complained of by Bash alone, as it starts" {
  run_with LC_ALL=xx_XX.UTF-8 LANG=xx_XX
  assert_as_anywhere "bash: warning: setlocale: LC_ALL: cannot change locale (xx_XX.UTF-8)"
}

@test "a start-up file with set -u, a mask for new files and aliases" {
  run_with_start_up_file <<<'set -u; umask 077; shopt -s expand_aliases; alias cat=false grep="grep --color=always" cd="cd -P"'
  assert_as_anywhere
}

@test "a start-up file that changes what patterns match" {
  run_with_start_up_file <<<'set -f -C +B; shopt -s failglob nocasematch nocaseglob dotglob extglob'
  assert_as_anywhere
  rm -rf "${REPO}/.superloop/loops"
  git -C "${REPO}" reset -q --hard HEAD^
  run_with_start_up_file <<<'shopt -s nullglob'
  assert_as_anywhere
}

@test "options of Bash in the environment" {
  run_with SHELLOPTS=noclobber:noglob:nounset BASHOPTS=failglob:nocasematch:dotglob
  assert_as_anywhere
}

@test "the mode of POSIX" {
  run_with POSIXLY_CORRECT=1
  assert_as_anywhere
}

@test "settings of the same names as the host's own" {
  run_with SL_FLAG_DRY_RUN=true SL_FLAG_OUT=x SL_RUN_ID=x SL_ITERATION=7 SL_LOOP=none SL_ID=none SL_BUDGET_MAX_USD=0
  assert_as_anywhere
}

@test "a hook of git of another repository, or one with other rules for paths" {
  git init -q "${TMP}/other"
  run_with GIT_DIR="${TMP}/other/.git" GIT_INDEX_FILE="${TMP}/other/.git/index" GIT_WORK_TREE="${TMP}/other" GIT_PREFIX=sub/ \
    GIT_LITERAL_PATHSPECS=1
  assert_as_anywhere
}

@test "settings of git that change what it prints" {
  local setting
  for setting in color.ui=always status.short=true status.showUntrackedFiles=no status.relativePaths=false diff.noprefix=true \
    diff.mnemonicPrefix=true core.quotePath=false core.fsmonitor=false diff.external=false; do
    git -C "${REPO}" config "${setting%%=*}" "${setting#*=}"
  done
  host::file src/untracked.c
  run_with
  assert_as_anywhere
}

@test "without an open standard input" {
  run --separate-stderr bash -c '"${SUPERLOOP}" run --repo "$1" <&-' bash "${REPO}"
  assert_as_anywhere
}

@test "who went away from reading its progress is no reason to lose a run" {
  run --separate-stderr bash -c '"${SUPERLOOP}" run --repo "$1" | true; echo "${PIPESTATUS[0]}"' bash "${REPO}"
  assert_output 0
  assert_equal "${stderr}" ""
  run --separate-stderr bash -c '"${SUPERLOOP}" run --repo "$1" >&- 2>&-' bash "${REPO}"
  assert_success
}

@test "standard streams that are closed are no reason to fail, and no record takes their place" {
  local closed
  for closed in '<&- 2>&-' '<&-' '>&-' '<&- >&- 2>&-'; do
    run bash -c "'${PROJECT_ROOT}/superloop.sh' run --repo '${REPO}' ${closed}"
    assert_success
    jq -es 'last.event == "loop_complete"' "$(host::loop events.jsonl)"
  done
}

@test "git does not show what loops leave behind, also where init has not been" {
  host::run run
  assert_success
  assert_equal "$(git -C "${REPO}" status --short --untracked-files=all)" ""
  echo 'mine' >"${REPO}/.superloop/.gitignore"
  rm -rf "${REPO}/.superloop/loops"
  host::run run
  assert_equal "$(cat "${REPO}/.superloop/.gitignore")" mine
}

@test "without git a run says what is lost, and goes on" {
  local folder program
  mkdir "${TMP}/programs"
  while IFS= read -r -d : folder; do
    for program in "${folder}"/*; do
      if [[ ${program##*/} != git* && ! -e ${TMP}/programs/${program##*/} ]]; then ln -s "${program}" "${TMP}/programs"; fi
    done
  done <<<"${PATH}:"
  run_with PATH="${TMP}/programs"
  assert_success
  assert_equal "${stderr}" "warning: the files of loop 'work' cannot be compared; stuck detection does not count: git: command not found
warning: no commits are made, and roles and analyses are not told which files have changed: git is not installed"
  assert_line "Loop 'work' complete at iteration 1."
}

@test "of a repository that a role has removed the run says that nothing is committed" {
  host::agent implementer <<<'rm -rf .git; echo done >"$1"'
  run_with
  assert_success
  assert_equal "${stderr_lines[0]}" "warning: nothing is committed: git knows no repository here any more (see $(host::loop logs/iter-1/commit.log)); the work stays as it is, and is part of the next commit"
  host::assert_json <(jq -c 'select(.event == "auto_commit_failed")' "$(host::loop events.jsonl)") .data.reason '"no_repository"'
}
