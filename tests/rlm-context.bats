#!/usr/bin/env bats
# What rlm run reads: files, folders, globs and standard input; and what it refuses to go on without.

setup() {
  load helpers/rlm
  set_up_rlm
  replies "42"
  rm notes.txt
}

# assert_read NAMES CONTEXT…: which documents contexts stand for.
assert_read() {
  local names=$1 context
  local -a flags=()
  shift
  for context in "$@"; do flags+=(--context "${context}"); done
  rlm run "?" "${MODEL[@]}" --format json "${flags[@]}"
  assert_json '[.files[].path] | sort | join(" ")' "\"${names}\""
}

write() {
  local file
  for file in "$@"; do
    mkdir -p "$(dirname "${file}")"
    echo "${file}" >"${file}"
  done
}

@test "a folder is the files in it, without what .gitignore names, in a repository or not" {
  write a.txt sub/b.txt sub/c.log keep/d.log node_modules/x
  echo '*.log' >.gitignore
  echo '!d.log' >keep/.gitignore
  assert_read ".gitignore a.txt keep/.gitignore keep/d.log sub/b.txt" .
  git init -q
  echo node_modules >>.gitignore
  assert_read ".gitignore a.txt keep/.gitignore keep/d.log sub/b.txt" .
}

@test "a repository within is read too" {
  write a.txt inner/b.txt inner/c.log
  echo '*.log' >inner/.gitignore
  git init -q
  git -C inner init -q
  assert_read "a.txt inner/.gitignore inner/b.txt" .
}

@test "globs are expanded: within a name, over folders, by choices" {
  write src/a.ts src/b.md src/deep/c.ts src/deep/d.js .hidden/e.ts
  assert_read "src/a.ts" 'src/*.ts'
  assert_read "src/a.ts src/deep/c.ts" 'src/**/*.ts'
  assert_read "src/a.ts src/b.md src/deep/c.ts" 'src/**/*.{ts,md}'
  assert_read "src/a.ts src/b.md" 'src/[ab].*' 'src/?.ts'
}

@test "a file whose name looks like a glob is that file" {
  write 'a[1].txt' a1.txt
  assert_read "a[1].txt" 'a[1].txt'
}

@test "standard input is a document called stdin" {
  run --separate-stderr bash -c "printf 'piped\n' | '${PROJECT_ROOT}/dist/rlm.cjs' run '?' --model '${MODEL[1]}' --context - --format json"
  assert_json '[.ok, [.files[] | [.path, .line_count]]]' '[true,[["stdin",1]]]'
}

@test "a context without a word is refused" {
  local fix='Name files or folders with text in them: --context PATH, a glob, or - for standard input.'
  mkdir empty
  rlm run "?" "${MODEL[@]}" --context empty --quiet
  assert_refused 2 "there is nothing to read in the context: no files" "${fix}"
  : >nothing.txt
  printf 'a\0b' >binary
  rlm run "?" "${MODEL[@]}" --context nothing.txt --context binary --quiet
  assert_refused 2 "there is nothing to read in the context: 1 binary, 1 empty" "${fix}"
  run --separate-stderr bash -c "'${PROJECT_ROOT}/dist/rlm.cjs' run '?' --model offline --context - --quiet </dev/null"
  assert_refused 2 "standard input is empty" "Pipe a text into rlm, or leave --context - out."
}

@test "what is not there is refused, a glob that matches nothing too" {
  rlm run "?" "${MODEL[@]}" --context none.txt
  assert_refused 2 "there is no file or folder none.txt" "Correct --context."
  rlm run "?" "${MODEL[@]}" --context 'src/*.ts'
  assert_refused 2 "no file matches src/*.ts" "Correct --context; what git ignores does not count."
}

@test "the folder of the run itself is not read" {
  write a.txt
  rlm run "?" "${MODEL[@]}" --out out --format json
  assert_json '[.files[].path]' '["a.txt"]'
  rlm run "?" "${MODEL[@]}" --out out --format json
  assert_json '[.files[].path]' '["a.txt"]'
}

@test "what is left out is told" {
  write a.txt
  printf 'a\0b' >image.png
  rlm run "?" "${MODEL[@]}" --context . --progress plain
  assert_regex "${stderr}" 'context: 1 document, 6 bytes, about 2 tokens \(1 \.txt\); left out: 1 binary'
}
