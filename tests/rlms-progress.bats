#!/usr/bin/env bats
# scripts/rlms and what it tells while it runs, on standard error.

setup() {
  load helpers/door
  set_up_door
  root_code 'print(sub_rlm("q"))' '1 / 0' 'set_final("done")'
}

teardown() { tear_down_door; }

@test "none says nothing, and neither does auto where there is no terminal" {
  door --progress none
  assert_done '"done"'
  door --progress auto
  assert_done '"done"'
  door
  assert_done '"done"'
}

@test "plain tells each step in a line" {
  door --progress plain
  assert_equal "${status} ${output}" "0 "
  # shellcheck disable=SC2001 # not a pattern of the shell
  assert_equal "$(sed 's/r\.[0-9a-f]\{16\}\.1/ID/' <<<"${stderr}")" 'rlms: context: 1 document, 54 bytes, about 14 tokens (1 .py)
rlms: run r: 1 documents, Find it.
rlms: step 1 of run r: asking for code
rlms: step 1 of run r: 1 lines of code, print(sub_rlm("q"))
rlms: sub-call ID, 1 in flight
rlms: step 1 of run r: done
rlms: step 2 of run r: asking for code
rlms: step 2 of run r: 1 lines of code, 1 / 0
rlms: step 2 of run r: failed, ZeroDivisionError: division by zero
rlms: step 3 of run r: asking for code
rlms: step 3 of run r: 1 lines of code, set_final("done")
rlms: step 3 of run r: done'
}

@test "json tells each event in a line of JSON" {
  door --progress json
  assert_equal "${status} ${output}" "0 "
  assert_equal "$(jq -r '.type' <<<"${stderr}" | paste -sd ' ' -)" 'context run_start step_start call_start call_end code call_start call_end step_end step_start call_start call_end code step_end step_start call_start call_end code step_end run_end'
  assert_equal "$(jq -c 'select(.type == "run_start")' <<<"${stderr}")" '{"type":"run_start","run":"r","depth":0,"task":"Find it.","documents":1}'
  assert_equal "$(jq -c 'select(.type == "step_end") | [.step, .ok, .output]' <<<"${stderr}" | head -n 1)" '[1,true,"Output (11 characters):\nsub answer"]'
  assert_equal "$(jq -c 'select(.type == "call_end") | [.ok, .replayed, .inFlight]' <<<"${stderr}" | sort -u)" '[true,false,0]'
}

@test "a resumed run tells which calls were not asked again" {
  door
  door --resume --progress json
  assert_equal "$(jq -c 'select(.type == "call_end") | .replayed' <<<"${stderr}" | sort -u)" true
}

@test "an error comes after the progress, in the same form as without it" {
  root_code '1 / 0'
  door --progress plain --max-errors 1
  assert_equal "${status}" 1
  assert_equal "$(tail -n 4 <<<"${stderr}")" 'rlms: error: ZeroDivisionError: division by zero
  line 1: 1 / 0
  code: code_error
  fix: See the last steps in journal.jsonl; raise --max-errors or use a stronger root model.'
}

@test "on a terminal auto shows one live line and takes it away" {
  python3 - "${PROJECT_ROOT}/scripts/rlms" "${DOOR_FLAGS[@]}" >"${TMP}/screen" 3>&- <<'END'
import pty, sys
sys.exit(pty.spawn(sys.argv[1:]) >> 8)
END
  assert_result .ok true
  assert_regex "$(<"${TMP}/screen")" $'\r\033\\[2K0 s  step 3 of run r'
  assert_equal "$(tail -c 5 "${TMP}/screen")" $'\r\033[2K'
}

@test "a reader of the progress that goes away costs nothing" {
  local code reader
  for reader in true 'head -n 1'; do
    rm -rf "${OUT}"
    code=0
    "${PROJECT_ROOT}/scripts/rlms" "${DOOR_FLAGS[@]}" --progress plain 2> >(exec ${reader} >/dev/null) || code=$?
    assert_equal "${code}" 0
    assert_result .final '"done"'
    assert_files
  done
}

@test "a reader of the help that goes away sees no stack trace" {
  "${PROJECT_ROOT}/scripts/rlms" --help 2>"${TMP}/errors" | true
  assert_equal "$(<"${TMP}/errors")" ""
}

@test "standard streams that are closed cost nothing" {
  local code=0
  "${PROJECT_ROOT}/scripts/rlms" "${DOOR_FLAGS[@]}" --progress json <&- >&- 2>&- || code=$?
  assert_equal "${code}" 0
  assert_result .final '"done"'
  assert_files
}

@test "many calls at once say nothing on standard error" {
  root_code 'set_final(len(sub_rlm_batch(["q%d" % n for n in range(40)])))'
  door --max-subcalls 100
  assert_done 40
  use_program subcall sub <<<'cat'
  door --max-subcalls 100
  assert_done 40
}
