#!/usr/bin/env bats
# gates/checklists: boxes that must all be checked.

setup() {
  load helpers/host
  host::setup
  host::settings
  host::source gates/checklists
}

# assert_remaining STATUS LINES: what the gate says of SL_CHECKLISTS, lines as in checklist-remaining.md
assert_remaining() {
  gates::checklists::judge
  assert_equal "$(<"${SL_CHECKLIST_REMAINING_FILE}")" "$2"
  assert_equal "${GATE_CHECKLISTS}" "$1"
}

@test "without checklists, or with every box checked, the gate holds" {
  assert_remaining ok ""
  host::file todo.md $'# Todo\n- [x] one\n* [X] two\n1. [x] three'
  SL_CHECKLISTS=(todo.md)
  assert_remaining ok ""
  assert_equal "$(jq -c 'del(.generated_at)' "${SL_CHECKLIST_STATUS_FILE}")" '{"ok":true,"remaining":0}'
}

@test "every open box is told with its file and line, and counted" {
  host::file todo.md $'- [ ] one\n- [x] two\n  - [ ] nested'
  host::file "docs/a list.md" $'\n1. [ ] numbered\n* [ ] starred'
  SL_CHECKLISTS=(todo.md 'docs/*.md')
  assert_remaining remaining $'todo.md:1:- [ ] one\ntodo.md:3:  - [ ] nested\ndocs/a list.md:2:1. [ ] numbered\ndocs/a list.md:3:* [ ] starred'
  assert_equal "$(jq -c 'del(.generated_at)' "${SL_CHECKLIST_STATUS_FILE}")" '{"ok":false,"remaining":4}'
  run jq -r .generated_at "${SL_CHECKLIST_STATUS_FILE}"
  assert_output --regexp '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$'
}

@test "a checklist that is not there is named, and its gate does not hold" {
  host::file todo.md '- [x] done'
  SL_CHECKLISTS=(todo.md none.md 'lists/*.md')
  assert_remaining remaining $'none.md: no such file\nlists/*.md: no such file'
  assert_equal "$(jq .remaining "${SL_CHECKLIST_STATUS_FILE}")" 2
}

@test "boxes in code fences do not count, those behind them do" {
  host::file todo.md $'```md\n- [ ] example\n```\n- [ ] open\n~~~\n- [ ] example\n~~~\n  ```\n- [ ] indented fence\n  ```\n- [x] done'
  SL_CHECKLISTS=(todo.md)
  assert_remaining remaining 'todo.md:4:- [ ] open'
}

@test "a fence ends only with its own kind and length" {
  SL_CHECKLISTS=(todo.md)
  host::file todo.md $'```\n~~~\n- [ ] example\n```\n- [x] done'
  assert_remaining ok ""
  host::file todo.md $'````md\n```\n- [ ] example\n```\n- [ ] example\n````\n- [x] done'
  assert_remaining ok ""
  host::file todo.md $'~~~\n```\n~~~\n- [ ] open'
  assert_remaining remaining 'todo.md:4:- [ ] open'
}

@test "two stars take the files of all folders, and no others" {
  host::file tasks/todo.md '- [ ] a'
  host::file tasks/deep/er/todo.md '- [ ] b'
  host::file tasks/deep/er/mytodo.md '- [ ] not asked for'
  SL_CHECKLISTS=('tasks/**/todo.md')
  assert_remaining remaining $'tasks/deep/er/todo.md:1:- [ ] b\ntasks/todo.md:1:- [ ] a'
}

@test "odd names are told as they are" {
  local name
  for name in 'a & b.md' 'back\name.md' "it's [1].md" é.md '100%.md'; do
    host::file "${name}" '- [ ] x'
    SL_CHECKLISTS=("${name}")
    assert_remaining remaining "${name}:1:- [ ] x"
    assert_equal "$(jq .remaining "${SL_CHECKLIST_STATUS_FILE}")" 1
  done
}

@test "a later judgement replaces an earlier one" {
  host::file todo.md '- [ ] x'
  SL_CHECKLISTS=(todo.md)
  assert_remaining remaining 'todo.md:1:- [ ] x'
  host::file todo.md '- [x] x'
  assert_remaining ok ""
}

@test "a checklist that cannot be read is not a finished one, and does not end the run" {
  host::make_unreadable "${REPO}/todo.md"
  SL_CHECKLISTS=(todo.md)
  # shellcheck disable=SC2016 # for the inner shell
  host::strict "lib/output lib/failure lib/json lib/clock lib/file lib/glob paths gates/checklists" '
    SL_REPO=$1 SL_CHECKLISTS=(todo.md)
    paths::of_repo
    paths::of_loop work
    clock::start
    gates::checklists::judge
    echo "${GATE_CHECKLISTS}"' "${REPO}"
  assert_success
  assert_line remaining
}

@test "a fence has no word behind its end, and three backticks within a line are none" {
  SL_CHECKLISTS=(todo.md)
  host::file todo.md $'```\n```md\n- [ ] example\n```\n- [x] done'
  assert_remaining ok ""
  host::file todo.md $'```npm test``` must pass\n- [ ] open\n``` \t\r\n- [ ] example'
  assert_remaining remaining 'todo.md:2:- [ ] open'
}

@test "a checklist that the configuration names by its full path is read" {
  printf -- '- [ ] open\n' >"${TMP}/elsewhere.md"
  SL_CHECKLISTS=("${TMP}/elsewhere.md")
  assert_remaining remaining "${TMP}/elsewhere.md:1:- [ ] open"
}
