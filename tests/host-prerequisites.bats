#!/usr/bin/env bats
# gates/prerequisites: conditions on files. Every reason is a stable word.

setup() {
  load helpers/host
  host::setup
  host::settings
  host::source lib/strays lib/process config events gates gates/prerequisites
  SL_PREREQUISITES_ENABLED=true GATE_REASONS=()
}

# The gate's verdict on checks, a jq expression.
judge() {
  SL_PREREQUISITES_CHECKS=$(jq -nc "$1")
  gates::prerequisites::judge
}

# assert_obstacle CHECK REASON [DETAILS]: the one check does not hold, for this reason
assert_obstacle() {
  judge "[$1]"
  assert_equal "$1 ${GATE_PREREQUISITES}" "$1 failed"
  assert_equal "$1 $(jq -c '.failed | map(.reason)' "${SL_PREREQUISITES_STATUS_FILE}")" "$1 [\"$2\"]"
  if (($# > 2)); then host::assert_json "${SL_PREREQUISITES_STATUS_FILE}" '.failed[0].details' "$3"; fi
}

# assert_holds CHECK
assert_holds() {
  judge "[$1]"
  assert_equal "$1 $(jq -c .failed "${SL_PREREQUISITES_STATUS_FILE}") ${GATE_PREREQUISITES}" "$1 [] ok"
}

@test "a gate that is not enabled is skipped, and leaves no file" {
  SL_PREREQUISITES_ENABLED=false
  judge '[{type: "file_exists", path: "none"}]'
  assert_equal "${GATE_PREREQUISITES}" skipped
  assert [ ! -e "${SL_PREREQUISITES_STATUS_FILE}" ]
}

@test "the status says what holds, what does not, and why" {
  host::file plan.md 'ready'
  judge '[{id: "plan", type: "file_exists", path: "plan.md"}, {type: "file_exists", path: "none.md"}, {id: "long", type: "file_nonempty", path: "plan.md", min_chars: 6}]'
  assert_equal "${GATE_PREREQUISITES}" failed
  host::assert_json "${SL_PREREQUISITES_STATUS_FILE}" 'del(.generated_at)' \
    '{"ok":false,"status":"failed","total":3,"passed":1,"verified":["plan"],"failed":[{"id":"file_exists:none.md","type":"file_exists","path":"none.md","reason":"file_not_found"},{"id":"long","type":"file_nonempty","path":"plan.md","reason":"file_too_short","details":{"size":5,"min_chars":6}}]}'
  run jq -r .generated_at "${SL_PREREQUISITES_STATUS_FILE}"
  assert_output --regexp '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$'
  assert_equal "${GATE_REASONS[*]}" "prerequisites: file_exists:none.md: file_not_found prerequisites: long: file_too_short"
  judge '[{id: "plan", type: "file_exists", path: "plan.md"}]'
  host::assert_json "${SL_PREREQUISITES_STATUS_FILE}" '[.ok, .status, .total, .passed, .verified, .failed]' '[true,"ok",1,1,["plan"],[]]'
}

@test "a checklist is complete when no box outside code fences is open" {
  host::file todo.md $'# Todo\n- [x] one\n```\n- [ ] example\n```'
  assert_holds '{type: "markdown_checklist_complete", path: "todo.md"}'
  host::file todo.md $'- [x] one\n~~~\n```\n- [ ] example\n~~~\n  - [ ] two\r'
  assert_obstacle '{type: "markdown_checklist_complete", path: "todo.md"}' unchecked_items_remaining \
    '{"count":1,"first":[{"line":6,"text":"- [ ] two"}]}'
}

@test "patterns are JavaScript's, with their flags" {
  host::file notes.md $'Status: DONE\nnext\n| US-001 | Core builder |'
  assert_holds '{type: "file_regex_present", path: "notes.md", pattern: "^status:\\s+done$", flags: "im"}'
  assert_obstacle '{type: "file_regex_present", path: "notes.md", pattern: "^status:"}' pattern_not_found '{"pattern":"^status:"}'
  assert_holds '{type: "file_regex_absent", path: "notes.md", pattern: "\\| US-00[1-3] \\|\\s*\\|"}'
  assert_obstacle '{type: "file_regex_absent", path: "notes.md", pattern: "(?<=US-)\\d+"}' pattern_present '{"pattern":"(?<=US-)\\d+"}'
}

@test "texts are looked for as they are" {
  host::file notes.md 'a.b (c) "d" é'
  assert_holds '{type: "file_contains_all", path: "notes.md", needles: ["a.b", "(c)", "\"d\" é"]}'
  assert_obstacle '{type: "file_contains_all", path: "notes.md", needles: ["a.b", "a*b", "x"]}' missing_required_content '{"missing":["a*b","x"]}'
  assert_holds '{type: "file_not_contains_any", path: "notes.md", needles: ["TODO", "a*b"]}'
  assert_obstacle '{type: "file_not_contains_any", path: "notes.md", needles: ["TODO", "(c)"]}' forbidden_content_present '{"present":["(c)"]}'
}

@test "a file is long enough without the white space at its ends, in characters" {
  host::file short.md $'\n  éé😀 \n'
  assert_holds '{type: "file_nonempty", path: "short.md", min_chars: 3}'
  assert_obstacle '{type: "file_nonempty", path: "short.md", min_chars: 4}' file_too_short '{"size":3,"min_chars":4}'
  host::file blank.md $' \n\t'
  assert_obstacle '{type: "file_nonempty", path: "blank.md"}' file_too_short '{"size":0,"min_chars":1}'
}

@test "a file that is not there, is none or cannot be read fails whatever was to be looked for" {
  local kind
  mkdir "${REPO}/folder"
  host::make_unreadable "${REPO}/secret"
  for kind in 'type: "markdown_checklist_complete"' 'type: "file_regex_absent", pattern: "x"' 'type: "file_regex_present", pattern: "x"' \
    'type: "file_contains_all", needles: ["x"]' 'type: "file_not_contains_any", needles: ["x"]' 'type: "file_nonempty"'; do
    assert_obstacle "{${kind}, path: \"none\"}" file_not_found
    assert_obstacle "{${kind}, path: \"folder\"}" not_a_file
    assert_obstacle "{${kind}, path: \"secret\"}" file_unreadable
  done
  assert_obstacle '{type: "file_exists", path: "none"}' file_not_found
  assert_holds '{type: "file_exists", path: "folder"}'
}

@test "a check that cannot be made has failed" {
  host::file a.md
  assert_obstacle '{type: "file_is_nice", path: "a.md"}' unsupported_check_type
  assert_obstacle '{type: "toString", path: "a.md"}' unsupported_check_type
  assert_obstacle '{type: "file_exists"}' missing_path
  assert_obstacle '{type: "file_regex_absent", path: "a.md"}' missing_pattern
  assert_obstacle '{type: "file_regex_absent", path: "a.md", pattern: "("}' invalid_regex
  assert_obstacle '{type: "file_regex_absent", path: "a.md", pattern: "x", flags: "q"}' invalid_regex
  assert_obstacle '{type: "file_not_contains_any", path: "a.md", needles: []}' missing_needles
  SL_PREREQUISITES_CHECKS=""
  gates::prerequisites::judge
  host::assert_json "${SL_PREREQUISITES_STATUS_FILE}" '[.ok, .total, .failed[].reason]' '[false,0,"no_checks"]'
  assert_equal "${GATE_REASONS[${#GATE_REASONS[@]} - 1]}" "prerequisites: no_checks"
}

@test "a pattern that takes for ever is given up" {
  printf 'a%.0s' {1..60} >"${REPO}/long.txt"
  printf 'b' >>"${REPO}/long.txt"
  assert_obstacle '{type: "file_regex_present", path: "long.txt", pattern: "^(a+)+$"}' check_timed_out
}

@test "without a worker the gate fails and says so" {
  SUPERLOOP_ROOT=${TMP}
  judge '[{type: "file_exists", path: "."}]'
  assert_equal "${GATE_PREREQUISITES}" failed
  host::assert_json "${SL_PREREQUISITES_STATUS_FILE}" '.failed | map(.reason)' '["checker_failed"]'
  run jq -r '.failed[0].details.message' "${SL_PREREQUISITES_STATUS_FILE}"
  assert_line "  code: WORKER_NOT_BUILT"
}

@test "odd names of files and checks are told as they are" {
  host::file 'q"uote \é.md'
  judge '[{id: "first\nsecond", type: "file_exists", path: "none"}, {type: "file_exists", path: "q\"uote \\é.md"}]'
  host::assert_json "${SL_PREREQUISITES_STATUS_FILE}" '[.verified, (.failed | map(.id))]' \
    '[["file_exists:q\"uote \\é.md"],["first\nsecond"]]'
  assert_equal "${GATE_REASONS[*]}" "prerequisites: first second: file_not_found"
}
