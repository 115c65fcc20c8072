#!/usr/bin/env bats
# Two loops at once: what one changes is never in the other's commits.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
  host::identify
  loops per_iteration per_iteration
  host::commit
}

teardown() { host::end_left; }

# The strategies of the loops work and second, of an implementer each, which changes its own file.
# loops STRATEGY STRATEGY
loops() {
  host::config "(.loops[0].roles |= {implementer, reviewer}) | .loops += [.loops[0] + {id: \"second\"}]
    | .loops[0].git.commit_strategy = \"$1\" | .loops[1].git.commit_strategy = \"$2\""
  host::agent implementer <<EOS
if [[ \$1 == */second/* ]]; then echo second >>second.txt; exit; fi
echo work >>work.txt
: >'${TMP}/here'
until [[ -e '${TMP}/go' || ! -d '${TMP}' ]]; do sleep 0.05; done # also when the test has failed
EOS
}

# The first loop, at work.
start_work() {
  rm -f "${TMP}/here" "${TMP}/go"
  host::start --loop work
  host::wait_until test -e "${TMP}/here"
}

end_work() {
  local ended=0
  : >"${TMP}/go"
  wait "${HOST}" || ended=$?
  assert_equal "${ended} $(<"${TMP}/host.err")" "0 "
}

committed() { git -C "${REPO}" show --name-only --format= HEAD; }

@test "beside a loop no other runs where one of the two commits, and it says what to do" {
  local strategies before
  for strategies in "per_iteration per_iteration" "per_iteration never" "never per_iteration"; do
    # shellcheck disable=SC2086 # two words
    loops ${strategies}
    start_work
    before=$(cat "$(host::loop events.jsonl second)" 2>/dev/null) || : # it has not run yet
    host::run run --loop second
    assert_failure 1
    assert_output ""
    assert_equal "${stderr}" "error: loop 'work' (pid ${HOST}) is running in the same work tree, and commits of one would hold the other's work
  code: WORK_TREE_BUSY
  fix: Wait for it, or run loop 'second' in a work tree of its own (git worktree add), or set git.commit_strategy to never in both."
    assert [ ! -e "$(host::loop run.lock second)" ]
    assert_equal "$(cat "$(host::loop events.jsonl second)" 2>/dev/null)" "${before}"
    end_work
    host::run run --loop second
    assert_success
    assert_equal "${stderr}" ""
    if [[ ${strategies} != *never ]]; then assert_equal "$(committed | grep -v config)" second.txt; fi
  done
  run find "${REPO}/.superloop/loops" -name '*.lock'
  assert_output ""
}

@test "loops without commits run beside each other, and are told what their lists may hold" {
  loops never never
  start_work
  host::run run --loop second
  assert_success
  assert_equal "${stderr}" "warning: loop 'work' (pid ${HOST}) is running in the same work tree: what counts as changed by one may be the other's work"
  end_work
}

@test "in work trees of their own loops run at once, each with its commits" {
  git -C "${REPO}" worktree add -q -b tree "${TMP}/tree"
  start_work
  run "${PROJECT_ROOT}/superloop.sh" run --repo "${TMP}/tree" --loop second
  assert_success
  end_work
  assert_equal "$(committed) $(git -C "${TMP}/tree" show --name-only --format= HEAD)" "work.txt second.txt"
}

@test "a lock that a killed run has left does not keep others out" {
  start_work
  kill -KILL "${HOST}"
  wait "${HOST}" || : # killed, as it should be
  : >"${TMP}/go"
  host::run run --loop second
  assert_success
}

@test "of loops that commit and begin at the same moment exactly one runs" {
  local at ended
  for at in 1 2 3; do
    : >"${TMP}/go"
    host::start --loop work
    "${PROJECT_ROOT}/superloop.sh" run --repo "${REPO}" --loop second >"${TMP}/second.out" 2>"${TMP}/second.err" 3>&- &
    ended=0
    wait "$!" || ended=$((ended + 1))
    wait "${HOST}" || ended=$((ended + 1))
    assert [ "${ended}" -le 1 ]
    assert_equal "${at} $(cat "${TMP}/second.err" "${TMP}/host.err" | grep -c WORK_TREE_BUSY || :)" "${at} ${ended}"
  done
}

@test "what others commit while a message is written stays in the history" {
  host::config '.loops[0].roles |= {implementer, reviewer} | .loops[0].git = {commit_strategy: "per_iteration", commit_message: {authoring: "llm"}}'
  host::agent implementer <<<"echo work >>'${REPO}/work.txt'"
  host::agent reviewer <<<"cd '${REPO}'; if grep -q 'message of a git commit' \"\${AGENTS}/reviewer.prompt-\${ITERATION}\"; then
    echo theirs >theirs.txt; git add theirs.txt; git commit -q -m theirs; echo Message >\"\$1\"; else echo '<promise>DONE</promise>' >\"\$1\"; fi"
  host::run run
  assert_success
  assert_equal "$(git -C "${REPO}" log -2 --format=%s)" $'Message\ntheirs'
  assert_equal "$(committed)" work.txt
  assert [ -e "${REPO}/theirs.txt" ]
}
