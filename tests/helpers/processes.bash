# Processes as tests of the worker's commands see them. Loaded by helpers/door and helpers/goal.

# Waits until a command succeeds; fails after fifteen seconds and more.
wait_until() {
  local tries
  for ((tries = 0; tries < 300; tries++)); do
    if "$@"; then return 0; fi
    sleep 0.05
  done
  fail "still waiting for: $*"
}

# has_lines FILE N: at least N lines.
has_lines() { [[ -f $1 ]] && (($(wc -l <"$1") >= $2)); }

is_running() { [[ $(ps -o stat= -p "$1") == [!Z]* ]]; }

# Every process that a fake program wrote to PIDS has ended, or does so in a moment: it takes a signal some time to end one.
assert_nothing_survives() {
  local pid tries
  [[ -s ${PIDS} ]] || fail "no process was started"
  while read -r pid; do
    for ((tries = 0; tries < 60; tries++)); do
      if ! is_running "${pid}"; then continue 2; fi
      sleep 0.05
    done
    fail "still running: $(ps -o pid=,args= -p "${pid}")"
  done <"${PIDS}"
}
