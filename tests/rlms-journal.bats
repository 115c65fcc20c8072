#!/usr/bin/env bats
# scripts/rlms and its journal: what it is made of, when it is gone on with, kept aside or refused, and how large it grows.

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

@test "the journal holds every call with its reply, usage and prompt hash, every step as it was shown, and the end" {
  root_code 'print(sub_rlm("q"))
set_final("done")'
  door
  assert_journal 'map(.type)' '["run","call","call","step","end"]'
  assert_journal '.[0] | [.schema_version, (.task_sha256 | length), (.documents_sha256 | length), (.started_at | endswith("Z"))]' '[1,64,64,true]'
  assert_journal '.[2] | [.purpose, .model, .prompt_chars, .reply, .usage]' \
    '["sub","asked",1,"answer to q\n",{"input_tokens":1,"output_tokens":3,"cost_usd":null}]'
  assert_journal '.[2].prompt_sha256' "\"$(printf q | node -e 'process.stdout.write(require("node:crypto").createHash("sha256").update(require("node:fs").readFileSync(0)).digest("hex"))')\""
  assert_journal '.[3] | [.run, .step, .ok, .observation]' '["r",1,true,"Output (13 characters):\nanswer to q\n"]'
}

@test "a journal whose last line was cut loses that line and nothing else" {
  local kept
  root_code 'set_final([sub_rlm("q%d" % n) for n in range(3)])'
  door
  # the header, the root's call and two sub-calls; of the third, forty bytes
  kept=$(head -n 4 "${OUT}/journal.jsonl" | wc -c)
  head -c $((kept + 40)) "${OUT}/journal.jsonl" >"${TMP}/cut"
  mv "${TMP}/cut" "${OUT}/journal.jsonl"
  rm "${LOG}"
  door --resume
  assert_done '["answer to q0\n","answer to q1\n","answer to q2\n"]'
  assert_equal "$(<"${LOG}")" q2
  assert_journal 'map(.type)' '["run","call","call","call","call","step","end"]'
}

@test "replies with line separators of any kind survive a resume" {
  local reply='["a\u2028b\u2029c\u0085d\re\nf\u0000g \ud83d\ude00"]'
  root_code 'print("x")' 'set_final(sub_rlm("q"))'
  sub_replies "${reply}"
  door --subcall-command-json "$(vector rlms:scripted "${SUB_SCRIPT}")"
  assert_done "$(jq -c '.[0]' <<<"${reply}")"
  sub_replies '["not this one"]'
  door --resume --subcall-command-json "$(vector rlms:scripted "${SUB_SCRIPT}")"
  assert_done "$(jq -c '.[0]' <<<"${reply}")"
}

@test "the journal is at most twice what the models wrote and were shown" {
  root_code 'print("line of output\n" * 4000)' 'answers = sub_rlm_batch(["question %d " % n + "é" * 1000 for n in range(20)])
print("\n".join(answers))' 'set_final("done")'
  door
  assert_equal "${status}" 0
  local written shown
  written=$(jq -s 'map(select(.type == "call") | .reply | utf8bytelength) | add' "${OUT}/journal.jsonl")
  shown=$(jq -s 'map(select(.type == "call") | .prompt_chars) | add' "${OUT}/journal.jsonl")
  assert [ "$(wc -c <"${OUT}/journal.jsonl")" -le $((2 * (written + shown))) ]
}

@test "a context of 100 MiB leaves nothing of itself behind but what the code printed" {
  yes "the quick brown fox jumps over the lazy dog and runs away" | head -c 104857600 >"${REPO}/widget.py"
  printf '\nneedle-4711\n' >>"${REPO}/widget.py"
  root_code 'hit = grep("needle-[0-9]+")[0]
print(hit["start_line"], len(chunks("widget.py", 1000000)))
set_final([hit["snippet"], sub_rlm("q", context=hit), sub_rlm("q2", context="secret words of the code")])'
  door --subcall-command-json "$(vector rlms:scripted "${SUB_SCRIPT}")"
  rm "${REPO}/widget.py"
  assert_done '["needle-4711","sub answer","sub answer"]'
  assert_files
  assert [ "$(wc -c <"${OUT}/journal.jsonl")" -lt 5000 ]
  assert [ "$(wc -c <"${OUT}/result.json")" -lt 5000 ]
  refute grep -q -e 'quick brown' -e 'needle-4711' "${OUT}/journal.jsonl"
}

@test "an empty journal and one that was cut in its first line are a fresh start" {
  local content
  root_code 'set_final(sub_rlm("q"))'
  mkdir "${OUT}"
  for content in '' '{"type":"ru'; do
    rm -f "${LOG}"
    printf '%s' "${content}" >"${OUT}/journal.jsonl"
    door --resume
    assert_done '"answer to q\n"'
    assert_journal 'map(.type)' '["run","call","call","step","end"]'
  done
}

@test "--resume without a journal is a run like any other" {
  door --resume
  assert_done '"done"'
}

@test "a journal that is damaged in its middle is refused and kept" {
  root_code 'set_final(sub_rlm("q"))'
  door
  sed -i.bak '2s/.*/{broken/' "${OUT}/journal.jsonl"
  cp "${OUT}/journal.jsonl" "${TMP}/before"
  door --resume
  assert_equal "${status}" 2
  assert_regex "${stderr}" "^rlms: error: the journal cannot be read: ${OUT}/journal.jsonl: .*"$'\n  code: invalid_config\n  fix: Start anew without --resume; the damaged journal is kept under another name.$'
  assert cmp "${OUT}/journal.jsonl" "${TMP}/before"
}

@test "another task or other documents are refused, and the journal is kept as it was" {
  root_code 'set_final(sub_rlm("q"))'
  door
  cp "${OUT}/journal.jsonl" "${TMP}/before"
  local fix='Start anew without --resume; the old journal is kept under another name.'
  door --resume --task "Another."
  assert_error 2 invalid_config "cannot resume ${OUT}/journal.jsonl: the task changed since it was written" "${fix}"
  echo changed >>"${REPO}/widget.py"
  door --resume
  assert_error 2 invalid_config "cannot resume ${OUT}/journal.jsonl: the documents changed since it was written" "${fix}"
  door --resume --task "Another."
  assert_error 2 invalid_config "cannot resume ${OUT}/journal.jsonl: the task and the documents changed since it was written" "${fix}"
  assert cmp "${OUT}/journal.jsonl" "${TMP}/before"
  assert_asked_once 1
}

@test "without --resume the old journal is kept under another name, each in its turn" {
  local first
  root_code 'set_final(sub_rlm("q"))'
  door
  first=$(<"${OUT}/journal.jsonl")
  door
  door
  assert_files journal.1.jsonl journal.2.jsonl journal.jsonl result.json summary.md
  assert_equal "$(<"${OUT}/journal.1.jsonl")" "${first}"
  assert_equal "$(wc -l <"${LOG}" | tr -d ' ')" 3
}
