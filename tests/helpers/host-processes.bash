# A host that runs beside its test, and the processes it starts. Loaded by helpers/host.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

# Waits, ten seconds at most, until a command succeeds.
# host::wait_until COMMAND [ARGUMENT…]
host::wait_until() {
  local attempt
  for ((attempt = 0; attempt < 200; attempt++)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.05
  done
  fail "waited in vain for: $*"
}

# Whether a process is there; one that only waits to be reaped is not.
# host::is_alive PID
host::is_alive() {
  local state
  state=$(ps -o stat= -p "$1" 2>/dev/null) && [[ -n ${state} && ${state} != Z* ]]
}

# The processes of a file, one a line, are gone: signals take a moment to arrive, on a busy machine a longer one.
# host::assert_gone FILE
host::assert_gone() {
  local pid attempt left
  assert [ -s "$1" ]
  for ((attempt = 0; attempt < 100; attempt++)); do
    left=""
    while IFS= read -r pid; do
      if host::is_alive "${pid}"; then left+=" ${pid}: $(ps -o args= -p "${pid}")"; fi
    done <"$1"
    [[ -n ${left} ]] || return 0
    sleep 0.05
  done
  while IFS= read -r pid; do kill -KILL "${pid}" 2>/dev/null || :; done <"$1" # the test's own processes
  fail "still running:${left}"
}

# Starts superloop.sh run as a shell with job control does: a group of its own that hears of Ctrl-C. Sets HOST.
# host::start [FLAG…]
host::start() {
  set -m
  "${PROJECT_ROOT}/superloop.sh" run --repo "${REPO}" "$@" >"${TMP}/host.out" 2>"${TMP}/host.err" 3>&- &
  HOST=$!
  set +m
}

# For teardown: ends what host::start started, if a failed test has left it.
host::end_left() {
  [[ -n ${HOST-} ]] && host::is_alive "${HOST}" || return 0
  kill -TERM "${HOST}"
  wait "${HOST}" || : # interrupted
}

# Those of the host, into a file of that name. Status 1 when there are none.
host::list_descendants() {
  ps -A -o pid=,ppid= | awk -v host="${HOST}" '{ parent[$1] = $2 }
    END { for (pid in parent) { above = parent[pid]; while (above > 1 && above != host) above = parent[above]; if (above == host) print pid } }' >"${TMP}/descendants"
  [[ -s ${TMP}/descendants ]]
}

# Ends it with a signal, to its whole group as a terminal does or to itself alone; sets ENDED to its status. Everything it
# had running must be gone then.
# host::interrupt SIGNAL group|process
host::interrupt() {
  local target=${HOST}
  [[ $2 == process ]] || target=-${HOST}
  host::wait_until host::list_descendants # between two of them there may be none
  ENDED=0
  kill "-$1" -- "${target}"
  wait "${HOST}" || ENDED=$?
  host::assert_gone "${TMP}/descendants"
}

# Runs commands under process::run; the status and then the test's own code.
# process SECONDS SCRIPT
process() {
  host::strict "lib/strays lib/process" '
    status=0
    process::run "$1" in out err bash -c "$2" || status=$?
    echo "status ${status}"' "$@"
}

# Scripts of tests write the pids that must be gone here; they reap their children, which not every first process does soon.
PIDS='trap "wait; exit 143" TERM; echo $$ >>pids; '
