#!/usr/bin/env bats
# lib/file: files written whole, hashed many at a time, found by globs.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes
# shellcheck disable=SC1003 # a backslash is meant

setup() {
  load helpers/host
  host::setup
  host::source lib/failure lib/file
  cd "${TMP}" || return
}

@test "a file is written with its text and one line end, and nothing is left beside it" {
  local text
  mkdir out
  for text in "" plain '100% \n "q"' $'two\nlines' '-n' é; do
    file::write "out/a file" "${text}"
    assert_equal "$(cat "out/a file" && printf x)" "${text}"$'\nx'
  done
  assert_equal "$(ls out)" "a file"
}

# A limit on the size of files, which root has to respect as well.
write_beyond_the_limit() {
  trap '' XFSZ
  ulimit -f 1
  file::write "$1" "$(printf '%05000d' 7)"
}

@test "a write that fails keeps the old file, leaves no half-written one and says so" {
  mkdir out
  printf 'old\n' >out/state.json
  run write_beyond_the_limit out/state.json
  assert_failure 1
  assert_line "error: cannot write out/state.json"
  assert_line "  code: FILE_NOT_WRITTEN"
  assert_line "  fix: Free some space, or correct the permissions of its folder."
  assert_equal "$(cat out/state.json)" old
  assert_equal "$(ls out)" state.json
}

@test "a file in a folder that is not there cannot be written, and that is said" {
  run file::write none/state.json text
  assert_failure 1
  assert_line "error: cannot write none/state.json"
}

@test "a text is read without its last line ends, and a missing file is empty" {
  local text=before
  printf 'a\n\nb  \n\n\n' >file
  file::read_into text file
  assert_equal "${text}" $'a\n\nb  '
  file::read_into text none
  assert_equal "${text}" ""
}

@test "a zero byte in a file is left out without a word" {
  printf 'a\0b\n' >file
  host::strict "lib/file" 'file::read_into text "$1"; echo "${text}"' "${TMP}/file"
  assert_success
  assert_output ab
  assert_equal "${stderr}" ""
}

@test "each file is listed with its own hash, date and name, however odd the name" {
  local name
  local -a names=("a b" " lead" "trail " 'q"uote' "it's" 'back\slash' $'tab\there' '-n' '--' '*' '[a].md' é '日本' $'bad\xff'
    '$(id)' 'a  b' '0123456789abcdef 12 x')
  for name in "${names[@]}"; do
    printf 'content of %s\n' "${name}" >"./${name}"
    TZ=UTC touch -t 202402291230.45 -- "${name}"
  done
  file::hash_list "${names[@]}" >list
  for name in "${names[@]}"; do
    assert_equal "$(head -n 1 list)" "$(host::sha256 "./${name}") 1709209845 ${name}"
    sed -i.bak 1d list
  done
  assert [ ! -s list ]
}

@test "what is missing, a folder, or has a line end in its name is not listed" {
  mkdir folder
  : >$'two\nlines'
  : >empty
  run file::hash_list none folder $'two\nlines' empty
  assert_equal "${#lines[@]}" 1
  assert_line --regexp "^e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 [0-9]+ empty$"
  run file::hash_list
  assert_output ""
}

@test "a file that cannot be read does not lend its place to another file's hash" {
  printf 'a\n' >a
  host::make_unreadable b
  printf 'c\n' >c
  file::hash_list a b c >list 2>/dev/null || : # what it returns is not the question here
  assert_equal "$(grep ' a$' list | cut -d ' ' -f 1)" "$(host::sha256 a)"
  assert_equal "$(grep ' c$' list | cut -d ' ' -f 1)" "$(host::sha256 c)"
  run grep -v -e ' a$' -e ' c$' list
  refute_output --regexp '^[0-9a-f]{64} .* b$'
}

@test "a file that cannot be read is an error that names it" {
  ((EUID != 0)) || return 0 # root reads everything
  local text
  host::make_unreadable secret
  run file::read_into text secret
  assert_failure 1
  assert_output $'error: cannot read secret\n  code: FILE_NOT_READ\n  fix: Correct its permissions.'
}

make_tree() {
  mkdir -p docs/deep/er "with space" src
  touch docs/plan.md docs/myplan.md docs/deep/plan.md docs/deep/er/plan.md docs/notes.txt "with space/a file.md" \
    'report [1].md' src/a.c src/b.c README.md
  mkdir docs/folder.md
}

# expands GLOB EXPECTED: expected names separated by bars
assert_expands() {
  assert_equal "$1 -> $(file::expand "$1" | paste -sd '|' -)" "$1 -> $2"
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

@test "lines of JSON are healed: what was cut off goes, what lacks its end gets it, what is whole stays" {
  local text healed file=${TMP}/lines.jsonl
  while IFS='|' read -r text healed; do
    printf '%b' "${text}" >"${file}"
    file::heal_lines "${TMP}/none" "${file}"
    printf '%b' "${healed}" >"${TMP}/healed"
    cmp "${file}" "${TMP}/healed"
  done <<'LINES'
{"a":1}\n{"b":2}\n|{"a":1}\n{"b":2}\n
{"a":1}\n{"b":2}|{"a":1}\n{"b":2}\n
{"a":1}\n{"b":|{"a":1}\n
{"a":1}\n\0000\0000\0000|{"a":1}\n
{"a":|
|
LINES
}
