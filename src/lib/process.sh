# Child processes as groups of their own, with a deadline; whoever starts a group ends it.

readonly PROCESS_TIMED_OUT=124
PROCESS_GROUP="" # the group that is running now, for process::end_current

# process::run SECONDS STDIN STDOUT STDERR COMMAND…: its status, or 124 when SECONDS (0: no limit) were over. What is
# left of its group is ended, and on Linux what left the group as well.
process::run() {
  local seconds=$1 input=$2 output=$3 errors=$4
  shift 4
  local status=0 watchdog="" mark=${output}.timed-out
  SUPERLOOP_PROCESS_TAG=superloop-$$-${RANDOM}${RANDOM}
  export SUPERLOOP_PROCESS_TAG
  rm -f "${mark}"
  set -m
  "$@" <"${input}" >"${output}" 2>"${errors}" &
  PROCESS_GROUP=$!
  if ((seconds > 0)); then
    _process_watch "${PROCESS_GROUP}" "${seconds}" "${mark}" </dev/null >/dev/null 2>&1 &
    watchdog=$!
  fi
  set +m
  { wait "${PROCESS_GROUP}"; } 2>/dev/null || status=$?
  if [[ -n ${watchdog} ]]; then
    kill -KILL -- "-${watchdog}" 2>/dev/null || : # it has done its work
    { wait "${watchdog}"; } 2>/dev/null || :      # killed, as it should be
  fi
  process::end_current
  if [[ -e ${mark} ]]; then
    rm -f "${mark}"
    status=${PROCESS_TIMED_OUT}
  fi
  return "${status}"
}

# Ends what process::run has running: TERM, two seconds, KILL, then whoever bears its tag.
process::end_current() {
  local group=${PROCESS_GROUP} attempt
  PROCESS_GROUP=""
  [[ -n ${group} ]] || return 0
  if kill -TERM -- "-${group}" 2>/dev/null; then
    for ((attempt = 0; attempt < 40; attempt++)); do
      kill -0 -- "-${group}" 2>/dev/null || break
      sleep 0.05
    done
    kill -KILL -- "-${group}" 2>/dev/null || : # ended in its grace
    _process_end_tagged "${SUPERLOOP_PROCESS_TAG}"
  fi
}

_process_watch() {
  sleep "$2"
  : >"$3"
  kill -TERM -- "-$1"
  sleep 2
  kill -KILL -- "-$1"
}

# Agents start their tools in sessions of their own; their environment still shows who started them.
_process_end_tagged() {
  local file pid
  [[ -d /proc/self ]] || return 0
  while IFS= read -r file; do
    pid=${file#/proc/}
    pid=${pid%/environ}
    [[ ${pid} == "$$" ]] || kill -KILL "${pid}" 2>/dev/null || : # gone meanwhile
  done < <(grep -lsFz "SUPERLOOP_PROCESS_TAG=$1" /proc/[0-9]*/environ)
}
