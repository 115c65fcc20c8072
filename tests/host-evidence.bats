#!/usr/bin/env bats
# evidence: what a completion rests on, with hashes.

setup() {
  load helpers/host
  host::setup
  host::settings
  host::source gates/evidence evidence
  printf '{"ok":true,"skipped":true}\n' >"${SL_TEST_STATUS_FILE}"
  printf 'all well\n' >"${SL_TEST_OUTPUT_FILE}"
  printf '{"ok":true,"remaining":0}\n' >"${SL_CHECKLIST_STATUS_FILE}"
  : >"${SL_CHECKLIST_REMAINING_FILE}"
}

# Every {path, exists, sha256} of the manifest is true of the file.
assert_hashes_match() {
  local line path
  while IFS= read -r line; do
    path=$(jq -r .path <<<"${line}")
    assert_equal "${path} $(host::sha256 "${REPO}/${path}")" "${path} $(jq -r .sha256 <<<"${line}")"
  done < <(jq -c '.. | objects | select(.exists == true)' "${SL_EVIDENCE_FILE}")
}

@test "evidence that is not enabled is skipped and not written" {
  SL_EVIDENCE_ENABLED=false
  gates::evidence::judge
  assert_equal "${GATE_EVIDENCE}" skipped
  assert [ ! -e "${SL_EVIDENCE_FILE}" ]
}

@test "the manifest has the sections that gates read, with tests and checklists inside" {
  SL_TESTS_MODE=every SL_TESTS_COMMANDS=('npm test' 'echo "x"') SL_CHECKLISTS=('a b.md' '*.md')
  gates::evidence::judge
  assert_equal "${GATE_EVIDENCE}" ok
  host::assert_json "${SL_EVIDENCE_FILE}" '[.loop_id, .run_id, .iteration, .spec_file]' '["work","run-1",1,".superloop/specs/work.md"]'
  host::assert_json "${SL_EVIDENCE_FILE}" '.tests | [.mode, .commands, .status, .status_file, .output_file]' \
    '["every",["npm test","echo \"x\""],{"ok":true,"skipped":true},".superloop/loops/work/test-status.json",".superloop/loops/work/test-output.txt"]'
  host::assert_json "${SL_EVIDENCE_FILE}" '.tests.status_sha256' "\"$(host::sha256 "${SL_TEST_STATUS_FILE}")\""
  host::assert_json "${SL_EVIDENCE_FILE}" '.tests.output_sha256' "\"$(host::sha256 "${SL_TEST_OUTPUT_FILE}")\""
  host::assert_json "${SL_EVIDENCE_FILE}" '.checklists | [.patterns, .status, .remaining_file]' \
    '[["a b.md","*.md"],{"ok":true,"remaining":0},".superloop/loops/work/checklist-remaining.md"]'
  host::assert_json "${SL_EVIDENCE_FILE}" '.checklists.status_sha256' "\"$(host::sha256 "${SL_CHECKLIST_STATUS_FILE}")\""
  host::assert_json "${SL_EVIDENCE_FILE}" '[has("validation"), (.generated_at | test("^[0-9-]{10}T[0-9:]{8}Z$"))]' '[true,true]'
}

@test "artifacts are listed with their hashes, odd names included" {
  local name
  local -a names=('a b.bin' 'q"uote' "it's" 'back\slash' '[x].txt' é '日本' '-n' $'tab\there' 'R&D')
  for name in "${names[@]}"; do
    host::file "out/${name}" "content of ${name}"
    TZ=UTC touch -t 202402291230.45 "${REPO}/out/${name}"
  done
  SL_EVIDENCE_ARTIFACTS=('out/*')
  gates::evidence::judge
  assert_equal "${GATE_EVIDENCE}" ok
  host::assert_json "${SL_EVIDENCE_FILE}" '.artifacts | map([.exists, .gate, .mtime]) | unique' '[[true,"evidence",1709209845]]'
  host::assert_json "${SL_EVIDENCE_FILE}" '.artifacts | length' "${#names[@]}"
  for name in "${names[@]}"; do
    assert_equal "${name} $(jq -r --arg path "out/${name}" '.artifacts[] | select(.path == $path) | .sha256' "${SL_EVIDENCE_FILE}")" \
      "${name} $(host::sha256 "${REPO}/out/${name}")"
  done
}

@test "an artifact that is missing is named and fails the gate, the others are still hashed" {
  host::file report.txt
  SL_EVIDENCE_ARTIFACTS=(report.txt 'none here.txt' 'dist/**/*.js')
  gates::evidence::judge
  assert_equal "${GATE_EVIDENCE}" failed
  host::assert_json "${SL_EVIDENCE_FILE}" '.artifacts | map([.path, .exists, .sha256 == null, .mtime == null])' \
    '[["report.txt",true,false,false],["none here.txt",false,true,true],["dist/**/*.js",false,true,true]]'
  assert_hashes_match
}

@test "an artifact that cannot be read fails the gate" {
  host::make_unreadable "${REPO}/report.txt"
  SL_EVIDENCE_ARTIFACTS=('report.*')
  gates::evidence::judge
  assert_equal "${GATE_EVIDENCE}" failed
  host::assert_json "${SL_EVIDENCE_FILE}" '.artifacts | map([.path, .exists, .sha256])' '[["report.txt",false,null]]'
}

@test "an artifact that the configuration names by its full path is hashed" {
  printf 'x\n' >"${TMP}/elsewhere.txt"
  SL_EVIDENCE_ARTIFACTS=("${TMP}/elsewhere.txt")
  gates::evidence::judge
  assert_equal "${GATE_EVIDENCE}" ok
  host::assert_json "${SL_EVIDENCE_FILE}" '.artifacts | map([.path, .exists, .sha256])' "[[\"${TMP}/elsewhere.txt\",true,\"$(host::sha256 "${TMP}/elsewhere.txt")\"]]"
}

@test "analyses of this iteration and the latest ones are listed, those of other iterations are not" {
  local file
  for file in iter-1/planner/result.json "iter-1/reviewer/summary.md" iter-2/planner/result.json latest/planner.json index.json; do
    host::file ".superloop/loops/work/rlms/${file}" "{\"file\":\"${file}\"}"
  done
  gates::evidence::judge
  assert_hashes_match
  host::assert_json "${SL_EVIDENCE_FILE}" '.rlms.files | map(.path | ltrimstr(".superloop/loops/work/rlms/"))' \
    '["iter-1/planner/result.json","iter-1/reviewer/summary.md"]'
  host::assert_json "${SL_EVIDENCE_FILE}" '.rlms.latest | map(keys_unsorted)' '[["path","exists","sha256","mtime"]]'
  host::assert_json "${SL_EVIDENCE_FILE}" '.rlms | [.index_file, .index]' '[".superloop/loops/work/rlms/index.json",{"file":"index.json"}]'
  host::assert_json "${SL_EVIDENCE_FILE}" '.rlms.index_sha256' "\"$(host::sha256 "${SL_RLMS_INDEX_FILE}")\""
}

@test "without an analysis the manifest says so" {
  gates::evidence::judge
  host::assert_json "${SL_EVIDENCE_FILE}" '.rlms | [.index, .index_sha256, .index_mtime, .latest, .files]' '[null,null,null,[],[]]'
}

@test "an artifact whose name is no UTF-8 is there all the same" {
  printf 'x\n' >"${REPO}/bad"$'\xff'
  SL_EVIDENCE_ARTIFACTS=('bad*')
  gates::evidence::judge
  host::assert_json "${SL_EVIDENCE_FILE}" '.artifacts | map([.exists, .sha256])' "[[true,\"$(printf 'x\n' | host::sha256 /dev/stdin)\"]]"
}

@test "hundreds of artifacts with long names are all listed" {
  local number
  mkdir -p "${REPO}/a folder with a rather long name for its many files"
  for ((number = 0; number < 900; number++)); do : >"${REPO}/a folder with a rather long name for its many files/${number}"; done
  SL_EVIDENCE_ARTIFACTS=('**/[0-9]*' none)
  gates::evidence::judge 2>"${TMP}/stderr"
  assert_equal "$(cat "${TMP}/stderr")" ""
  assert_equal "${GATE_EVIDENCE}" failed
  host::assert_json "${SL_EVIDENCE_FILE}" '.artifacts | length' 901
}

@test "a gate never holds over a manifest that could not be made" {
  rm "${SL_TEST_STATUS_FILE}"
  (
    gates::evidence::judge
    printf '%s' "${GATE_EVIDENCE}" >"${TMP}/gate"
  ) || : # it may end the run instead
  if [[ $(cat "${TMP}/gate") == ok ]]; then host::assert_json "${SL_EVIDENCE_FILE}" .loop_id '"work"'; fi
}

@test "a manifest that jq cannot make ends the run" {
  jq() { return 5; }
  run --separate-stderr gates::evidence::judge
  assert_failure 1
  assert_equal "${stderr}" "error: jq could not make ${SL_EVIDENCE_FILE}"$'\n  code: EVIDENCE_FAILED\n  fix: Read what it says above, then run again.'
  assert [ ! -e "${SL_EVIDENCE_FILE}" ]
}
