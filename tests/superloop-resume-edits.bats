#!/usr/bin/env bats
# What changes in the repository between a run that ended before its end and the next, which takes it up: it is the user's.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/resume
  host::setup
  host::make_repo
  host::identify
  commit_all
  host::agent implementer <<<"cd '${REPO}'; echo work >>work.txt; echo done >\"\$1\""
}

# The files of the repository, in a commit.
commit_all() {
  host::file base.txt
  host::file gone.txt
  host::file "odd ü\"name.txt"
  host::config '.loops[0] += {git: {commit_strategy: "per_iteration"}} | .loops[0].roles |= {implementer, reviewer}'
  host::commit
}

in_repo() { git -C "${REPO}" "$@"; }

committed() { in_repo -c core.quotePath=false show --name-status --format= --no-renames HEAD; }

uncommitted() { in_repo -c core.quotePath=false status --short -- . ':(exclude).superloop/loops' ':(exclude).superloop/state.json'; }

# A run that ends while the ROLE is at work, which has changed half.txt by then.
# ended_run KILL|INT|TERM ROLE
ended_run() {
  {
    cat <<<"if [[ ! -e '${TMP}/here' ]]; then echo half >'${REPO}/half.txt'; echo \$\$ >'${TMP}/agent'; : >'${TMP}/here'; exec sleep 61; fi
cd '${REPO}'; if [[ \${ROLE} == implementer ]]; then echo work >>work.txt; fi"
    cat <<<'echo "<promise>DONE</promise>" >"$1"'
  } | host::agent "$2"
  host::start
  host::wait_until test -e "${TMP}/here"
  if [[ $1 == KILL ]]; then
    kill -KILL "${HOST}" "$(cat "${TMP}/agent")"
    wait "${HOST}" || : # killed, as it should be
  else
    host::interrupt "$1" process
  fi
  sleep 0.05 # the clock of files has ticks
}

edit() {
  host::file notes.txt mine
  host::file base.txt "mine, too"
  host::file "odd ü\"name.txt" mine
  rm "${REPO}/gone.txt"
}

# The files of edit are named.
assert_told() {
  run sed -n 's/^  changed since by you, and left out of the iteration until a role changes it: //p' <<<"${output}"
  assert_equal "$(LC_ALL=C sort <<<"${output//, /$'\n'}")" $'"odd ü\\"name.txt"\nbase.txt\ngone.txt\nnotes.txt'
}

@test "what the user edits while no run is there is left out of the iteration's commit and changed files, and told" {
  local how
  for how in KILL INT TERM; do
    rm -rf "${TMP}/here" "${REPO}/.superloop/loops"
    in_repo reset -q --hard "$(in_repo rev-list --max-parents=0 HEAD)"
    in_repo clean -fdq
    commit_all
    ended_run "${how}" reviewer
    edit
    host::run run
    assert_success
    assert_equal "${stderr}" ""
    assert_told
    assert_equal "${how} $(committed)" "${how} "$'A\thalf.txt\nA\twork.txt'
    assert_equal "$(uncommitted)" $' M base.txt\n D gone.txt\n M "odd ü\\"name.txt"\n?? notes.txt'
    assert_equal "$(cat "$(host::loop logs/iter-1/changed-files.txt)")" $'half.txt\nwork.txt'
  done
}

@test "what a role that was killed had done by then is the iteration's, and so is what the user edits and it changes again" {
  ended_run KILL implementer
  edit
  host::file work.txt "begun by hand"
  host::run run
  assert_success
  assert_equal "$(committed)" $'A\thalf.txt\nA\twork.txt'
  assert_equal "$(in_repo show HEAD:work.txt)" $'begun by hand\nwork'
}

@test "an edit is told once, and stays out when the run is interrupted again" {
  ended_run INT reviewer
  host::file notes.txt mine
  rm "${TMP}/here"
  ended_run TERM reviewer
  assert grep -q 'notes.txt' "${TMP}/host.out"
  host::run run
  assert_success
  refute_output --partial "changed since by you"
  assert_equal "$(committed)" $'A\thalf.txt\nA\twork.txt'
  assert_equal "$(uncommitted)" "?? notes.txt"
}

@test "the work of an iteration whose commit failed does not take the user's edits with it" {
  mkdir -p "${REPO}/.git/hooks"
  printf '#!/bin/sh\nexit 1\n' >"${REPO}/.git/hooks/pre-commit"
  chmod +x "${REPO}/.git/hooks/pre-commit"
  host::run run
  assert_success
  rm "${REPO}/.git/hooks/pre-commit"
  sleep 0.05 # the clock of files has ticks
  host::file notes.txt mine
  host::agent implementer <<<'echo done >"$1"'
  host::run run
  assert_success
  assert_line "  changed since by you, and left out of the iteration until a role changes it: notes.txt"
  assert_equal "$(committed)" $'A\twork.txt'
}

@test "the user's own commits, another branch and a rewritten history are no work of the iteration, and no error" {
  local move
  for move in 'git commit -qm own -- base.txt' 'git checkout -q -b other HEAD~1' 'git reset -q --soft HEAD~1' \
    'git commit -q --amend -m again; git reflog expire --expire=now --all; git gc -q --prune=now' 'git checkout -q --orphan fresh'; do
    rm -rf "${TMP}/here" "${REPO}/.superloop/loops" "${REPO}/.git" "${REPO}"/*.txt
    in_repo init -q
    host::identify
    commit_all
    host::file earlier.txt
    host::commit
    ended_run TERM reviewer
    host::file base.txt "mine, too"
    (cd "${REPO}" && bash -c "${move}")
    host::run run
    assert_success
    assert_equal "${move}: ${stderr}" "${move}: "
    assert_line --regexp "^  git's HEAD was moved since, (from [0-9a-f]{7} to [0-9a-f]{7}|to a branch without commits)$"
    assert_equal "${move}: $(committed)" "${move}: "$'A\thalf.txt\nA\twork.txt'
  done
}

@test "a repository that is none any more is told as one that never was" {
  ended_run TERM reviewer
  rm -rf "${REPO}/.git"
  host::run run
  assert_success
  assert_equal "${stderr}" "warning: no commits are made, and roles and analyses are not told which files have changed: ${REPO} is in no git repository; run git init there"
}
