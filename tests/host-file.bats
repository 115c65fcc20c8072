#!/usr/bin/env bats
# lib/file: files written whole, hashed many at a time.
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
  assert_output "error: cannot write out/state.json: File too large
  code: FILE_NOT_WRITTEN
  fix: Free some space, or correct what is in its place and the permissions of its folder."
  assert_equal "$(cat out/state.json)" old
  assert_equal "$(ls out)" state.json
}

@test "a file in a folder that is not there cannot be written, and that is said" {
  run file::write none/state.json text
  assert_failure 1
  assert_output "error: cannot write none/state.json: No such file or directory
  code: FILE_NOT_WRITTEN
  fix: Its folder is gone: find out what removed it, perhaps the program of a role; then run again."
}

# A loop's file as its folder fills up: what is appended goes to a file of 1 KiB at most.
append_beyond_the_limit() {
  trap '' XFSZ
  ulimit -f 1
  file::append "$@"
}

@test "a line that cannot be appended to its end is not there at all" {
  printf '{"a":1}\n' >log.jsonl
  run append_beyond_the_limit log.jsonl "$(printf '%05000d' 7)"
  assert_failure 1
  assert_line --index 0 "error: cannot write log.jsonl: File too large"
  assert_equal "$(cat log.jsonl && printf x)" $'{"a":1}\nx'
}

@test "a copy that fails keeps the old file, and leaves no half-written one" {
  printf '%05000d' 7 >whole
  copy_beyond_the_limit() {
    trap '' XFSZ
    ulimit -f 1
    file::copy whole copy
  }
  printf 'old\n' >copy
  run copy_beyond_the_limit
  assert_failure 1
  assert_line --index 0 "error: cannot write copy: File too large"
  assert_equal "$(cat copy*)" old
}

@test "what stands in the way of writing, making and removing is told by what the system says" {
  local line
  mkdir folder
  : >file
  while IFS='|' read -r line said; do
    # shellcheck disable=SC2086 # a command and its arguments
    run file::${line}
    assert_failure 1
    assert_line --index 0 "error: cannot ${said}"
    assert_line --index 1 "  code: FILE_NOT_WRITTEN"
    assert_line --index 2 --regexp '^  fix: [A-Z].*\.$'
    assert_equal "${#lines[@]}" 3
  done <<'LINES'
write folder text|write folder: it is a folder
append folder text|write folder: it is a folder
empty folder|write folder: it is a folder
copy file folder|write folder: it is a folder
write file/x text|write file/x: Not a directory
append none/x text|write none/x: No such file or directory
empty file none/x|write none/x: No such file or directory
copy none file|write file: No such file or directory
make_folders folder file/x|make file/x: Not a directory
remove folder|remove folder: Is a directory
LINES
  run file::make_folders "$(printf '%0300d' 7)/x"
  assert_line --index 0 --partial ": File name too long"
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
  assert_output $'error: cannot read secret: Permission denied\n  code: FILE_NOT_READ\n  fix: Correct its permissions.'
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
