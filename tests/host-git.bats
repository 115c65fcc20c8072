#!/usr/bin/env bats
# git: what it knows of the repository.

setup() {
  load helpers/host
  host::setup
  host::settings
  host::source git git/changes
}

init() {
  git -C "${REPO}" init -q
}

# The changed files, separated by bars.
changed() {
  git::is_repo || return 0
  git::changes::scan_into SCAN
  printf '%s' "${GIT_NAMES}" | LC_ALL=C sort | paste -sd '|' -
}

@test "outside git every question has an empty answer" {
  run ! git::is_repo
  host::file a.txt
  assert_equal "$(changed)" ""
  git::changes::begin
  git::changes::note_role planner
  assert_equal "${GIT_CHANGED}" null
  assert [ ! -e "${SL_CHANGED_FILE}" ]
}

@test "changed, staged, untracked and renamed files are listed once, ignored and unchanged ones are not" {
  init
  host::file .gitignore 'ignored*'
  host::file same.txt
  host::file edited.txt
  host::file both.txt
  host::file "old name.txt" "a text that is long enough for git to see the same file under two names"
  host::commit
  host::file edited.txt other
  host::file both.txt staged
  host::file staged.txt
  git -C "${REPO}" add both.txt staged.txt
  host::file both.txt "and edited again"
  git -C "${REPO}" mv "old name.txt" "new name.txt"
  host::file folder/new.txt
  host::file ignored.txt
  assert_equal "$(changed)" 'both.txt|edited.txt|folder/new.txt|new name.txt|staged.txt'
}

@test "in a repository without commits everything that is there has changed" {
  init
  host::file a.txt
  host::file b.txt
  git -C "${REPO}" add b.txt
  assert_equal "$(changed)" 'a.txt|b.txt'
}

@test "odd names are listed as they are; a line end in one leaves it out" {
  init
  local name
  for name in 'a b' ' lead' 'q"uote' "it's" 'back\slash' $'tab\there' é '日本' '-n' '*' '[a]' ':(glob)x' $'two\nlines'; do
    host::file "${name}"
  done
  git::is_repo
  git::changes::scan_into SCAN
  assert_equal "$(printf '%s' "${GIT_NAMES}" | LC_ALL=C sort)" "$(printf '%s\n' ' lead' '*' '-n' ':(glob)x' '[a]' 'a b' 'back\slash' \
    "it's" 'q"uote' $'tab\there' é '日本' | LC_ALL=C sort)"
}

@test "the loop's own state is no change, committed, staged or not" {
  init
  host::file .superloop/state.json '{}'
  host::file .superloop/loops/work/plan.md old
  host::file .superloop/loops/work/events.jsonl old
  assert_equal "$(changed)" ""
  git -C "${REPO}" add -f -A
  assert_equal "$(changed)" ""
  host::commit
  host::file .superloop/state.json '{"active":true}'
  host::file .superloop/loops/work/plan.md new
  assert_equal "$(changed)" ""
}

@test "a spec that changed is a change, staged or not" {
  init
  host::file .superloop/specs/work.md
  assert_equal "$(changed)" .superloop/specs/work.md
  git -C "${REPO}" add -A
  assert_equal "$(changed)" .superloop/specs/work.md
}

@test "in a folder of a larger repository only that folder's files are listed, by their names there" {
  git -C "${TMP}" init -q
  printf 'outside\n' >"${TMP}/outside.txt"
  host::file sub/untracked.txt
  host::file staged.txt
  host::file "sub/staged too.txt"
  git -C "${REPO}" add staged.txt "sub/staged too.txt"
  assert_equal "$(changed)" 'staged.txt|sub/staged too.txt|sub/untracked.txt'
}

@test "changes are added to those noted before" {
  init
  host::file a.txt
  git::changes::begin
  git::changes::note_role planner
  assert_equal "$(cat "${SL_CHANGED_FILE}")" a.txt
  host::commit
  git::changes::note_role planner
  assert_equal "$(cat "${SL_CHANGED_FILE}")" a.txt
  host::file b.txt
  host::file a.txt again
  git::changes::note_role planner
  assert_equal "$(cat "${SL_CHANGED_FILE}")" $'a.txt\nb.txt'
}

@test "what a role commits has changed since the loop began, from the first commit on" {
  init
  host::file a.txt
  host::file .superloop/loops/work/plan.md
  git::changes::begin
  host::commit
  host::file .gitignore c.txt
  git::changes::note_role planner
  assert_equal "$(paste -sd '|' "${SL_CHANGED_FILE}")" '.gitignore|a.txt'
  host::commit
  rm "${SL_CHANGED_FILE}" "${SL_GIT_BEFORE_FILE}"
  git::changes::begin
  git::changes::note_role planner
  assert [ ! -e "${SL_CHANGED_FILE}" ]
  host::file b.txt
  git -C "${REPO}" rm -q a.txt
  host::commit
  git::changes::note_role tester
  assert_equal "$(cat "${SL_CHANGED_FILE}")" b.txt
  assert_equal "$(cat "${SL_LOG_DIR}/tester.changed.txt")" $'a.txt\nb.txt'
}

@test "globs match as git's do, ignored files left out, names kept" {
  init
  host::file .gitignore 'build/'
  host::file a.md
  host::file docs/b.md
  host::file "docs/deep/c d.md"
  host::file build/e.md
  git -C "${REPO}" add a.md
  assert_equal "$(git::matching_files '*.md' | sort | paste -sd '|' -)" 'a.md'
  assert_equal "$(git::matching_files '**/*.md' | sort | paste -sd '|' -)" 'a.md|docs/b.md|docs/deep/c d.md'
  assert_equal "$(git::matching_files 'docs/**' '*.md' | sort | paste -sd '|' -)" 'a.md|docs/b.md|docs/deep/c d.md'
  assert_equal "$(git::matching_files 'none/**')" ""
  assert_equal "$(git::matching_files)" ""
}
