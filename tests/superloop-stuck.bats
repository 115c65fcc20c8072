#!/usr/bin/env bats
# Stuck detection: a loop that changes nothing ends, and says so.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
  host::agent reviewer <<<'echo no >"$1"'
  configure '{}'
}

# A loop of the implementer and the reviewer that may run six times, with settings of stuck and of the loop as jq objects.
configure() {
  host::config ".loops[0] += {max_iterations: 6, stuck: ({enabled: true, threshold: 2} + $1), roles: {implementer: {runner: \"implementer\"}, reviewer: {runner: \"reviewer\"}}} + ${2-{\}}"
}

# An implementer whose script runs in the repository.
implementer() {
  host::agent implementer < <(
    printf 'cd "$(dirname "$0")/../repo" || exit\n'
    cat
  )
}

# What is staged, what is not, and the objects that git has.
git_state() {
  git -C "${REPO}" status --porcelain -- . ':(exclude).superloop'
  git -C "${REPO}" ls-files -s
  find "${REPO}/.git/objects" -type f
}

# assert_stuck ITERATION: the run ended there
assert_stuck() {
  assert_failure 1
  assert_line "Stuck detection triggered for loop 'work'. Stopping."
  assert_line "Read $(host::loop stuck-report.md)"
  host::assert_json "${REPO}/.superloop/state.json" '[.active, .iteration]' "[false,$1]"
  run jq -c 'select(.event == "loop_stopped") | .data.reason' "$(host::loop events.jsonl)"
  assert_output '"stuck"'
}

@test "iterations that change nothing end the loop at the threshold, with a report" {
  host::file todo.md '- [ ] open'
  configure '{ignore: ["*.log"]}' '{checklists: ["todo.md"]}'
  host::run run
  assert_line "Iteration 1: promise false, tests skipped, checklists remaining, evidence skipped, stuck 1/2"
  assert_stuck 2
  run cat "$(host::loop stuck-report.md)"
  assert_line "Loop work, iterations 1 to 2: neither files nor the output of the tests changed."
  assert_line "- promise: the reviewer did not give it"
  assert_line "- checklists: todo.md:1:- [ ] open"
  assert_line "Files that do not count: .superloop, what git ignores, *.log"
  run cat "$(host::loop gate-summary.txt)"
  assert_output --partial " stuck=2/2 "
  host::assert_json "$(host::loop stuck.json)" '[.streak, .threshold]' '[2,2]'
  run jq -c 'select(.event == "stuck_checked") | .data' "$(host::loop events.jsonl)"
  assert_output '{"streak":1,"threshold":2,"triggered":false,"action":"report_and_stop"}
{"streak":2,"threshold":2,"triggered":true,"action":"report_and_stop"}'
  assert [ ! -e "$(host::loop stuck)" ]
}

@test "a change of any kind starts the count anew" {
  implementer <<'EOS'
case ${ITERATION} in
  1) echo new >new.txt ;;
  2) ;;
  3) echo more >>new.txt ;;
  4) rm new.txt ;;
esac
EOS
  host::run run
  assert_stuck 6
}

@test "a commit of what was changed is no further change" {
  implementer <<'EOS'
if ((ITERATION == 1)); then echo new >new.txt; fi
if ((ITERATION == 2)); then git add -A && git -c user.name=t -c user.email=t@example.org commit -qm change; fi
EOS
  host::run run
  assert_stuck 3
}

@test "what is ignored does not count: globs, git's own, and what the loop leaves behind" {
  printf 'build/\n' >"${REPO}/.gitignore"
  implementer <<'EOS'
mkdir -p build deep/er "odd dir"
echo "${ITERATION}" | tee build/out deep/er/a.log "odd dir/x" .superloop/specs/work.md >top.log
EOS
  configure '{ignore: ["*.log", "odd dir/**"]}'
  host::run run
  assert_stuck 2
}

@test "tests that say something else are a change, the time they took is none" {
  configure '{threshold: 3}' '{tests: {mode: "every", commands: ["cat ../said"]}}'
  implementer <<'EOS'
case ${ITERATION} in
  1) echo "2 failed in 0.31s at 10:11:12" ;;
  2) echo "2 failed in 1.5 s at 10:12:59" ;;
  3) echo "1 failed in 1 ms at 10:13:00" ;;
  *) echo "1 failed in 22 ms at 9:13" ;;
esac >../said
EOS
  host::run run
  assert_stuck 6
}

@test "a loop that completes or that waits for approval is not stuck" {
  host::agent reviewer <<<'if ((ITERATION == 2)); then echo "<promise>DONE</promise>"; else echo no; fi >"$1"'
  host::run run
  assert_success
  assert_line "Loop 'work' complete at iteration 2."
  run cat "$(host::loop gate-summary.txt)"
  assert_output --partial " stuck=0/2 "
  host::agent reviewer <<<'echo "<promise>DONE</promise>" >"$1"'
  configure '{threshold: 1}' '{approval: {enabled: true, require_on_completion: true}}'
  host::run run
  assert_failure 1
  refute_output --partial "Stuck detection"
}

@test "with the action report the loop goes on after a warning" {
  configure '{action: "report"}' '{max_iterations: 3}'
  host::run run
  assert_failure 1
  assert_line "Max iterations reached for loop 'work' (3). Stopping."
  assert_equal "${stderr_lines[0]}" "warning: loop 'work' has changed nothing in 2 iterations: $(host::loop stuck-report.md)"
}

@test "where it is not enabled nothing is counted" {
  local settings
  for settings in '{enabled: false}' '{threshold: 0}'; do
    configure "${settings}" '{max_iterations: 2}'
    host::run run
    assert_line "Iteration 2: promise false, tests skipped, checklists ok, evidence skipped"
    assert_line "Max iterations reached for loop 'work' (2). Stopping."
    assert [ ! -e "$(host::loop stuck.json)" ]
  done
}

@test "the user's index and objects are not touched, whatever is staged" {
  host::file staged.txt
  git -C "${REPO}" add staged.txt
  host::file staged.txt "changed again"
  git_state >"${TMP}/before"
  host::run run
  assert_stuck 2
  git_state | diff "${TMP}/before" -
}

@test "outside git, without commits, in a worktree and in a folder of a repository" {
  local place
  implementer <<<'if ((ITERATION == 1)); then echo new >new.txt; fi'
  for place in plain empty tree larger/folder; do
    rm -f "${TURNS}"
    case ${place} in
      empty) git init -q "${TMP}/empty" ;;
      tree) git -C "${TMP}/repo" -c user.name=t -c user.email=t@example.org worktree add -q "${TMP}/tree" ;;
      larger/*) git init -q "${TMP}/larger" ;;
      *) ;; # no git at all
    esac
    mkdir -p "${TMP}/${place}/.superloop/specs"
    cp "${TMP}/repo/.superloop/config.json" "${TMP}/${place}/.superloop"
    : >"${TMP}/${place}/.superloop/specs/work.md"
    REPO=${TMP}/${place}
    sed -i.bak "s#/../repo\"#/../${place}\"#" "${AGENTS}/implementer"
    host::run run
    assert_equal "${stderr}" ""
    assert_stuck 3
    sed -i.bak "s#/../${place}\"#/../repo\"#" "${AGENTS}/implementer"
  done
}

@test "files that cannot be compared are a warning, not a standstill" {
  implementer <<<'mkdir -p "$(dirname "$0")/../repo/.superloop/loops/work/stuck" && printf x >"$(dirname "$0")/../repo/.superloop/loops/work/stuck/index"'
  configure '{}' '{max_iterations: 3}'
  host::run run
  assert_failure 1
  assert_line "Max iterations reached for loop 'work' (3). Stopping."
  assert_regex "${stderr_lines[0]}" "^warning: the files of loop 'work' cannot be compared; stuck detection does not count: .+"
}
