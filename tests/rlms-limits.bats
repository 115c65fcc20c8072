#!/usr/bin/env bats
# scripts/rlms at its limits: exit status 2, limit_exceeded with the limit and its flag, and the best partial answer.

setup() {
  load helpers/door
  set_up_door
}

teardown() { tear_down_door; }

@test "the step limit ends the run with the findings so far" {
  root_code 'append_highlight("first finding")' 'append_highlight("second finding")' 'set_final("too late")'
  door --max-steps 2
  assert_error 2 limit_exceeded 'step limit exceeded: 2 allowed' 'Raise --max-steps.'
  assert_result '[.partial, .final, .highlights]' '[true,"first finding\nsecond finding",["first finding","second finding"]]'
  assert_result '[.stats.step_count, (.trace | length)]' '[2,2]'
  assert_equal "$(sed -n '/^## Error$/,/^## Citations$/p' "${OUT}/summary.md")" '## Error

limit_exceeded: step limit exceeded: 2 allowed

Fix: Raise --max-steps.

## Highlights

- first finding
- second finding

## Answer

first finding
second finding

## Citations'
  assert_files
}

@test "a run at its limit that found nothing is not partial" {
  root_code 'x = 1'
  door --max-steps 1
  assert_result '[.ok, .partial, .final]' '[false,false,null]'
}

@test "the last step is told that it is the last" {
  # shellcheck disable=SC2016 # not for this shell
  use_program root model <<<'cat >"${LOG}"; echo "x = 1"'
  door --max-steps 2
  assert_regex "$(tail -n 1 "${LOG}")" '^Step 2, 0 more after it · .* The budget is nearly used up: give the answer now with set_final\.$'
}

@test "the call after the last allowed sub-call is refused" {
  root_code 'for n in range(3):
    append_highlight("call %d" % n)
    sub_rlm("q")'
  door --max-subcalls 2 --max-errors 1
  assert_error 2 limit_exceeded 'subcall limit exceeded: 2 allowed
  line 3: sub_rlm("q")'
  assert_result '[.stats.subcall_count, .partial, .highlights]' '[2,true,["call 0","call 1","call 2"]]'
}

@test "a batch that the budget can't hold is refused whole, before anything is asked" {
  root_code 'sub_rlm("q")
sub_rlm_batch(["a", "b"])'
  door --max-subcalls 2 --max-errors 1
  assert_error 2 limit_exceeded 'subcall limit exceeded: 2 allowed, this batch needs 2 and 1 is left
  line 2: sub_rlm_batch(["a", "b"])'
  assert_journal '[.[] | select(.purpose == "sub")] | length' 1
}

@test "more levels than are left are refused, at any depth" {
  local row max asked left
  for row in '2|3|2 levels are left' '1|2|1 level is left' '0|1|0 levels are left'; do
    IFS='|' read -r max asked left <<<"${row}"
    root_code "sub_rlm('q', depth=${asked})"
    door --max-depth "${max}" --max-errors 1
    assert_error 2 limit_exceeded "depth exceeded: ${asked} asked for, ${left} of ${max} (--max-depth)
  line 1: sub_rlm('q', depth=${asked})"
    assert_result .stats.subcall_count 0
  done
}

@test "the model may go on after a limit inside a step" {
  root_code 'sub_rlm("q", depth=9)' 'set_final(sub_rlm("q"))'
  door
  assert_done '"sub answer"'
}

@test "the time limit interrupts code that runs, and the best partial answer stays" {
  root_code 'append_highlight("found early")' 'while True: pass'
  door --timeout-seconds 1 --step-timeout-seconds 30
  assert_error 2 limit_exceeded 'time limit exceeded: 1 s allowed' 'Raise --timeout-seconds, or continue with --resume.'
  assert_result '[.partial, .final]' '[true,"found early"]'
  assert_files
}

@test "the time limit ends a sub-call that waits, and a final value given before is the partial answer" {
  root_code 'set_final({"draft": 1})
sub_rlm("q")'
  sub_replies '[{"reply": "too late", "delay_ms": 60000}]'
  door --timeout-seconds 1
  assert_equal "${status}" 2
  assert_result '[.error_code, .partial, .final]' '["limit_exceeded",true,{"draft":1}]'
}

@test "a call that would pass the token cap is not made" {
  root_replies '[{"reply": "append_highlight(\"found\")", "input_tokens": 2400, "output_tokens": 100}]'
  door --max-tokens 3000
  assert_equal "${status}" 2
  assert_regex "${stderr}" '^rlms: error: token limit exceeded: 2500 used and about [0-9]+ more needed, 3000 allowed'
  assert_regex "${stderr}" $'fix: Raise --max-tokens.$'
  assert_result '[.error_code, .partial, .final, .usage.input_tokens, .usage.output_tokens]' '["limit_exceeded",true,"found",2400,100]'
  assert_journal '[.[] | select(.type == "call")] | length' 1
}

@test "a token cap below one prompt asks nothing" {
  door --max-tokens 500
  assert_equal "${status}" 2
  assert_regex "${stderr}" '^rlms: error: token limit exceeded: 0 used and about '
  assert_journal 'map(.type)' '["run","end"]'
}

@test "a call that would pass the cost cap is not made" {
  root_replies '[{"reply": "append_highlight(\"found\")", "cost_usd": 0.5}]'
  door --max-usd 0.9
  # shellcheck disable=SC2016 # dollars
  assert_error 2 limit_exceeded 'cost limit exceeded: $0.50 spent and about $0.50 more needed, $0.90 allowed' 'Raise --max-usd.'
  assert_result '[.partial, .final, .usage.cost_usd]' '[true,"found",0.5]'
}

@test "a batch at an unknown price goes one at a time until the price is known, and never passes the cap" {
  root_code 'answers = sub_rlm_batch(["q%d" % n for n in range(8)])
set_final([answer if isinstance(answer, str) else answer["error_code"] for answer in answers])'
  sub_replies '[{"reply": "paid", "cost_usd": 0.1, "delay_ms": 50}]'
  door --max-usd 0.35
  assert_done '["paid","paid","paid","limit_exceeded","limit_exceeded","limit_exceeded","limit_exceeded","limit_exceeded"]'
  assert_result '.usage.cost_usd * 100 | round' 30
}

@test "the caps hold for the whole tree, child runs included" {
  root_code 'append_highlight("root")
sub_rlm("child", depth=2)'
  child_code 'x = 1'
  door --max-steps 4 --max-errors 1
  assert_equal "${status}" 2
  assert_result '[.error_code, (.error | split("\n")[0]), .stats.step_count]' '["limit_exceeded","step limit exceeded: 4 allowed",4]'
  root_code 'sub_rlm("child", depth=2)'
  child_code 'for n in range(9): sub_rlm("q")'
  door --max-subcalls 3 --max-errors 1
  assert_equal "${status}" 2
  assert_result '[.error_code, (.error | split("\n")[0]), .stats.subcall_count]' '["limit_exceeded","subcall limit exceeded: 3 allowed",3]'
}

@test "failed steps end the run when they follow each other, as many as --max-errors says" {
  root_code '1 / 0'
  door --max-errors 2
  assert_equal "${status}" 1
  assert_result '[.error_code, .stats.step_count]' '["code_error",2]'
  assert_regex "${stderr}" 'ZeroDivisionError: division by zero.*\(2 failed steps in a row\)'
  root_code '1 / 0' 'x = 1' '1 / 0' 'x = 2' '1 / 0' 'set_final("patience")'
  door --max-errors 2
  assert_done '"patience"'
}

@test "the last error's code is the run's" {
  root_code '1 / 0' 'import os' 'sub_rlm("q", depth=9)'
  door
  assert_equal "${status}" 2
  assert_result .error_code '"limit_exceeded"'
  root_code 'sub_rlm("q", depth=9)' '1 / 0' 'import os'
  door
  assert_equal "${status}" 1
  assert_result .error_code '"sandbox_violation"'
}

@test "code can ask what is left" {
  root_code 'sub_rlm("q")
left = budget()
left["seconds"] = 0 < left["seconds"] <= 60
set_final(left)'
  door --max-usd 1.5
  assert_done '{"steps":5,"subcalls":11,"seconds":true,"tokens":null,"usd":1.5,"depth":2}'
}

@test "attempts that failed and were paid for count before another is made" {
  root_code 'sub_rlm("first")'
  sub_replies '[{"error":"overloaded","retryable":true,"cost_usd":0.6}]'
  door --max-usd 1.0
  assert_equal "${status}" 2
  assert_result '[.error_code, .usage.cost_usd]' '["limit_exceeded",0.6]'
  assert_journal '[.[] | select(.type == "call_failed") | .usage.cost_usd]' '[0.6]'
}
