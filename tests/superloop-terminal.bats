#!/usr/bin/env bats
# superloop.sh at a terminal: nothing that it starts can ask there, so nothing waits for an answer that nobody gives.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
}

@test "roles, analyses, tests, validations, hooks, commands before the commit and git's hooks fail at once where they ask at the terminal" {
  local ask="read -r answer </dev/tty; echo \$? >>'${TMP}/asked'" quoted
  quoted=$(jq -Rs 'rtrimstr("\n")' <<<"${ask}")
  host::identify
  host::agent planner <<<"${ask}; echo new >'${REPO}/new.txt'; echo done >\"\$1\""
  host::door <<<"${ask}; answer found"
  host::config ".loops[0].roles |= {planner, reviewer} | .loops[0] += {
    rlms: {enabled: true, policy: {force_on: true}, roles: {reviewer: false}},
    tests: {mode: \"every\", commands: [${quoted}]},
    validation: {enabled: true, mode: \"every\", commands: [${quoted}]},
    hooks: {on_iteration_end: ${quoted}, on_complete: ${quoted}},
    git: {commit_strategy: \"per_iteration\", pre_commit_commands: [${quoted}]}}"
  printf '#!/usr/bin/env bash\n%s\nexit 0\n' "${ask}" >"${REPO}/.git/hooks/pre-commit"
  chmod +x "${REPO}/.git/hooks/pre-commit"
  run timeout 100 python3 "${BATS_TEST_DIRNAME}/helpers/terminal.py" 80 "${TMP}/raw" "${PROJECT_ROOT}/superloop.sh" run --repo "${REPO}"
  assert_success
  assert_line "Loop 'work' complete at iteration 1."
  assert_equal "$(cat "${TMP}/asked")" $'1\n1\n1\n1\n1\n1\n1\n1'
}

@test "Ctrl-C at the terminal ends roles in sessions of their own with all that they have started" {
  host::agent planner <<EOS
echo \$\$ >>'${TMP}/pids'
setsid bash -c 'echo \$\$ >>"${TMP}/pids"; exec sleep 61' &
(echo \$BASHPID >>'${TMP}/pids'; exec sleep 61) &
until ((\$(grep -c '' '${TMP}/pids') == 3)); do sleep 0.02; done
: >'${TMP}/here'
wait
EOS
  run timeout 60 python3 "${BATS_TEST_DIRNAME}/helpers/on-terminal.py" "planner: running · 1 s" ^C env TERM=xterm \
    "${PROJECT_ROOT}/superloop.sh" run --repo "${REPO}"
  assert_failure 130
  assert_output --partial "error: interrupted by SIGINT"
  host::assert_gone "${TMP}/pids"
}
