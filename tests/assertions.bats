#!/usr/bin/env bats
# docs/assertions.md: every name that others rely on has a test, and the test is there.
# shellcheck disable=SC2016 # code spans of Markdown stand in single quotes

setup() {
  load helpers/common
  cd "${PROJECT_ROOT}" || return
  export LC_ALL=C # for sort and comm
}

# The rows of a table file, as "name<tab>file<tab>title".
rows() {
  sed -nE 's/^\| `([^`]+)` \| ([^|]+) \| (.+) \|$/\1\t\2\t\3/p' "$1"
}

# Rows of a table file whose test is not there, or whose file never speaks of the name.
broken_rows() {
  local name file title
  while IFS=$'\t' read -r name file title; do
    if [[ ! -f ${file} ]] || ! grep -qF -e "@test \"${title}\" {" -e "'${title}'," -e "\"${title}\"," -- "${file}"; then
      printf 'no such test: %s: %s\n' "${file}" "${title}"
    elif ! grep -qF -- "${name}" "${file}"; then
      printf '%s does not speak of %s\n' "${file}" "${name}"
    fi
  done < <(rows "$1")
}

# assert_rows_for WHAT: the names on standard input, one a line, have rows.
assert_rows_for() {
  local missing
  missing=$(comm -23 <(sort -u) <(rows docs/assertions.md | cut -f 1 | sort -u))
  [[ -z ${missing} ]] || fail "docs/assertions.md has no row for the $1:"$'\n'"${missing}"
}

@test "the test of each row is there, and its file speaks of the name" {
  run broken_rows docs/assertions.md
  assert_output ""
  assert [ "$(rows docs/assertions.md | grep -c '')" -gt 150 ]
}

@test "a row whose test is gone would be found" {
  local table=${BATS_TEST_TMPDIR}/table.md
  printf '| `%s` | %s | %s |\n' rows tests/assertions.bats "no such title" rows tests/none.bats "a title" \
    xyz-"$$" tests/assertions.bats "a row whose test is gone would be found" >"${table}"
  run broken_rows "${table}"
  assert_output "no such test: tests/assertions.bats: no such title
no such test: tests/none.bats: a title
tests/assertions.bats does not speak of xyz-$$"
}

@test "every event that the host logs has a row" {
  grep -rhoE '(events::log|_approval_record) [a-z_]+' src --include='*.sh' | sed 's/.* //' | assert_rows_for "events"
}

@test "every code of docs/errors.md has a row" {
  sed -nE 's/^\| `([A-Za-z_]+)` \|.*/\1/p' docs/errors.md | assert_rows_for "codes"
}

@test "every code that is raised or found stands in docs/errors.md" {
  local code
  while IFS= read -r code; do
    grep -q "^| \`${code}\` |" docs/errors.md || fail "docs/errors.md lacks ${code}"
  done < <({
    grep -rhE 'failure::raise [A-Z_]+' src superloop.sh | sed -nE '/^ *#/d; s/.*failure::raise ([A-Z_]+).*/\1/p'
    grep -rhoE "'[A-Z]+_[A-Z_]+'" src/worker/config | tr -d "'" | grep -vE '^(SL_|SUPERLOOP_)'
  } | sort -u)
}

@test "every reason of the prerequisites and of the trigger has a row" {
  {
    grep -ohE "reason: '[a-z_]+'|=> \(found \? [^)]*\)" src/worker/gates/prerequisites.ts | grep -oE "'[a-z_]+'" | tr -d "'"
    grep -oE '^  [a-z_]+: \{' src/worker/gates/prerequisites.ts | tr -d ' :{'
    grep -oE '_decision="(true|false) [a-z_]+' src/rlms/trigger.sh | sed 's/.* //'
  } | assert_rows_for "reasons"
}
