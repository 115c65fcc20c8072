#!/usr/bin/env bats
# scripts/rlms and the code that a model writes: how it is read from a reply, what the model is shown of it, what ends a
# step that does what it must not, or does not end.

setup() {
  load helpers/door
  set_up_door
}

teardown() { tear_down_door; }

# assert_shown STEP TEXT: what the model was shown after this step.
assert_shown() { assert_equal "$(jq -r --argjson step "$1" 'select(.type == "step" and .step == $step) | .observation' "${OUT}/journal.jsonl")" "$2"; }

# Every way we know to let nothing out of a block, with BODY in its place; one a line, \n for line ends.
swallowing() {
  cat <<'END'
try:\n    BODY\nexcept Exception:\n    pass
try:\n    BODY\nexcept:\n    pass
try:\n    BODY\nexcept BaseException as e:\n    print(e)
try:\n    BODY\nexcept (ValueError, BaseException):\n    pass
def f():\n    try:\n        BODY\n    finally:\n        return 1\nf()
while True:\n    try:\n        BODY\n    finally:\n        break
for i in [1, 2]:\n    try:\n        BODY\n    finally:\n        continue
from contextlib import suppress\nwith suppress(Exception):\n    BODY
from contextlib import contextmanager\n@contextmanager\ndef c():\n    try:\n        yield\n    except Exception:\n        pass\nwith c():\n    BODY
class C:\n    def __enter__(self):\n        return self\n    def __exit__(self, *error):\n        return True\nwith C():\n    BODY
class D:\n    def __eq__(self, other):\n        try:\n            BODY\n        finally:\n            return True\n1 in [D()]
END
}

# assert_not_swallowed BODY CODE STATUS TEXT: whatever stands round the body, its step fails with this error.
assert_not_swallowed() {
  local form
  local -a codes=()
  while IFS= read -r form; do
    codes+=("$(printf '%b' "${form//BODY/$1}")"$'\nset_final("swallowed")')
  done < <(swallowing)
  root_code "${codes[@]}"
  door --max-steps 20 --max-errors "${#codes[@]}"
  assert_equal "${status}" "$3"
  assert_result .error_code "\"$2\""
  assert_result '[.final, .partial]' '[null,false]'
  assert_result "[.trace[] | .ok or (.error | startswith(\"$4\") | not)] | any" false
  assert_result '.trace | length' "${#codes[@]}"
}

@test "a forbidden import is a sandbox violation that names the line, the rule and the way out" {
  root_code 'import os'
  door --max-errors 1
  assert_error 1 sandbox_violation "line 1: import of 'os' is not allowed; there are no files and no processes; use list_files() and read_file(path)
  line 1: import os" \
    'Read the rule in the message; a clearer task or a stronger root model avoids it.'
  assert_files
}

@test "a model that keeps to what is forbidden is given three steps" {
  root_code 'import os'
  door
  assert_error 1 sandbox_violation "line 1: import of 'os' is not allowed; there are no files and no processes; use list_files() and read_file(path) (3 failed steps in a row)
  line 1: import os"
  assert_result .stats.step_count 3
}

@test "a model that mends its code after a violation succeeds" {
  root_code 'x = 4' 'y = 5
open("/etc/passwd")' 'set_final([x, "y" in show_vars()])'
  door
  assert_done '[4,false]'
  assert_shown 2 "Error: line 2: open is not available; there are no files; read documents with read_file(path)
  line 2: open(\"/etc/passwd\")
Variables are kept."
}

@test "a violation can't be swallowed by anything written round it" {
  assert_not_swallowed 'getattr(1, "__class__")' sandbox_violation 1 "the attribute '__class__' is not allowed"
}

@test "a limit can't be swallowed by anything written round it" {
  assert_not_swallowed 'sub_rlm("q", depth=9)' limit_exceeded 2 "depth exceeded: 9 asked for"
}

@test "a final value of a step that fails afterwards does not end the run, and stays as the partial answer" {
  root_code 'set_final("early")
getattr(1, "__class__")'
  door --max-errors 1
  assert_equal "${status}" 1
  assert_result '[.ok, .partial, .final]' '[false,true,"early"]'
  root_code 'set_final("early")
1 / 0' 'x = 1' 'set_final("late")'
  door
  assert_done '"late"'
}

@test "an exception is shown with its line, after what was printed, and variables stay" {
  root_code 'x = 1
print("so far")
def half(n):
    return n / 0
half(x)' 'set_final(x)'
  door
  assert_done 1
  assert_shown 1 'Output (7 characters):
so far
Error: ZeroDivisionError: division by zero
  line 5: half(x)
  line 4: return n / 0
Variables are kept.'
  assert_result '[.trace[].ok]' '[false,true]'
}

@test "a syntax error is shown with its line" {
  root_code 'x = (' 'set_final("mended")'
  door
  assert_done '"mended"'
  assert_equal "$(jq -r 'select(.step == 1) | .observation' "${OUT}/journal.jsonl" | sed 's/ (.*//')" "Error: SyntaxError: '(' was never closed
Variables are kept."
}

@test "long output is shown with its head, its tail and its true length" {
  root_code 'print("a" * 60000 + "b" * 60000)' 'set_final("seen")'
  door
  assert_done '"seen"'
  assert_shown 1 "Output (120001 characters):
$(printf '%49152s' '' | tr ' ' a)
… 54465 characters left out of 120001 …
$(printf '%16383s' '' | tr ' ' b)"
}

@test "a step without output is told to print" {
  root_code 'x = 1' 'set_final(x)'
  door
  assert_shown 1 'No output. Use print() to see values.'
}

@test "code is one fenced block, several in order, or the bare reply; a fence in a string does not cut it" {
  local reply
  while IFS= read -r reply; do
    root_replies "[\"${reply}\"]"
    door
    assert_done 3
  done <<'END'
x = 1\nset_final(x + 2)
Let me see.\n```python\nset_final(3)\n```\nThat is all.
```repl\nx = 1\n```\nand then\n~~~py\nset_final(x + 2)\n~~~
```json\n{\"a\": 1}\n```\n```\nset_final(3)\n```
```python\ntext = '''\n```\nnot code\n```\n'''\nset_final(text.count('```') + 1)\n```
<think>```python\nset_final(9)\n```</think>```python\r\nset_final(3)\r\n```
```python\nset_final(3)
END
}

@test "what a step bound over a host function is mended before the next" {
  root_code 'grep = set_final = list_files = None' 'set_final([len(grep("class")), list_files()])'
  door
  assert_done '[1,["widget.py"]]'
}

@test "context is the text of the only document, and a name like any other where the code binds it" {
  root_code 'set_final(len(context))'
  door
  assert_done 54
  cp "${REPO}/widget.py" "${REPO}/second.py"
  echo second.py >>"${LIST}"
  root_code 'def measure(context):
    return len(context)
context = "mine"
set_final([measure("four"), len(context)])'
  door
  assert_done '[4,4]'
}

@test "a step that loops for ever is interrupted, and the next one still has the variables" {
  root_code 'found = ["kept"]
while True: pass' 'set_final(found)'
  door --step-timeout-seconds 0.4
  assert_done '["kept"]'
  assert_shown 1 "Error: TimeoutError: the step's time limit is reached; do less in one step, or read less at once
  line 2: while True: pass
Variables are kept."
}

@test "a step that ignores the interrupt is killed and the model told that its variables are gone" {
  local code
  for code in 'sum(range(10 ** 15))' 'while True:
    try:
        while found: found += 1
    finally:
        continue'; do
    rm -rf "${OUT}"
    root_code "found = 1
${code}" 'set_final(["found" in show_vars(), list_files()])'
    door --step-timeout-seconds 0.4
    assert_done '[false,["widget.py"]]'
    assert_shown 1 'Error: TimeoutError: the step was ended, it did not stop at its limit of 0.4 s
All variables are gone.'
    assert_files
  done
}

@test "waiting for a model does not count as a step's time" {
  root_code 'set_final(sub_rlm("q"))'
  sub_replies '[{"reply": "slow answer", "delay_ms": 900}]'
  door --step-timeout-seconds 0.5
  assert_done '"slow answer"'
}

@test "code that asks for more memory than there is gets an exception" {
  root_code 'kept = 1
x = "a" * (1 << 36)' 'set_final(kept)'
  door
  assert_done 1
  assert_shown 1 'Error: MemoryError: the memory limit is reached; keep less at once, read in chunks()
  line 2: x = "a" * (1 << 36)
Variables are kept.'
}

@test "the prompt of a step is the one before with what happened since, and never holds a document" {
  use_program root model <<'END'
number=$(ls "${LOG}".* 2>/dev/null | wc -l | tr -d ' ')
cat >"${LOG}.${number}"
if [[ ${number} == 0 ]]; then echo 'print(len(read_file("widget.py")))'; else echo 'set_final("seen")'; fi
END
  door
  assert_done '"seen"'
  # all but the last two lines: a blank one and the one that changes
  sed '$d' "${LOG}.0" | sed '$d' >"${LOG}.prefix"
  assert_equal "$(head -c "$(wc -c <"${LOG}.prefix")" "${LOG}.1")" "$(<"${LOG}.prefix")"
  assert_equal "$(sed -n '/^## Step 1$/,$p' "${LOG}.1" | sed 's/ · .* s elapsed.*//')" '## Step 1
```python
print(len(read_file("widget.py")))
```
<observation step="1">
Output (3 characters):
53
</observation>

Step 2, 4 more after it'
  refute grep -q 'class Widget' "${LOG}.0" "${LOG}.1"
  assert grep -q '^- "widget.py": 3 lines, 54 characters$' "${LOG}.0"
}
