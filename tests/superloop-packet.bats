#!/usr/bin/env bats
# What a run leaves for readers: the reviewer's packet, and timeline.md.
# shellcheck disable=SC2016 # scripts of agents stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
}

packet() { host::loop reviewer-packet.md; }

@test "without a reviewer packet there is none, and the prompt names none" {
  host::run run
  assert_success
  assert [ ! -e "$(packet)" ]
  run cat "${AGENTS}/reviewer.prompt-1"
  refute_output --partial packet
}

@test "the packet holds this iteration's reports, and the prompt of the reviewer alone names it" {
  host::config '.loops[0].reviewer_packet.enabled = true'
  host::agent implementer <<<'echo "I built the counter." >"$(sed -n "s/^- Implementer report: //p" "${AGENTS}/implementer.prompt-${ITERATION}")"; echo new >counter.txt'
  host::agent tester <<<'printf "~~~\n1 of 1 tests pass.\n" >"$(sed -n "s/^- Test report: //p" "${AGENTS}/tester.prompt-${ITERATION}")"'
  host::run run
  assert_success
  run cat "$(packet)"
  assert_line --index 0 '# Reviewer packet'
  assert_line --regexp '^- Loop: work, iteration 1, run [0-9-]{10}T'
  assert_line '- Spec: .superloop/specs/work.md'
  assert_line 'I built the counter.'
  assert_line '1 of 1 tests pass.'
  assert_line 'counter.txt'
  assert_line 'Not judged yet in this run.'
  run grep -l 'Reviewer packet, to read first: ' "${AGENTS}"/*.prompt-1
  assert_output "${AGENTS}/reviewer.prompt-1"
  run sed -n 's/^- Reviewer packet, to read first: //p' "${AGENTS}/reviewer.prompt-1"
  assert_output "$(packet)"
}

@test "from the second iteration on the packet tells how the gates stood, and why" {
  host::config '.loops[0].reviewer_packet.enabled = true | .loops[0].tests = {mode: "every", commands: ["seq 1000; false"]}
    | .loops[0].checklists = ["list.md"] | .loops[0].max_iterations = 2'
  host::file list.md '- [ ] open box'
  host::run run
  assert_failure 1
  run cat "$(packet)"
  assert_line --regexp '^promise=true tests=failed .*checklist=remaining'
  assert_line '## Gates, as iteration 1 left them'
  assert_line 'exit_code: 1'
  assert_line 1000
  refute_line 100
  assert_line --partial 'list.md:1:- [ ] open box'
}

@test "the packet holds the analysis that was made for the reviewer, and none of an earlier iteration" {
  host::config '.loops[0].reviewer_packet.enabled = true | .loops[0].rlms = {enabled: true, mode: "requested", policy: {force_on: false}}'
  host::door <<<'answer "found in iteration ${F_iteration}"'
  host::agent reviewer <<'EOS'
cp "$(sed -n 's/^- Reviewer packet, to read first: //p' "${AGENTS}/reviewer.prompt-${ITERATION}")" "${AGENTS}/packet-${ITERATION}"
if ((ITERATION == 2)); then echo '<promise>DONE</promise>' >"$1"; else echo more >"$1"; fi
EOS
  mkdir -p "$(host::loop rlms/requests)"
  echo 'What is there?' >"$(host::loop rlms/requests/reviewer.md)"
  host::run run
  assert_success
  run cat "${AGENTS}/packet-1"
  assert_line --partial 'found in iteration 1'
  run cat "${AGENTS}/packet-2"
  refute_output --partial 'found in iteration'
}

@test "the timeline has a line for each iteration, and tells why a run stopped" {
  host::config '.loops[0].max_iterations = 2'
  host::agent reviewer <<<'if ((ITERATION == 3)); then echo "<promise>DONE</promise>" >"$1"; else echo more >"$1"; fi'
  host::run run
  assert_failure 1
  host::run run
  assert_success
  run cat "$(host::loop timeline.md)"
  assert_line --index 0 '# Timeline'
  assert_line --index 1 'Loop: work'
  assert_line --index 2 --regexp '^- [0-9-]{10}T[0-9:]{8}Z run=[^ ]+ iter=1 promise=false tests=skipped .*checklist=ok .*completion=false$'
  assert_line --index 3 --regexp ' iter=2 promise=false .*completion=false$'
  assert_line --index 4 --regexp ' iter=2 stopped: max_iterations$'
  assert_line --index 5 --regexp ' iter=1 promise=true .*completion=true$'
  assert_equal "${#lines[@]}" 6
}
