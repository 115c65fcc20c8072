#!/usr/bin/env bats
# rlms/context: which files an analysis reads.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::settings
  host::source git rlms/context
  LIST=${TMP}/list
}

# The collected paths as seen from the repository, separated by bars.
collected() {
  rlms::context::collect "${LIST}"
  sed "s#^${REPO}/##" "${LIST}" | paste -sd '|' -
}

@test "the loop's own files are read when they hold something, the spec first" {
  local loop=.superloop/loops/work
  assert_equal "$(collected)" ""
  : >"${REPO}/${loop}/plan.md"
  assert_equal "$(collected)" ""
  local name
  for name in tasks/PHASE_1.MD tasks/notes.md plan.md iteration_notes.md implementer.md review.md test-report.md \
    test-output.txt test-status.json validation-status.json validation-output.txt prerequisites-status.json checklist-status.json checklist-remaining.md evidence.json events.jsonl; do
    host::file "${loop}/${name}"
  done
  host::file .superloop/specs/work.md
  assert_equal "$(collected | sed "s#${loop}/##g")" \
    '.superloop/specs/work.md|plan.md|iteration_notes.md|implementer.md|review.md|test-report.md|test-output.txt|test-status.json|validation-status.json|validation-output.txt|prerequisites-status.json|checklist-status.json|checklist-remaining.md|evidence.json|tasks/PHASE_1.MD'
}

@test "a spec that the configuration names by its full path is read" {
  printf 'spec\n' >"${TMP}/elsewhere.md"
  SL_SPEC_FILE=${TMP}/elsewhere.md
  assert_equal "$(collected)" "${TMP}/elsewhere.md"
}

@test "changed files are read while they are there, each once" {
  host::file .superloop/specs/work.md
  host::file "a b.txt"
  host::file src/c.txt
  printf '%s\n' "a b.txt" gone.txt src/c.txt "a b.txt" .superloop/specs/work.md >"${SL_CHANGED_FILE}"
  assert_equal "$(collected)" '.superloop/specs/work.md|a b.txt|src/c.txt'
}

make_tree() {
  local name
  for name in a.md docs/b.md docs/deep/c.md docs/deep/test.md docs/latest.md src/d.c "src/e f.c" out/g.md; do host::file "${name}"; done
}

@test "globs of the configuration add files, without those excluded and those that git ignores" {
  make_tree
  git -C "${REPO}" init -q
  host::file .gitignore out/
  SL_RLMS_CONTEXT_INCLUDE=('**/*.md' 'src/*.c') SL_RLMS_CONTEXT_EXCLUDE=()
  assert_equal "$(collected)" 'a.md|docs/b.md|docs/deep/c.md|docs/deep/test.md|docs/latest.md|src/d.c|src/e f.c'
  SL_RLMS_CONTEXT_EXCLUDE=('docs/deep/**' 'src/d.c')
  assert_equal "$(collected)" 'a.md|docs/b.md|docs/latest.md|src/e f.c'
  SL_RLMS_CONTEXT_INCLUDE=('docs/**') SL_RLMS_CONTEXT_EXCLUDE=('**/test.md')
  assert_equal "$(collected)" 'docs/b.md|docs/deep/c.md|docs/latest.md'
  SL_RLMS_CONTEXT_INCLUDE=('none/**')
  assert_equal "$(collected)" ""
}

@test "what is excluded is not read though it changed, and a folder's name stands for what is in it" {
  make_tree
  SL_RLMS_CONTEXT_INCLUDE=(docs src/) SL_RLMS_CONTEXT_EXCLUDE=(docs/deep '**/*.c')
  printf '%s\n' a.md docs/deep/c.md "src/e f.c" >"${SL_CHANGED_FILE}"
  assert_equal "$(collected)" 'a.md|docs/b.md|docs/latest.md'
  git -C "${REPO}" init -q
  assert_equal "$(collected)" 'a.md|docs/b.md|docs/latest.md'
}

@test "what changed goes before what the globs add where not all can be read" {
  make_tree
  printf '%s\n' src/d.c >"${SL_CHANGED_FILE}"
  SL_RLMS_CONTEXT_INCLUDE=('**/*.md') SL_RLMS_CONTEXT_MAX_FILES=2
  run --separate-stderr collected
  assert_output 'src/d.c|a.md'
  assert_equal "${stderr}" "warning: left out of the analysis: 5 files; rlms.context.max_files is 2"
}

@test "a tracked file that was deleted is not read" {
  make_tree
  git -C "${REPO}" init -q
  host::commit
  rm "${REPO}/docs/b.md"
  SL_RLMS_CONTEXT_INCLUDE=('docs/*.md')
  assert_equal "$(collected)" 'docs/latest.md'
}

@test "outside git globs add files too, hidden folders and node_modules left out" {
  make_tree
  host::file .hidden/x.md
  host::file node_modules/y.md
  host::file docs/node_modules/z.md
  SL_RLMS_CONTEXT_INCLUDE=('**/*.md') SL_RLMS_CONTEXT_EXCLUDE=('out/**' 'docs/deep/*')
  assert_equal "$(collected)" 'a.md|docs/b.md|docs/latest.md'
  SL_RLMS_CONTEXT_INCLUDE=('src/**') SL_RLMS_CONTEXT_EXCLUDE=()
  assert_equal "$(collected)" 'src/d.c|src/e f.c'
}

@test "what earlier iterations left is not read, in git and outside it" {
  host::file .superloop/loops/work/rlms/iter-1/planner/summary.md
  host::file .superloop/state.json
  host::file .superloop/roles/planner.md
  SL_RLMS_CONTEXT_INCLUDE=('.superloop/**')
  assert_equal "$(collected)" '.superloop/roles/planner.md'
  git -C "${REPO}" init -q
  assert_equal "$(collected)" '.superloop/roles/planner.md'
}

@test "outside git a name behind two stars is the whole name, as it is in git" {
  make_tree
  SL_RLMS_CONTEXT_INCLUDE=('docs/**') SL_RLMS_CONTEXT_EXCLUDE=('**/test.md')
  assert_equal "$(collected)" 'docs/b.md|docs/deep/c.md|docs/latest.md'
}

@test "names with spaces, quotes and signs of patterns are read, those with a line end are left out" {
  local name
  local -a names=(' lead' "it's" 'q"uote' 'back\slash' '*' '[a].md' é '日本' '-n' $'tab\there')
  git -C "${REPO}" init -q
  for name in "${names[@]}" $'two\nlines'; do host::file "${name}"; done
  rm -rf "${REPO}/.superloop/loops/work/tasks"
  SL_RLMS_CONTEXT_INCLUDE=('**')
  collected >/dev/null
  assert_equal "$(LC_ALL=C sort "${LIST}")" "$(printf "${REPO}/%s\n" "${names[@]}" | LC_ALL=C sort)"
}

@test "no more files than allowed are read" {
  make_tree
  git -C "${REPO}" init -q
  SL_RLMS_CONTEXT_INCLUDE=('**/*.md') SL_RLMS_CONTEXT_MAX_FILES=2
  assert_equal "$(collected)" 'a.md|docs/b.md'
}

@test "no more bytes than allowed are read, what still fits is, and what was left out is said" {
  git -C "${REPO}" init -q
  host::file a.txt 1234567
  host::file b.txt 12345678901234567890
  host::file c.txt 123456789
  SL_RLMS_CONTEXT_INCLUDE=('*.txt') SL_RLMS_CONTEXT_MAX_BYTES=18
  run --separate-stderr collected
  assert_output 'a.txt|c.txt'
  assert_equal "${stderr}" "warning: left out of the analysis: 1 file; rlms.context.max_bytes is 18"
  SL_RLMS_CONTEXT_MAX_BYTES=39
  run --separate-stderr collected
  assert_output 'a.txt|b.txt|c.txt'
  assert_equal "${stderr}" ""
}

# assert_measured "FILES LINES CHARS TOKENS" TEXT…: one file for each text
assert_measured() {
  local expected=$1 text number=0
  shift
  : >"${LIST}"
  for text in "$@"; do
    number=$((number + 1))
    printf '%s' "${text}" >"${REPO}/measured ${number}"
    printf '%s\n' "${REPO}/measured ${number}" >>"${LIST}"
  done
  rlms::context::measure "${LIST}"
  assert_equal "${RLMS_FILES} ${RLMS_LINES} ${RLMS_CHARS} ${RLMS_TOKENS}" "${expected}"
}

@test "files, lines, characters and tokens are counted, in any locale" {
  local locale
  for locale in C C.UTF-8; do
    LC_ALL=${locale}
    assert_measured "0 0 0 0"
    assert_measured "1 0 0 0" ""
    assert_measured "1 1 1 1" $'\n'
    assert_measured "1 1 4 1" $'abc\n'
    assert_measured "1 1 5 2" $'abcd\n'
    assert_measured "2 3 9 3" $'a\nb\n' $'cdef\n'
    assert_measured "1 1 8 2" $'é日🎉ßüö\x7f\n'
    assert_measured "1 3 9 3" $'a\r\nb\t"\\\n\n'
  done
}

# What a strict shell, as superloop.sh is one, collects and measures in a repository with a file that can't be read.
# strictly CODE
strictly() {
  git -C "${REPO}" init -q
  host::file a.txt abc
  host::make_unreadable "${REPO}/b.txt"
  host::file c.txt abc
  host::strict "lib/output lib/failure lib/file lib/glob git paths rlms/context" 'SL_REPO=$1 SL_SPEC_FILE=none SL_TASKS_DIR=none SL_CHANGED_FILE=none
    SL_PLAN_FILE="" SL_NOTES_FILE="" SL_IMPLEMENTER_FILE="" SL_REVIEW_FILE="" SL_TEST_REPORT_FILE="" SL_TEST_OUTPUT_FILE=""
    SL_VALIDATION_STATUS_FILE="" SL_VALIDATION_OUTPUT_FILE="" SL_PREREQUISITES_STATUS_FILE=""
    SL_TEST_STATUS_FILE="" SL_CHECKLIST_STATUS_FILE="" SL_CHECKLIST_REMAINING_FILE="" SL_EVIDENCE_FILE=""
    SL_RLMS_CONTEXT_INCLUDE=("*.txt") SL_RLMS_CONTEXT_EXCLUDE=() SL_RLMS_CONTEXT_MAX_FILES=9 SL_RLMS_CONTEXT_MAX_BYTES=99
    eval "$3"' "${REPO}" "${LIST}" "$1"
  assert_success
}

@test "a file that cannot be read neither ends the collection nor costs another file its place" {
  strictly 'rlms::context::collect "$2"'
  run grep -v '/b\.txt$' "${LIST}"
  assert_output "${REPO}/a.txt"$'\n'"${REPO}/c.txt"
}

@test "a file that cannot be read does not end the count of the others" {
  strictly 'printf "%s\n" "$1/a.txt" "$1/b.txt" "$1/c.txt" >"$2"
    rlms::context::measure "$2"
    echo "${RLMS_LINES} ${RLMS_CHARS}"'
  assert_output "2 8"
}

@test "the keyword is found by the letter in any file of the list" {
  host::file a.txt "nothing"
  host::file "b c.txt" "please A.B* now"
  printf '%s\n' "${REPO}/none" "${REPO}/a.txt" "${REPO}/b c.txt" >"${LIST}"
  rlms::context::mentions "${LIST}" 'A.B*'
  run ! rlms::context::mentions "${LIST}" 'A.B.'
  run ! rlms::context::mentions "${LIST}" 'a.b*'
  : >"${LIST}"
  run ! rlms::context::mentions "${LIST}" 'A.B*'
}
