#!/usr/bin/env bats
# superloop.sh report: a loop's last run as one page. What the page holds: tests/worker/report; how it looks: tests/browser.
# shellcheck disable=SC2016 # scripts of agents stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
}

# What a reader sees of a page, on one line.
# words FILE
words() {
  sed -e 's/<style>.*//' -e '/^:root {/,/^<\/style>/d' -e 's/<[^>]*>/ /g' "$1" | tr -s ' \n' ' '
}

@test "a loop that has not run has no report" {
  host::run report
  assert_failure 1
  assert_equal "${stderr}" "error: loop 'work' has not run yet
  code: NOTHING_TO_REPORT
  fix: Run it first: superloop.sh run --loop work."
}

@test "the report of a run lies in the loop's folder and tells how it went" {
  host::config '.loops[0].rlms = {enabled: true, policy: {force_on: true}, roles: {planner: false}} | .loops[0].evidence = {enabled: true, artifacts: ["counter.txt"]}'
  host::door <<'EOS'
jq -n --slurpfile metadata "${F_metadata_file}" '{ok: true, highlights: ["The counter counts."], metadata: $metadata[0],
  citations: [{path: "counter.txt", start_line: 1, end_line: 1, signal: "definition", snippet: "one", verified: true}]}' >"${F_output_dir}/result.json"
EOS
  host::file counter.txt one
  host::run run
  assert_success
  host::run report
  assert_success
  assert_output "Wrote report to $(host::loop report.html)"
  assert_equal "${stderr}" ""
  run words "$(host::loop report.html)"
  assert_output --partial 'work ✓ Complete Run of '
  assert_output --partial 'Iteration 1 ✓ promise ✓ checklist ✓ evidence '
  assert_output --partial 'No analysis: they are off for this role role_disabled'
  assert_output --partial 'The counter counts. 1 citation, 1 verified counter.txt:1 ✓ verified definition one'
  run grep -o 'href="[^"]*counter.txt#L1[^"]*"' "$(host::loop report.html)"
  assert_line --index 0 'href="../../../counter.txt#L1:~:text=one"'
}

@test "--out writes the page elsewhere, with links from there" {
  host::run run
  host::run report --out "${TMP}/out folder/page.html"
  assert_success
  assert_output "Wrote report to ${TMP}/out folder/page.html"
  run grep -o 'href="[^"]*work.md"' "${TMP}/out folder/page.html"
  assert_output 'href="../repo/.superloop/specs/work.md"'
  assert [ ! -e "$(host::loop report.html)" ]
}

@test "a page that cannot be written is told, and an old one is kept" {
  host::run run
  echo old >"${TMP}/file"
  host::run report --out "${TMP}/file/page.html"
  assert_failure 1
  assert_output ""
  assert_equal "${stderr}" "superloop: error: cannot write ${TMP}/file/page.html: file already exists
  code: FILE_NOT_WRITTEN
  fix: Free some space, correct the permissions of its folder, or name another file with --out."
  assert_equal "$(<"${TMP}/file")" old
}

@test "a run that goes on is reported as running, with the roles that have ended" {
  host::agent tester <<<"'${PROJECT_ROOT}/superloop.sh' report --repo '${REPO}' --out '${TMP}/page.html'"
  host::run run
  assert_success
  run words "${TMP}/page.html"
  assert_output --partial 'work ◷ Running '
  assert_output --partial 'Iteration 1 ◷ not ended'
  assert_output --partial 'tester ◷ not ended'
}

@test "a loop that stopped tells what is open" {
  host::config '.loops[0].tests = {mode: "every", commands: ["echo zero is wrong; false"]} | .loops[0].checklists = ["list.md"] | .loops[0].max_iterations = 1'
  host::file list.md '- [ ] the changelog'
  host::run run
  assert_failure 1
  host::run report
  run words "$(host::loop report.html)"
  assert_output --partial 'work ✕ Stopped: max iterations'
  assert_output --partial 'What is open tests ✕ failed $ echo zero is wrong; false zero is wrong exit_code: 1'
  assert_output --partial 'checklist ◷ remaining list.md:1:- [ ] the changelog'
}

@test "records of another program, or damaged ones, are reported as far as they go" {
  mkdir -p "$(host::loop rlms/iter-1/reviewer)"
  printf '%s\n' '{"timestamp":"2026-01-02T03:04:05Z","event":"loop_start","run_id":"r","iteration":1}' \
    '{"timestamp":"2026-01-02T03:04:06Z","event":"iteration_start","run_id":"r","iteration":1}' \
    '{"timestamp":"2026-01-02T03:04:06Z","event":"rlms_end","role":"reviewer","status":"ok","run_id":"r","iteration":1}' \
    '{"event":"cut' >"$(host::loop events.jsonl)"
  echo '{"ok":tr' >"$(host::loop rlms/iter-1/reviewer/result.json)"
  echo '[]' >"$(host::loop evidence.json)"
  echo 'no JSON' >"$(host::loop usage.jsonl)"
  host::run report
  assert_success
  run words "$(host::loop report.html)"
  assert_output --partial 'work ✕ Interrupted Run of 2026-01-02 03:04:05 UTC'
}
