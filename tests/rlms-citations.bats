#!/usr/bin/env bats
# scripts/rlms and its citations: each is checked against the snapshot, whatever the code claims.

setup() {
  load helpers/door
  set_up_door
  printf 'alpha beta\n\n  gamma   delta\nlast without end' >"${REPO}/notes.txt"
  printf 'widget.py\nnotes.txt\n' >"${LIST}"
}

teardown() { tear_down_door; }

# cites ARGUMENTS CITATION: add_citation with these arguments is kept as this [path, start, end, signal, snippet, verified],
# with the reason where there is one, and returns whether it is verified.
cites() {
  root_code "set_final(add_citation($1))"
  door --require-citations false
  assert_result '.citations[0] | [.path, .start_line, .end_line, .signal, .snippet, .verified] + (if .reason then [.reason] else [] end)' "$2"
  assert_done "$(jq -c '.[5]' <<<"$2")"
}

@test "a snippet that stands in its lines is verified, white space folded and a cut marked by dots allowed" {
  cites '"notes.txt", 1, 1, "claim", "alpha beta"' '["notes.txt",1,1,"claim","alpha beta",true]'
  cites '"notes.txt", 3, 3, "claim", " gamma delta "' '["notes.txt",3,3,"claim"," gamma delta ",true]'
  cites '"notes.txt", 1, 3, "claim", "beta gamma"' '["notes.txt",1,3,"claim","beta gamma",true]'
  cites '"notes.txt", 4, 4, "claim", "last without…"' '["notes.txt",4,4,"claim","last without…",true]'
  cites '"./notes.txt", 1, 1, "claim", "alpha"' '["notes.txt",1,1,"claim","alpha",true]'
}

@test "a missing snippet is filled in from the lines" {
  cites '"notes.txt", 3, 4' '["notes.txt",3,4,"reference","gamma   delta\nlast without end",true]'
  cites '"notes.txt", 1, 1, "", "  "' '["notes.txt",1,1,"reference","alpha beta",true]'
}

@test "a citation that fails is kept with its reason" {
  cites '"notes.txt", 1, 1, "claim", "gamma delta"' '["notes.txt",1,1,"claim","gamma delta",false,"the snippet does not stand in these lines"]'
  cites '"notes.txt", 1, 1, "claim", "ALPHA"' '["notes.txt",1,1,"claim","ALPHA",false,"the snippet does not stand in these lines"]'
  cites '"notes.txt", 4, 5, "claim", "last"' '["notes.txt",4,5,"claim","last",false,"the document has lines 1 to 4"]'
  cites '"notes.txt", 0, 1' '["notes.txt",0,1,"reference","",false,"the document has lines 1 to 4"]'
  cites '"notes.txt", 3, 1' '["notes.txt",3,1,"reference","",false,"the document has lines 1 to 4"]'
  cites '"none.txt", 1, 1, "claim", "alpha"' '["none.txt",1,1,"claim","alpha",false,"no document has this path"]'
}

@test "a citation that names no lines at all is an exception" {
  local arguments
  for arguments in '"notes.txt", "one", 2' '5, 1, 1' '"", 1, 1' '"notes.txt", None, 1'; do
    root_code "add_citation(${arguments})"
    door --max-errors 1
    assert_error 1 code_error "add_citation takes a path and two line numbers
  line 1: add_citation(${arguments})"
  done
}

@test "line numbers below zero are not verified and leave a result that keeps its schema" {
  root_code 'add_citation("notes.txt", -3, -1)
set_final({"citations": [{"path": "notes.txt", "start_line": -5, "end_line": -5}]})'
  door
  assert_equal "${status}" 0
  assert_result '[.citations[] | select(.signal != "file_reference") | .verified]' '[false,false]'
  assert_result '[.citations[] | .start_line >= 0] | all' true
}

@test "a verified citation bears the hash of its document, as it was when the run read it" {
  root_code 'add_citation("notes.txt", 1, 1)
set_final(1)'
  door
  local hash
  hash=$(node -e 'process.stdout.write(require("node:crypto").createHash("sha256").update(require("node:fs").readFileSync(process.argv[1])).digest("hex"))' "${REPO}/notes.txt")
  assert_result '.citations[0].sha256' "\"${hash}\""
}

@test "citations are checked against the snapshot, not against the file as it is by then" {
  # shellcheck disable=SC2016 # not for this shell
  use_program subcall changer <<<'cat >/dev/null; echo changed >"${LOG}"; echo ok'
  root_code 'sub_rlm("change it")
set_final([add_citation("notes.txt", 1, 1, "claim", "alpha beta"), read_file("notes.txt", 1, 1)])'
  LOG=${REPO}/notes.txt door
  assert_done '[true,"alpha beta"]'
  assert_equal "$(<"${REPO}/notes.txt")" changed
}

@test "the same citation is kept once, another signal or snippet makes it another" {
  root_code 'for n in range(3): add_citation("notes.txt", 1, 1, "a")
add_citation("notes.txt", 1, 1, "b")
add_citation("notes.txt", 1, 1, "b", "alpha")
set_final(1)'
  door
  assert_result '[.citations[] | [.signal, .snippet]]' '[["a","alpha beta"],["b","alpha beta"],["b","alpha"]]'
}

@test "a grep hit can be cited as it is" {
  root_code 'hit = grep("class")[0]
set_final(add_citation(**hit))'
  door
  assert_done true
  assert_result '.citations[0] | [.path, .start_line, .signal, .snippet]' '["widget.py",2,"regex_match","class Widget:"]'
}

@test "a final dict with highlights and citations gives them to the result, after those of the code" {
  root_code 'append_highlight("by code")
add_citation("notes.txt", 1, 1, "by code")
set_final({"answer": 42, "highlights": ["by final", "by code", 7], "citations": [
    {"path": "notes.txt", "start_line": 3, "end_line": 3, "signal": "by final", "snippet": "gamma delta"},
    {"path": "notes.txt", "start_line": 4}, {"path": "notes.txt"}, "notes.txt:1", None]})'
  door
  assert_equal "${status}" 0
  assert_result '[.final.answer, .highlights]' '[42,["by code","by final","7"]]'
  assert_result '[.citations[] | [.start_line, .end_line, .signal, .verified]]' '[[1,1,"by code",true],[3,3,"by final",true],[4,4,"reference",true]]'
}

@test "where citations are required and none verifies, documents are pointed at, never as verified" {
  root_code 'add_citation("notes.txt", 9, 9)
set_final(1)'
  door
  assert_result '[.citations[] | [.path, .start_line, .signal, .snippet, .verified, .reason]]' \
    '[["notes.txt",9,"reference","",false,"the document has lines 1 to 4"],["notes.txt",1,"file_reference","alpha beta",false,"points at a document, is no evidence of the answer"],["widget.py",2,"file_reference","class Widget:",false,"points at a document, is no evidence of the answer"]]'
}

@test "documents are not pointed at where one citation verifies, where none are required, or where the run failed" {
  root_code 'add_citation("notes.txt", 1, 1)
set_final(1)'
  door
  assert_result '[.citations[].signal]' '["reference"]'
  root_code 'set_final(1)'
  door --require-citations false
  assert_result .citations '[]'
  root_code '1 / 0'
  door --require-citations true
  assert_result .citations '[]'
}

@test "snippets are kept to 500 characters but checked whole" {
  { printf '%600s' '' | tr ' ' x; } >"${REPO}/notes.txt"
  root_code 'line = "x" * 600
set_final([add_citation("notes.txt", 1, 1, "whole", line), add_citation("notes.txt", 1, 1, "more", line + "x"), add_citation("notes.txt", 1, 1, "filled")])'
  door
  assert_done '[true,false,true]'
  assert_result '[.citations[].snippet | length]' '[500,500,500]'
}

@test "lines of more than a mebibyte are no reference, and do not hold the run up" {
  head -c 2000000 /dev/zero | tr '\0' x >"${REPO}/notes.txt"
  cites '"notes.txt", 1, 1, "claim", "xxx"' '["notes.txt",1,1,"claim","xxx",false,"lines of more than 1 MiB are no reference"]'
}
