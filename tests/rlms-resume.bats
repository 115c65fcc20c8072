#!/usr/bin/env bats
# scripts/rlms --resume: paid work is never lost and never paid for twice, however the first part of the run ended.

setup() {
  load helpers/door
  set_up_door
  asked_after 0
}

teardown() { tear_down_door; }

# The model of sub-calls notes every prompt it gets and answers after so many seconds.
asked_after() {
  DOOR_FLAGS+=(--max-subcalls 50)
  # shellcheck disable=SC2016 # not for this shell
  use_program subcall asked "$1" <<<'prompt=$(cat); echo "${prompt}" >>"${LOG}"; sleep "$1"; echo "answer to ${prompt}"'
}

# assert_asked_once N: the N prompts, each exactly once.
assert_asked_once() {
  assert_equal "$(LC_ALL=C sort "${LOG}" | uniq -c | awk '{ print $1 }' | sort -u)" 1
  assert_equal "$(sort -u "${LOG}" | wc -l | tr -d ' ')" "$1"
}

# kill_door: as the kernel or an operator does it, with no chance to clean up.
kill_door() {
  kill -KILL "${DOOR_PID}"
  wait "${DOOR_PID}" 2>/dev/null || true # it was killed
  DOOR_PID=""
}

twenty='answers = [sub_rlm("q%02d" % n).strip() for n in range(20)]
set_final([len(answers), answers[0], answers[19]])'
eight='answers = [sub_rlm("q%d" % n).strip() for n in range(8)]
set_final([len(answers), answers[0], answers[7]])'
twenty_at_once='answers = [answer.strip() for answer in sub_rlm_batch(["q%02d" % n for n in range(20)])]
set_final([len(answers), answers[0], answers[19]])'

@test "a run killed in the middle of twenty calls in a row goes on where it was: each is asked once" {
  root_code "${twenty}"
  asked_after 0.03
  start_door
  wait_until has_lines "${LOG}" 7
  kill_door
  door --resume
  assert_done '[20,"answer to q00","answer to q19"]'
  assert_asked_once 20
  assert_result '[.stats.subcall_count, .stats.step_count]' '[20,1]'
  assert_files
}

@test "a run killed between an answer's record and the end of its call leaves nothing of the call" {
  local id
  root_code "${twenty}"
  asked_after 0.03
  start_door
  wait_until has_lines "${LOG}" 7
  kill_door
  id=$(jq -r 'select(.type == "call" and .purpose == "sub").id' "${OUT}/journal.jsonl" | head -n 1)
  mkdir -p "${OUT}/calls/${id}"
  door --resume
  assert_done '[20,"answer to q00","answer to q19"]'
  assert_asked_once 20
  assert_files
}

@test "a run killed in the middle of a batch asks only what was not asked yet" {
  root_code "${twenty_at_once}"
  asked_after 0.3
  start_door --concurrency 4
  wait_until has_lines "${LOG}" 10
  kill_door
  door --resume --concurrency 4
  assert_done '[20,"answer to q00","answer to q19"]'
  assert_asked_once 20
  assert_files
}

@test "a run that is killed twice still asks each prompt once" {
  root_code "${eight}"
  asked_after 0.1
  start_door
  wait_until has_lines "${LOG}" 3
  kill_door
  start_door --resume
  wait_until has_lines "${LOG}" 5
  kill_door
  door --resume
  assert_done '[8,"answer to q0","answer to q7"]'
  assert_asked_once 8
}

@test "with a relative output folder nothing is asked twice either" {
  cd "${TMP}"
  root_code "${eight}"
  asked_after 0.1
  start_door --output-dir out
  wait_until has_lines "${LOG}" 4
  kill_door
  door --resume --output-dir out
  assert_equal "${status}" 0
  assert_asked_once 8
}

@test "an answer that came while nobody listened is taken" {
  root_code 'set_final(sub_rlm("q"))'
  # shellcheck disable=SC2016 # not for this shell
  use_program subcall patient <<<'echo asked >>"${LOG}"; while [[ ! -e ${LOG}.go ]]; do sleep 0.05; done; echo "late answer"; echo >"${LOG}.done"'
  start_door
  wait_until has_lines "${LOG}" 1
  kill_door
  touch "${LOG}.go"
  wait_until test -e "${LOG}.done"
  door --resume
  assert_done '"late answer\n"'
  assert_asked_once 1
}

@test "a root call that was in flight is not asked again" {
  # shellcheck disable=SC2016 # not for this shell
  use_program root root <<<'cat >/dev/null; echo asked >>"${LOG}"; while [[ ! -e ${LOG}.go ]]; do sleep 0.05; done; echo "set_final(\"once\")"'
  start_door
  wait_until has_lines "${LOG}" 1
  kill_door
  start_door --resume
  touch "${LOG}.go"
  finish_door
  assert_done '"once"'
  assert_asked_once 1
}

@test "a run killed inside a child run resumes inside it" {
  root_code 'set_final(sub_rlm("Look.", depth=2))'
  child_code "${eight}"
  use_program subcall sub <<'END'
prompt=$(cat)
if [[ ${prompt} == "# You answer"* ]]; then
  echo "child" >>"${LOG}"
  printf '%s\n' "${CHILD}"
else
  echo "${prompt}" >>"${LOG}"
  sleep 0.1
  echo "answer to ${prompt}"
fi
END
  export CHILD=${eight}
  start_door
  wait_until has_lines "${LOG}" 5
  kill_door
  door --resume
  assert_done '[8,"answer to q0","answer to q7"]'
  assert_asked_once 9
  assert_files
}

@test "a run that reached a limit goes on with a higher one, and its tokens are counted once" {
  root_code 'print(sub_rlm("q1"))' 'set_final(sub_rlm("q2"))'
  door --max-steps 1
  assert_equal "${status}" 2
  door --resume
  assert_done '"answer to q2\n"'
  assert_asked_once 2
  assert_equal "$(jq -s 'map(select(.type == "call") | .usage.output_tokens) | add' "${OUT}/journal.jsonl")" "$(jq .usage.output_tokens "${OUT}/result.json")"
  assert_journal '[.[] | select(.type == "end") | .ok]' '[false,true]'
}

@test "a finished run that is resumed asks nothing and gives the same answer" {
  root_code "${eight}"
  door
  local first
  first=$(jq -c '[.final, .usage, .trace[].output_preview]' "${OUT}/result.json")
  door --resume
  assert_result '[.final, .usage, .trace[].output_preview]' "${first}"
  assert_asked_once 8
}

@test "an interrupted run resumes" {
  root_code "${eight}"
  asked_after 0.1
  start_door
  wait_until has_lines "${LOG}" 5
  kill -TERM "${DOOR_PID}"
  finish_door
  assert_equal "${status}" 143
  local before
  before=$(jq -s 'map(select(.purpose == "sub" and .type == "call")) | length' "${OUT}/journal.jsonl")
  door --resume
  assert_done '[8,"answer to q0","answer to q7"]'
  # only the one that was interrupted is asked again
  assert [ "$(wc -l <"${LOG}")" -le $((8 + 1)) ]
  assert [ "${before}" -ge 4 ]
}

@test "a run that was killed goes on with the documents as it had read them" {
  root_code 'sub_rlm("q")
set_final(read_file("widget.py", 1, 1))'
  asked_after 0.3
  start_door
  wait_until has_lines "${LOG}" 1
  kill_door
  echo changed >"${REPO}/widget.py"
  door --resume
  assert_done '"first line"'
  assert_asked_once 1
}

@test "a snapshot that was killed half-written over an older one is not taken for it" {
  local text
  text=$(<"${REPO}/widget.py")
  root_code 'sub_rlm("q")
set_final(read_file("widget.py"))'
  asked_after 0.3
  start_door
  wait_until has_lines "${LOG}" 1
  kill_door
  yes "another document of the same name" | head -c 200000000 >"${REPO}/widget.py"
  start_door
  wait_until is_larger_than 1000000 "${OUT}/documents.pack"
  kill_door
  printf '%s\n' "${text}" >"${REPO}/widget.py"
  door --resume
  assert_equal "${status}" 0
  assert_equal "$(jq -r .final "${OUT}/result.json")" "${text}"
  assert_files
}

is_larger_than() { [[ -f $2 ]] && (($(wc -c <"$2") > $1)); }

@test "without --resume a program that a killed run left behind is ended and its answer not used" {
  root_code 'set_final(sub_rlm("q"))'
  # shellcheck disable=SC2016 # not for this shell
  use_program subcall stuck <<<'echo $$ >>"${PIDS}"; if [[ ! -e ${LOG} ]]; then echo first >"${LOG}"; exec sleep 300; fi; echo "fresh"'
  start_door
  wait_until has_lines "${LOG}" 1
  kill_door
  door
  assert_done '"fresh\n"'
  assert_nothing_survives
}

@test "a killed run leaves no sandbox running" {
  root_code 'sub_rlm("q")
while True: pass'
  start_door --step-timeout-seconds 60
  wait_until has_lines "${LOG}" 1
  wait_until grep -q '"purpose":"sub"' "${OUT}/journal.jsonl"
  pgrep -P "${DOOR_PID}" >"${PIDS}"
  kill_door
  assert_nothing_survives
}
