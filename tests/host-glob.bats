#!/usr/bin/env bats
# lib/glob: files that match the globs of the configuration.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes
# shellcheck disable=SC1003 # a backslash is meant

setup() {
  load helpers/host
  host::setup
  host::source lib/glob
  cd "${TMP}" || return
}

make_tree() {
  mkdir -p docs/deep/er "with space" src
  touch docs/plan.md docs/myplan.md docs/deep/plan.md docs/deep/er/plan.md docs/notes.txt "with space/a file.md" \
    'report [1].md' src/a.c src/b.c README.md
  mkdir docs/folder.md
}

# expands GLOB EXPECTED: expected names separated by bars
assert_expands() {
  assert_equal "$1 -> $(glob::expand "$1" | paste -sd '|' -)" "$1 -> $2"
}

@test "a glob gives the files it matches, spaces and brackets included" {
  make_tree
  assert_expands README.md README.md
  assert_expands ./README.md README.md
  assert_expands none.md ""
  assert_expands 'none*' ""
  assert_expands 'src/*.c' 'src/a.c|src/b.c'
  assert_expands 'src/?.c' 'src/a.c|src/b.c'
  assert_expands 'src/[b-z].c' src/b.c
  assert_expands 'docs/*.md' 'docs/myplan.md|docs/plan.md'
  assert_expands 'with space/a file.md' 'with space/a file.md'
  assert_expands 'with space/*' 'with space/a file.md'
  assert_expands 'report [1].md' 'report [1].md'
  assert_expands 'docs' ""
}

@test "two stars cross any number of folders, none included" {
  make_tree
  assert_expands 'src/**' 'src/a.c|src/b.c'
  assert_expands '**/*.c' 'src/a.c|src/b.c'
  assert_expands 'with space/**' 'with space/a file.md'
  assert_expands '**/a file.md' 'with space/a file.md'
  assert_expands 'docs/**/er/plan.md' docs/deep/er/plan.md
  assert_expands 'docs/**/none.md' ""
}

@test "a name behind two stars is the whole name, not the end of one" {
  make_tree
  assert_expands 'docs/**/plan.md' 'docs/deep/er/plan.md|docs/deep/plan.md|docs/plan.md'
}

@test "signs of patterns and of regular expressions mean behind two stars what they mean to git" {
  local name
  for name in a.c abc 'x+y' 'x(1)' '{1}' '^$|' 'back\slash' '[a]' '*' 1.c é; do
    mkdir -p deep
    : >"deep/${name}"
  done
  assert_expands '**/a.c' deep/a.c
  assert_expands '**/[!a-z].c' deep/1.c
  assert_expands '**/[[:digit:]]*' deep/1.c
  assert_expands '**/?????' ''
  assert_expands '**/x+y' 'deep/x+y'
  assert_expands '**/x(1)' 'deep/x(1)'
  assert_expands '**/{1}' 'deep/{1}'
  assert_expands '**/^$|' 'deep/^$|'
  assert_expands '**/back\\slash' 'deep/back\slash'
  assert_expands '**/\[a\]' 'deep/[a]'
  assert_expands '**/\*' 'deep/*'
  assert_expands '**/é' deep/é
  assert_expands '**/**/a?c' 'deep/a.c|deep/abc'
  assert_expands 'd**/a.c' deep/a.c
  assert_expands '**/tail\' ""
}

@test "stars leave hidden names, node_modules and names with a line end out, where the glob does not name them" {
  mkdir -p .hidden/deep src/node_modules/x src/.cache "${TMP}/more"
  touch a.md .b.md .hidden/c.md .hidden/deep/d.md src/node_modules/x/e.md src/.cache/f.md src/g.md $'src/two\ng.md'
  assert_expands '**/*.md' 'a.md|src/g.md'
  assert_expands '*.md' a.md
  assert_expands 'src/*g.md' src/g.md
  assert_expands '.hidden/**' '.hidden/c.md|.hidden/deep/d.md'
  assert_expands '**/.cache/*.md' src/.cache/f.md
  assert_expands 'src/node_modules/**' src/node_modules/x/e.md
  : >"${TMP}/more/h.md"
  assert_expands "${TMP}/more/**/*.md" "${TMP}/more/h.md"
  assert_expands 'none/**' ""
}
