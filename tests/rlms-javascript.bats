#!/usr/bin/env bats
# scripts/rlms --sandbox javascript: the same run, its code in another language.

setup() {
  load helpers/door
  set_up_door
  DOOR_FLAGS+=(--sandbox javascript)
}

teardown() { tear_down_door; }

@test "code in JavaScript reads, cites, asks and answers" {
  # shellcheck disable=SC2016 # JavaScript
  root_replies '["Look first.\n```js\nconst [hit] = grep(/class \\w+/);\nprint(hit.snippet);\n```",
    "```javascript\nadd_citation(hit);\nsetFinal({ said: subRlm(`What is ${hit.snippet}`), lines: read_file(hit.path).split(\"\\n\").length });\n```"]'
  door
  assert_equal "${status} ${output} ${stderr}" "0  "
  assert_result .final '{"said":"sub answer","lines":3}'
  assert_result '[.citations[] | [.path, .start_line, .snippet, .verified]]' '[["widget.py",2,"class Widget:",true]]'
  assert_result .sandbox '{"backend":"javascript","language":true,"process":true,"kernel":true}'
}

@test "the root prompt speaks JavaScript, and shows an error of the code with its line" {
  recorder=$(
    fake_program recorder <<'END'
cat >"${LOG}.$(($(ls "${LOG}".* 2>/dev/null | wc -l) + 1))"
if [[ -f ${LOG}.2 ]]; then echo 'set_final("done")'; else printf '```js\nconst x = 1\nrequire("fs")\n```\n'; fi
END
  )
  door --root-command-json "[\"${recorder}\"]"
  assert_result .final '"done"'
  assert_equal "$(grep -c '(```javascript)' "${LOG}.1")" 1
  assert_equal "$(grep -A1 '^Error: ' "${LOG}.2")" 'Error: line 2: require is not available; there are no modules; JSON, Math, RegExp, Map, Set and Date are there as they are
  line 2: require("fs")'
}

@test "a child run has a sandbox of the same language" {
  root_replies '["set_final(sub_rlm(\"count\", 2, chunks(\"widget.py\", 30)[1]))"]'
  # shellcheck disable=SC2016 # JavaScript
  set_sub_script root '["```js\nset_final(`${list_files()[0]}: ${context.split(\"\\n\").length}`)\n```"]'
  door
  assert_result .final '"widget.py:3-3: 2"'
  assert_result .stats.depth_reached 1
}

@test "the offline model writes JavaScript, and finds what it finds in Python" {
  printf '# Plan\n- [ ] Repair the flux capacitor\nTODO: order parts for the capacitor\n' >"${REPO}/plan.md"
  printf 'widget.py\nplan.md\n' >"${LIST}"
  local flags=(--task "What is wrong with the capacitor?" --root-command-json '["rlms:offline"]' --subcall-command-json '[""]')
  door "${flags[@]}"
  assert_equal "${status} ${output} ${stderr}" "0  "
  local javascript
  javascript=$(jq -S '[.final, .highlights, .citations, .stats.subcall_count]' "${OUT}/result.json")
  door "${flags[@]}" --sandbox python
  assert_equal "${javascript}" "$(jq -S '[.final, .highlights, .citations, .stats.subcall_count]' "${OUT}/result.json")"
}

@test "a run is not resumed in another language" {
  root_replies '["set_final(1)"]'
  door
  door --sandbox python --resume
  assert_error 2 invalid_config "cannot resume ${OUT}/journal.jsonl: the sandbox's language changed since it was written"
}
