#!/usr/bin/env bats
# scripts/rlms and its sub-calls: plain model calls, child runs with a REPL of their own, and batches of both.

setup() {
  load helpers/door
  set_up_door
  printf 'one\ntwo\nthree\nfour\n' >"${REPO}/notes.txt"
  printf 'widget.py\nnotes.txt\n' >"${LIST}"
}

teardown() { tear_down_door; }

@test "a plain sub-call is the prompt, with the text of its context behind it" {
  local context expected
  use_program subcall echoing <<<'cat'
  while IFS='|' read -r context expected; do
    root_code "set_final(sub_rlm('Q?', context=${context}))"
    door
    assert_done "\"${expected}\""
    assert_result '[.stats.subcall_count, .stats.depth_reached]' '[1,1]'
  done <<'END'
None|Q?
"notes.txt"|Q?\n\n=== notes.txt ===\none\ntwo\nthree\nfour\n
"no document"|Q?\n\nno document
chunks("notes.txt", 8)[1]|Q?\n\n=== notes.txt:3-3 ===\nthree\n
grep("t.o")[0]|Q?\n\n=== notes.txt:2-2 ===\ntwo\n
{"path": "notes.txt", "start_line": 3, "end_line": 4}|Q?\n\n=== notes.txt:3-4 ===\nthree\nfour\n
["a", grep("four")[0]]|Q?\n\na\n\n=== notes.txt:4-4 ===\nfour\n
END
}

@test "a context that is none is an exception that says what may be given" {
  root_code 'for given in ([], 5, {"path": "none"}):
    try:
        sub_rlm("q", context=given)
    except RuntimeError as error:
        append_highlight(str(error))
set_final(1)'
  door
  assert_result .highlights '["the context is an empty list","context takes a path, a chunk, a grep hit ({path, start_line, end_line}), a text, or a list of them"]'
}

@test "a context that no model call can hold is refused with the way out" {
  yes 0123456789 | head -n 100000 >"${REPO}/notes.txt"
  root_code 'sub_rlm("q", context="notes.txt")'
  door --max-errors 1
  assert_error 1 code_error 'the context has 1100000 characters, one model call takes 1000000: cut it with chunks(), or use depth=2
  line 1: sub_rlm("q", context="notes.txt")'
}

@test "a child run has a REPL over just what it was given" {
  local context expected
  child_code 'x = [(path, read_file(path)) for path in list_files()]' 'set_final(x)'
  while IFS='|' read -r context expected; do
    root_code "set_final(sub_rlm('Look.', depth=2, context=${context}))"
    door
    assert_done "${expected}"
    assert_result '[.stats.subcall_count, .stats.step_count, .stats.depth_reached]' '[1,3,1]'
  done <<'END'
"notes.txt"|[["notes.txt","one\ntwo\nthree\nfour"]]
chunks("notes.txt", 8)[1]|[["notes.txt:3-3","three"]]
grep("four")[0]|[["notes.txt:4-4","four"]]
"made up"|[["context","made up"]]
["made", "up"]|[["context-1","made"],["context-2","up"]]
["notes.txt", "made up"]|[["notes.txt","one\ntwo\nthree\nfour"],["context","made up"]]
[grep("one")[0], grep("four")[0]]|[["notes.txt:1-1","one"],["notes.txt:4-4","four"]]
[grep("one")[0], grep("one")[0]]|[["notes.txt:1-1","one"],["notes.txt:1-1#2","one"]]
END
}

@test "a child run without a context has all documents, and none of its parent's variables" {
  root_code 'secret = 1
set_final(sub_rlm("Look.", depth=2))'
  child_code 'set_final([list_files(), show_vars()])'
  door
  assert_done '[["notes.txt","widget.py"],{}]'
}

@test "a child run's answer comes back as a value of any kind" {
  root_code 'answer = sub_rlm("Look.", depth=2)
set_final(answer["n"] + len(answer["list"]))'
  child_code 'set_final({"n": 40, "list": [1, 2]})'
  door
  assert_done 42
}

@test "the task of a child run is its prompt, its closing line has its own depth" {
  # shellcheck disable=SC2016 # not for this shell
  use_program subcall sub <<<'cat >"${LOG}"; echo "set_final(1)"'
  root_code 'sub_rlm("Find the second line.", depth=2)
set_final(1)'
  door --max-depth 3
  assert_equal "$(sed -n '/^## Task$/,/^## Documents$/p' "${LOG}")" $'## Task\nFind the second line.\n\n## Documents'
  assert_regex "$(tail -n 1 "${LOG}")" '^Step 1, 4 more after it · .* · 11 sub-calls left, depth 1 · '
}

@test "a child's citations are in the root's result under the whole document's path and lines, its highlights are not" {
  root_code 'sub_rlm("Look.", depth=2, context=chunks("notes.txt", 8)[1])
sub_rlm("Look.", depth=2, context="made up text")
set_final("done")'
  child_code 'append_highlight("only for the parent")
path = list_files()[0]
line = 3 if path.startswith("notes") else 1
add_citation(path, line, line, "child")
set_final("seen")'
  door
  assert_done '"done"'
  assert_result .highlights '[]'
  assert_result '[.citations[] | [.path, .start_line, .end_line, .signal, .snippet, .verified]]' '[["notes.txt",3,3,"child","three",true],["context",1,1,"child","",false]]'
}

@test "runs nest as deep as the limit, and depth_reached says how deep they went" {
  root_code 'set_final(sub_rlm("level 2", depth=3))'
  child_code 'mine = budget()["depth"]
set_final([mine, rlm_query("deeper")])'
  door --max-depth 3
  assert_done '[2,[1,"sub answer"]]'
  assert_result .stats.depth_reached 3
}

@test "rlm_query is a child run where the limit allows one and a model call where not" {
  root_code 'set_final(rlm_query("Look.", "notes.txt"))'
  child_code 'set_final("child over " + list_files()[0])'
  door --max-depth 2
  assert_done '"child over notes.txt"'
  door --max-depth 1
  assert_done '"sub answer"'
}

@test "a child has the levels it was given and no more" {
  root_code 'set_final(sub_rlm("Look.", depth=2))'
  child_code 'sub_rlm("q", depth=2)' 'set_final("mended")'
  door --max-depth 9
  assert_done '"mended"'
  assert_journal '[.[] | select(.type == "step" and .run != "r") | .observation | split("\n")[0]][0]' '"Error: depth exceeded: 2 asked for, 1 level is left of 9 (--max-depth)"'
}

@test "a child that gives up is an exception in its parent, also when it kept breaking the rules" {
  root_code 'try:
    sub_rlm("Look.", depth=2)
except RuntimeError as error:
    set_final(str(error))'
  child_code 'import os'
  door --max-steps 9
  assert_done '"line 1: import of '\''os'\'' is not allowed; there are no files and no processes; use list_files() and read_file(path) (3 failed steps in a row)\n  line 1: import os"'
}

@test "a limit that a child runs into can't be swallowed by its parent" {
  root_code 'try:
    sub_rlm("Look.", depth=2)
finally:
    set_final("swallowed")'
  child_code 'x = 1'
  door --max-steps 3 --max-errors 1
  assert_equal "${status}" 2
  assert_result '[.error_code, .final]' '["limit_exceeded",null]'
}

@test "a batch answers in the order of its prompts, whichever comes first" {
  root_code 'set_final(sub_rlm_batch(["a", "b", "c", "a"]))'
  sub_replies '[{"match": "a", "reply": "A", "delay_ms": 300}, {"match": "b", "reply": "B", "delay_ms": 150}, {"match": "c", "reply": "C"}]'
  door
  assert_done '["A","B","C","A"]'
  assert_result .stats.subcall_count 4
}

@test "a failed slot of a batch is an error value in its place" {
  root_code 'set_final(llm_query_batched(["good", "bad", "good"]))'
  sub_replies '[{"match": "good", "reply": "fine"}, {"match": "bad", "error": "gone away"}]'
  door
  assert_done '["fine",{"error":"scripted: gone away","error_code":"model_invocation_failed"},"fine"]'
}

@test "prompts of a batch may have a context each, or share one" {
  use_program subcall echoing <<<'cat'
  root_code 'set_final(sub_rlm_batch([{"prompt": "a", "context": grep("two")[0]}, "b"], context="shared"))'
  door
  assert_done '["a\n\n=== notes.txt:2-2 ===\ntwo\n","b\n\nshared"]'
}

@test "a batch of child runs works at any concurrency" {
  local concurrency
  root_code 'set_final(rlm_query_batched([{"prompt": "child %d" % n, "context": str(n)} for n in range(4)]))'
  child_code 'set_final(context + sub_rlm("deeper"))'
  sub_replies '["!"]'
  for concurrency in 1 8; do
    door --concurrency "${concurrency}" --max-steps 9
    assert_done '["0!","1!","2!","3!"]'
  done
}

@test "never more calls are in flight than --concurrency says, that many are, and the progress counts them right" {
  # shellcheck disable=SC2016 # not for this shell
  use_program subcall counted <<<'echo 1 >>"${LOG}"; sleep 0.2; echo -1 >>"${LOG}"; echo x'
  root_code 'sub_rlm_batch(["q%d" % n for n in range(12)])
set_final("done")'
  door --concurrency 3 --progress json
  assert_equal "${status}" 0
  assert_equal "$(awk '{ now += $1; if (now > most) most = now } END { print most }' "${LOG}")" 3
  assert_equal "$(jq -R 'fromjson? | select(.type == "call_start" and .purpose == "sub") | .inFlight' <<<"${stderr}" | sort -n | tail -n 1)" 3
}
