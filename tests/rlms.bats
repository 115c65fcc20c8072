#!/usr/bin/env bats
# scripts/rlms: what a run that goes well leaves behind, and what the door says about itself.

setup() {
  load helpers/door
  set_up_door
}

teardown() { tear_down_door; }

@test "the final value of the code is the run's answer, with exit status 0 and silence" {
  door
  assert_done '"done"'
  assert_files
  assert_result .partial false
  assert_result 'has("error") or has("error_code") or has("error_fix")' false
}

@test "the offline model surveys real files, cites lines that verify and says that it is offline" {
  printf '# Plan\n- [ ] Repair the flux capacitor\nTODO: order parts for the capacitor\n' >"${REPO}/plan.md"
  printf 'widget.py\nplan.md\n' >"${LIST}"
  door --task "What is wrong with the capacitor?" --root-command-json '["rlms:offline"]' --subcall-command-json '[""]'
  assert_equal "${status} ${output} ${stderr}" "0  "
  assert_files
  assert_result .ok true
  assert_result '[.citations[] | select(.signal == "task_term") | .path, .verified] | unique' '[true,"plan.md"]'
  assert_result '.highlights[0] | startswith("Offline analysis: ")' true
  assert_result .stats.subcall_count 2
}

@test "result.json has schema_version first and every field of the contract" {
  door
  assert_result '(keys_unsorted[0]), .schema_version' $'"schema_version"\n1'
  assert_result keys '["citations","files","final","format","generated_at","highlights","iteration","limits","loop_id","metadata","ok","partial","role","sandbox","schema_version","signals","stats","task","trace","usage"]'
  assert_result '.generated_at | test("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d+Z$")' true
  assert_result '[.loop_id, .role, .iteration, .format, .task]' '["demo","reviewer",3,"json","Find it."]'
  assert_result .files '[{"path":"widget.py","line_count":3,"char_count":54}]'
  assert_result '.stats | del(.elapsed_seconds)' '{"file_count":1,"line_count":3,"char_count":54,"estimated_tokens":14,"skipped":{"missing":0,"repeated":0,"not_a_file":0,"unreadable":0,"binary":0},"step_count":1,"subcall_count":0,"depth_reached":0}'
  assert_result .sandbox '{"backend":"python","language":true,"process":true,"kernel":true}'
  assert_result .signals '{"class":1,"function":1,"heading":0,"test":0,"todo":0,"error":0}'
}

@test "result.json repeats every limit that was given" {
  door --max-steps 7 --max-depth 1 --timeout-seconds 12.5 --max-subcalls 9 --max-errors 4 --concurrency 2 --max-tokens 50000 --max-usd 1.5
  assert_result .limits '{"max_steps":7,"max_depth":1,"timeout_seconds":12.5,"max_subcalls":9,"max_errors":4,"concurrency":2,"max_tokens":50000,"max_usd":1.5}'
}

@test "without limits of their own there are twice as many sub-calls as steps, three errors, eight calls at once, no caps" {
  door
  assert_result .limits '{"max_steps":6,"max_depth":2,"timeout_seconds":60,"max_subcalls":12,"max_errors":3,"concurrency":8,"max_tokens":null,"max_usd":null}'
  door --max-subcalls 0
  assert_result .limits.max_subcalls 12
}

@test "the environment gives the number of sub-calls where no flag does" {
  SUPERLOOP_RLMS_MAX_SUBCALLS=5 door
  assert_result .limits.max_subcalls 5
  SUPERLOOP_RLMS_MAX_SUBCALLS=5 door --max-subcalls 4
  assert_result .limits.max_subcalls 4
}

@test "a lower requirement of the sandbox still gets every layer that the machine gives" {
  local flags
  for flags in '--sandbox auto' '--sandbox python --sandbox-require process' '--sandbox-require language' '--sandbox-require kernel'; do
    # shellcheck disable=SC2086 # words without spaces
    SUPERLOOP_RLMS_SANDBOX_REQUIRE=process door ${flags}
    assert_done '"done"'
    assert_result .sandbox '{"backend":"python","language":true,"process":true,"kernel":true}'
  done
}

@test "without --task the task is to help the role with the work of its loop" {
  door_without --task
  assert_result '.task | startswith("Help the reviewer of the agent loop \"demo\" with its work now. Read the spec")' true
}

@test "the metadata file is carried along; an empty name, a missing file and none at all are null" {
  echo '{"run_id": "x-1", "n": [1, 2]}' >"${TMP}/metadata.json"
  door --metadata-file "${TMP}/metadata.json"
  assert_result .metadata '{"run_id":"x-1","n":[1,2]}'
  door --metadata-file ""
  assert_result .metadata null
  door --metadata-file "${TMP}/nothing.json"
  assert_done '"done"'
  assert_result .metadata null
}

@test "a final value of any kind arrives as it is, by whichever name it is given" {
  local row
  for row in 'set_final([1, "two", None])|[1,"two",null]' 'FINAL({"a": {"b": True}})|{"a":{"b":true}}' \
    'answer = 2.5; FINAL_VAR("answer")|2.5' 'SUBMIT("text")|"text"' 'SUBMIT(name="n", size=2)|{"name":"n","size":2}' \
    'set_final(None)|null' 'set_final("")|""' 'set_final(False)|false' 'set_final("é \U0001f600")|"é 😀"'; do
    root_code "${row%|*}"
    door
    assert_done "${row##*|}"
  done
}

@test "summary.md tells who asked, the findings, the answer and its evidence" {
  root_code 'append_highlight("The widget\n turns.")
add_citation("widget.py", 2, 3, "definition", "class Widget:")
set_final("It turns.")'
  door
  assert_equal "$(<"${OUT}/summary.md")" "# RLMS Analysis

- Loop: demo
- Role: reviewer
- Iteration: 3
- OK: true
- Task: Find it.

## Highlights

- The widget turns.

## Answer

It turns.

## Citations

- widget.py:2 [definition] class Widget:"
}

@test "summary.md of a run without findings says so" {
  root_code 'set_final(None)'
  door --require-citations false
  assert_equal "$(sed -n '/^## Highlights/,$p' "${OUT}/summary.md")" $'## Highlights\n\nNone.\n\n## Citations\n\nNone.'
}

@test "summary.md shows twenty citations and counts the others" {
  seq 1 30 >"${REPO}/widget.py"
  root_code 'for n in range(1, 26): add_citation("widget.py", n, n)
set_final("x")'
  door
  assert_equal "$(grep -c '^- widget.py:' "${OUT}/summary.md")" 20
  assert_equal "$(tail -n 1 "${OUT}/summary.md")" "- … and 5 more in result.json"
  assert_result '.citations | length' 25
}

@test "a flag may be written with an equals sign, and the last of several counts" {
  door --role=planner --iteration=1 --iteration 2
  assert_result '[.role, .iteration]' '["planner",2]'
}

@test "a value may look like a flag" {
  local task
  for task in "--max-steps" "-x and more" "--help" "--version"; do
    door --task "${task}"
    assert_done '"done"'
    assert_equal "$(jq -r .task "${OUT}/result.json")" "${task}"
    rm -rf "${OUT}"
  done
}

@test "--version prints the version of the package" {
  run --separate-stderr "${PROJECT_ROOT}/scripts/rlms" --version
  assert_equal "${status} ${output} ${stderr}" "0 $(jq -r .version "${PROJECT_ROOT}/package.json") "
}

@test "--help names every flag, the files, and the exit statuses" {
  local flag
  run --separate-stderr "${PROJECT_ROOT}/scripts/rlms" --help
  assert_equal "${status} ${stderr}" "0 "
  for flag in repo loop-id role iteration context-file-list output-dir max-steps max-depth timeout-seconds max-subcalls \
    {root,subcall}-{command-json,args-json,prompt-mode,model} require-citations format metadata-file task sandbox sandbox-require \
    concurrency max-errors max-tokens max-usd resume progress step-timeout-seconds; do
    assert_regex "${output}" "--${flag}[ ,]"
  done
  assert_regex "${output}" "result.json, summary.md and journal.jsonl"
  assert_regex "${output}" "Exit status: 0 ok; 1 the run failed; 2 usage"
}

@test "the example of --help works as it stands" {
  cd "${REPO}"
  echo widget.py >files.txt
  run --separate-stderr "${PROJECT_ROOT}/scripts/rlms" --repo . --loop-id demo --role reviewer --iteration 1 --context-file-list files.txt \
    --output-dir out --max-steps 10 --max-depth 2 --timeout-seconds 120 --root-command-json '["rlms:offline"]'
  assert_equal "${status} ${output} ${stderr}" "0  "
  OUT=${REPO}/out assert_files
}

@test "the door works through symbolic links, from any folder, with an empty HOME" {
  ln -s "${PROJECT_ROOT}/scripts/rlms" "${TMP}/bin/one"
  ln -s one "${TMP}/bin/two"
  cd /
  HOME="" run --separate-stderr "${TMP}/bin/two" "${DOOR_FLAGS[@]}"
  assert_done '"done"'
}

@test "a worker that is not built and a missing node are told with their fix" {
  mkdir -p "${TMP}/copy/scripts"
  cp "${PROJECT_ROOT}/scripts/rlms" "${TMP}/copy/scripts/rlms"
  run --separate-stderr "${TMP}/copy/scripts/rlms" --version
  assert_equal "${status} ${stderr}" "1 rlms: error: the worker is not built"$'\n  code: WORKER_NOT_BUILT\n'"  fix: Run ${TMP}/copy/scripts/setup."
  ln -s "$(command -v bash)" "$(command -v dirname)" "$(command -v readlink)" "${TMP}/bin/"
  run --separate-stderr env PATH="${TMP}/bin" bash "${PROJECT_ROOT}/scripts/rlms" --version
  assert_equal "${status} ${stderr}" "1 rlms: error: node is not installed"$'\n  code: NODE_MISSING\n  fix: Install Node.js 20.19 or newer.'
}
