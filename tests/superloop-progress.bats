#!/usr/bin/env bats
# What a run shows while it runs: a live line on a terminal, plain lines elsewhere.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
  export TERM=xterm
  unset NO_COLOR
}

# Runs the host on a terminal of 80 columns; its screen is bats' output, what was written is in $TMP/raw.
on_terminal() {
  run --separate-stderr python3 "${BATS_TEST_DIRNAME}/helpers/terminal.py" "${WIDTH-80}" "${TMP}/raw" \
    "${PROJECT_ROOT}/superloop.sh" run --repo "${REPO}"
}

# Each text that the live line showed.
drawn() {
  tr '\r' '\n' <"${TMP}/raw" | sed -nE $'s/^\033\\[K\033\\[\\?7l(\033\\[2m)?(.*[^\033])\033.*$/\\2/p' | sed $'s/\033\\[0m.*//'
}

@test "without a terminal roles are told as they begin and end, in plain lines" {
  host::config '.loops[0].roles |= {planner, reviewer}'
  host::agent planner <<<'sleep 1; echo done'
  host::run run
  assert_success
  assert_line --index 1 "  planner: running"
  assert_line --index 2 --regexp '^  planner: done after [123] s$'
  assert_line --index 3 "  reviewer: running"
  assert_line --index 4 --regexp '^  reviewer: done after [0-9]+ s$'
  refute_output --partial $'\r'
  refute_output --partial $'\033'
}

@test "an analysis is told as it begins, too" {
  host::door <<<'answer found'
  host::config '.loops[0].roles |= {reviewer} | .loops[0].rlms = {enabled: true, policy: {force_on: true}}'
  host::run run
  assert_success
  assert_line --index 1 "  reviewer: analysis (force_on)"
  assert_line --index 2 "  reviewer: running"
}

@test "on a terminal one line tells iteration, role, what is waited for and since when; at the end it is gone" {
  host::door <<<'sleep 1.2; answer found'
  host::agent planner <<<'sleep 2.5; echo done'
  host::config '.loops[0].roles |= {planner, reviewer} | .loops[0].rlms = {enabled: true, policy: {force_on: true}, roles: {reviewer: false}}
    | .loops[0].tests = {mode: "every", commands: ["sleep 1.2"]}'
  on_terminal
  assert_success
  assert_equal "${#lines[@]}" 5
  assert_line --index 0 "Loop 'work': iteration 1"
  assert_line --index 1 --regexp '^  planner: done after [0-9]+ s$'
  assert_line --index 2 --regexp '^  reviewer: done after [0-9]+ s$'
  assert_line --index 3 "Loop 'work' complete at iteration 1."
  assert_line --index 4 "All loops complete."
  run drawn
  assert_line "work, iteration 1 · planner: analysis (force_on) · 0 s"
  assert_line --regexp '^work, iteration 1 · planner: running · [12] s$'
  assert_line --regexp '^work, iteration 1 · tests: sleep 1\.2 · [01] s$'
  assert [ ! -e "$(host::loop run.progress)" ]
}

@test "a wait for a rate limit is counted down" {
  host::config '.loops[0].roles |= {planner, reviewer}'
  host::agent planner <<<'if ((ITERATION == 1)); then echo "429 Too Many Requests, retry-after: 3" >&2; exit 1; fi; echo done'
  on_terminal
  assert_success
  run drawn
  assert_line --regexp '^work, iteration 1 · planner: waiting for the rate limit of planner · 3 s left$'
  assert_line --regexp '^work, iteration 1 · planner: waiting for the rate limit of planner · 1 s left$'
}

@test "a narrow terminal, warnings and failures leave no trace of the line" {
  host::config '.loops[0].roles |= {planner, reviewer} | .loops[0].tests = {mode: "every", commands: ["exit 1"]} | .loops[0].max_iterations = 2
    | .loops[0].hooks = {on_iteration_end: "sleep 1.1; exit 3"}'
  host::agent planner <<<'if ((ITERATION == 2)); then sleep 1.5; exit 9; fi; sleep 1.5; echo done'
  WIDTH=30 on_terminal
  assert_failure 1
  refute_output --partial "work, iteration"
  assert_output --partial "Loop 'work': iteration 1
  planner: done after "
  assert_output --partial "error: role 'planner' failed (
exit 9)
  code: ROLE_FAILED"
  run drawn
  assert_line --partial "planner: running"
}

@test "Ctrl-C leaves no trace of the line, and nothing that draws" {
  host::agent planner <<<"sleep 2; kill -INT -- \"-\$(ps -o pgid= -p '${TMP}' 2>/dev/null || cat '${TMP}/group')\"; sleep 60"
  cat >"${TMP}/start" <<EOS
#!/usr/bin/env bash
echo \$\$ >'${TMP}/group'
exec "\$@"
EOS
  chmod +x "${TMP}/start"
  run python3 "${BATS_TEST_DIRNAME}/helpers/terminal.py" 200 "${TMP}/raw" "${TMP}/start" "${PROJECT_ROOT}/superloop.sh" run --repo "${REPO}"
  assert_failure 130
  assert_output "Loop 'work': iteration 1
error: interrupted by SIGINT
Go on with: superloop.sh run --repo ${REPO} --loop work"
  run drawn
  assert_line "work, iteration 1 · planner: running · 1 s"
}

@test "NO_COLOR takes the colour away, a dumb terminal and output to a file the line" {
  host::config '.loops[0].roles |= {planner, reviewer}'
  host::agent planner <<<'sleep 1.2; echo done'
  on_terminal
  assert grep -q $'\033\[2m' "${TMP}/raw"
  NO_COLOR=1 on_terminal
  assert_success
  run grep -c $'\033\[[0-9;]*m' "${TMP}/raw"
  assert_output 0
  run drawn
  assert_line "work, iteration 1 · planner: running · 1 s"
  TERM=dumb on_terminal
  assert_line --index 1 "  planner: running"
  run grep -c $'\033' "${TMP}/raw"
  assert_output 0
}

@test "with its lines in a file, the terminal has the live line alone" {
  host::config '.loops[0].roles |= {planner, reviewer}'
  host::agent planner <<<'sleep 1.2; echo done'
  run python3 "${BATS_TEST_DIRNAME}/helpers/terminal.py" 80 "${TMP}/raw" bash -c '"$0" run --repo "$1" >"$2"' "${PROJECT_ROOT}/superloop.sh" "${REPO}" "${TMP}/file"
  assert_success
  assert_output ""
  run cat "${TMP}/file"
  assert_line --index 1 "  planner: running"
  refute_output --partial $'\033'
  run drawn
  assert_line "work, iteration 1 · planner: running · 1 s"
}

@test "a host that is killed leaves nothing that draws" {
  host::agent planner <<<"echo \$\$ >'${TMP}/pid'; exec sleep 61"
  # deaf for the terminal's end, as under nohup, and not collected as long as anything writes to the terminal
  python3 "${BATS_TEST_DIRNAME}/helpers/terminal.py" 80 "${TMP}/raw" bash -c 'trap "" HUP; echo $$ >"$2"; exec "$0" run --repo "$1"' \
    "${PROJECT_ROOT}/superloop.sh" "${REPO}" "${TMP}/host" >"${TMP}/screen" 3>&- &
  host::wait_until test -s "${TMP}/pid"
  pgrep -P "$(cat "${TMP}/host")" >"${TMP}/children"
  kill -KILL "$(cat "${TMP}/host")"
  kill "$(cat "${TMP}/pid")"
  host::assert_gone "${TMP}/children"
  wait
}
