#!/usr/bin/env bats
# scripts/rlms and its context: which listed files become documents, under which names, and with which text.

setup() {
  load helpers/door
  set_up_door
  rm "${REPO}/widget.py"
  root_code 'set_final({path: read_file(path) for path in list_files()})'
}

teardown() {
  chmod -R u+rwx "${REPO}"
  tear_down_door
}

# assert_documents JSON SKIPPED: path -> text of all, and what was left out, by reason (zeros may be left away).
assert_documents() {
  assert_equal "${status} ${stderr}" "0 "
  assert_equal "$(jq -cS .final "${OUT}/result.json")" "$(jq -cS . <<<"$1")"
  assert_equal "$(jq -cS '.stats.skipped | with_entries(select(.value > 0))' "${OUT}/result.json")" "$(jq -cS . <<<"${2-{\}}")"
  assert_result '[.files[].path] == (.final | keys) and .stats.file_count == (.files | length)' true
}

@test "blank lines are left out, repeats and missing files are counted" {
  echo A >"${REPO}/a"
  echo B >"${REPO}/b"
  printf '\na\n\n   \nb\na\nnone\n./a\n%s\nnone/deeper\na/below-a-file\n' "${REPO}/b" >"${LIST}"
  door
  assert_documents '{"a":"A","b":"B"}' '{"repeated":3,"missing":3}'
}

@test "the same file by another spelling of its absolute path is a repeat" {
  echo A >"${REPO}/a"
  mkdir "${REPO}/sub"
  printf '%s\n' "${REPO}/a" "${REPO}//a" "${REPO}/./a" "${REPO}/sub/../a" >"${LIST}"
  door
  assert_documents '{"a":"A"}' '{"repeated":3}'
}

@test "the same file through a link to the repository is one document" {
  echo A >"${REPO}/a"
  ln -s "${REPO}" "${TMP}/link"
  printf '%s\n' "${REPO}/a" "${TMP}/link/a" >"${LIST}"
  door --repo "${TMP}/link"
  assert_documents '{"a":"A"}' '{"repeated":1}'
}

@test "an empty list, and one of blank lines, is a run without documents" {
  root_code 'set_final([list_files(), grep("x")])'
  for content in '' '\n\n  \n'; do
    printf '%b' "${content}" >"${LIST}"
    door
    assert_done '[[],[]]'
    assert_result '[.stats.file_count, .citations]' '[0,[]]'
  done
}

@test "a list may end without a line end, and may be a pipe" {
  echo A >"${REPO}/a"
  printf a >"${LIST}"
  door
  assert_documents '{"a":"A"}'
  door --context-file-list <(printf 'a\n')
  assert_documents '{"a":"A"}'
}

@test "a list with CRLF line ends names the same files" {
  echo A >"${REPO}/a"
  echo B >"${REPO}/b c"
  printf 'a\r\n%s\r\n\r\nb c' "${REPO}/b c" >"${LIST}"
  door
  assert_documents '{"a":"A","b c":"B"}' '{"repeated":1}'
}

@test "a folder, a named pipe and a device are no documents, and nothing waits for them" {
  mkdir "${REPO}/folder"
  mkfifo "${REPO}/pipe"
  echo A >"${REPO}/a"
  printf 'folder\npipe\na\n/dev/null\n' >"${LIST}"
  door --timeout-seconds 20
  assert_documents '{"a":"A"}' '{"not_a_file":3}'
}

@test "a file that must not be read is counted" {
  local expected='{"unreadable":1}' documents='{"a":"A"}'
  echo A >"${REPO}/a"
  echo secret >"${REPO}/closed"
  chmod 000 "${REPO}/closed"
  # root may read it all the same
  if [[ -r ${REPO}/closed ]]; then expected='{}' documents='{"a":"A","closed":"secret"}'; fi
  printf 'closed\na\n' >"${LIST}"
  door
  assert_documents "${documents}" "${expected}"
}

@test "a file whose reading fails is counted and does not end the run" {
  [[ -e /proc/self/mem ]] || ln -s loop "${REPO}/loop"
  ln -s /proc/self/mem "${REPO}/broken"
  echo A >"${REPO}/a"
  if [[ -e /proc/self/mem ]]; then echo broken >"${LIST}"; else echo loop >"${LIST}"; fi
  echo a >>"${LIST}"
  door
  assert_documents '{"a":"A"}' '{"unreadable":1}'
}

@test "links are followed; one that leads nowhere or in a circle is missing" {
  echo A >"${REPO}/a"
  ln -s a "${REPO}/link"
  ln -s none "${REPO}/dangling"
  ln -s circle "${REPO}/circle"
  printf 'link\ndangling\ncircle\n' >"${LIST}"
  door
  assert_documents '{"link":"A"}' '{"missing":2}'
}

@test "a binary file is counted, text in other encodings is shown with replacement characters" {
  printf 'PNG\0\1\2' >"${REPO}/image"
  printf 'caf\351 \377\n' >"${REPO}/latin"
  printf '\357\273\277bom\n' >"${REPO}/bom"
  printf 'image\nlatin\nbom\n' >"${LIST}"
  door
  assert_documents '{"latin":"caf\ufffd \ufffd","bom":"\ufeffbom"}' '{"binary":1}'
  assert_result '.files[] | select(.path == "latin") | [.line_count, .char_count]' '[1,7]'
}

@test "names with spaces, quotes, backslashes, dashes and letters of any script stay as they are" {
  local name
  # shellcheck disable=SC2016 # not for this shell
  for name in 'two words' ' leading' "it's" 'say "hi"' 'back\slash' '-dash' '$HOME' '日本語 é' '{repo}' 'a:1-2' '*'; do
    echo "${name}" >"${REPO}/${name}"
    printf '%s\n' "${name}"
  done >"${LIST}"
  root_code 'set_final(all(read_file(path) == path for path in list_files()) and len(list_files()))'
  door
  assert_done 11
  root_code 'path = [path for path in list_files() if path.startswith("say")][0]
add_citation(path, 1, 1)
set_final(sub_rlm("q", context=path))'
  door
  assert_done '"sub answer"'
  assert_result '[.citations[] | .path, .verified]' '["say \"hi\"",true]'
}

@test "two names that are no UTF-8 are two documents" {
  local first=$'bad\351' second=$'bad\350'
  { echo 1 >"${REPO}/${first}" && echo 2 >"${REPO}/${second}"; } 2>/dev/null || return 0 # not every file system has such names
  printf '%s\n%s\n' "${first}" "${second}" >"${LIST}"
  root_code 'set_final([len(set(list_files())), sorted(read_file(path) for path in list_files())])'
  door
  assert_done '[2,["1","2"]]'
}

@test "documents are named relative to the repository where they lie inside, else as they were given" {
  mkdir -p "${REPO}/deep/er" "${TMP}/elsewhere"
  echo 1 >"${REPO}/deep/er/file"
  echo 2 >"${TMP}/elsewhere/file"
  printf '%s\n' "${REPO}/deep/er/file" "${TMP}/elsewhere/file" >"${LIST}"
  door
  assert_documents "{\"deep/er/file\":\"1\",\"${TMP}/elsewhere/file\":\"2\"}"
  printf '../elsewhere/file\n' >"${LIST}"
  door
  assert_documents '{"../elsewhere/file":"2"}'
}

@test "a relative path counts from the repository, else from the working directory" {
  mkdir -p "${TMP}/here/sub"
  echo 1 >"${REPO}/both"
  echo 2 >"${TMP}/here/both"
  echo 3 >"${TMP}/here/only-here"
  printf 'both\nonly-here\n' >"${LIST}"
  cd "${TMP}/here"
  root_code 'set_final([read_file(path) for path in list_files()])'
  door
  assert_equal "$(jq -c '.final | sort' "${OUT}/result.json")" '["1","3"]'
}

@test "an empty file is a document without lines; text without a last line end has its last line" {
  : >"${REPO}/empty"
  printf 'x\ny' >"${REPO}/open"
  printf '\n\n' >"${REPO}/blank"
  printf 'empty\nopen\nblank\n' >"${LIST}"
  door
  assert_documents '{"empty":"","open":"x\ny","blank":"\n"}'
  assert_result '[.files[] | [.path, .line_count, .char_count]]' '[["blank",2,2],["empty",0,0],["open",2,3]]'
}

@test "documents with CRLF line ends are read, searched and cited by the same lines" {
  printf 'one\r\ntwo two\r\nthree\r\n' >"${REPO}/crlf"
  echo crlf >"${LIST}"
  root_code 'hits = grep("two$")
set_final([read_file("crlf", 2, 2), [hit["snippet"] for hit in hits], add_citation("crlf", 2, 3, "x", "two two three")])'
  door
  assert_done '["two two",["two two"],true]'
  assert_result '.files[0] | [.line_count, .char_count]' '[3,21]'
}

@test "characters are counted as characters, tokens as a quarter of them" {
  printf '日本語é😀' >"${REPO}/text"
  echo text >"${LIST}"
  door
  assert_result '[.stats.char_count, .stats.estimated_tokens, .files[0].char_count]' '[5,2,5]'
}

@test "a list of thousands of files is one run, and the prompt names as many as fit" {
  mkdir "${REPO}/many"
  (cd "${REPO}/many" && seq 1 3000 | split -l 1 -a 3 - file-)
  (cd "${REPO}" && printf '%s\n' many/*) >"${LIST}"
  # shellcheck disable=SC2016 # not for this shell
  use_program root model <<<'cat >"${LOG}"; echo "set_final(len(list_files()))"'
  door
  assert_done 3000
  assert grep -q '^3000 documents, ' "${LOG}"
  assert grep -qE '^- and [0-9]+ more: list_files\(\) names them$' "${LOG}"
  assert [ "$(wc -c <"${LOG}")" -lt 20000 ]
}
