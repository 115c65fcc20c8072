# Child processes as groups of their own, with a deadline; whoever starts a group ends it.

readonly _PROCESS_OVERDUE_STATUS=124
readonly PROCESS_GRACE_SECONDS=4 # more than the worker gives its own models
PROCESS_OVERDUE=false            # whether the last command was ended at its deadline; a command may end with 124 by itself
PROCESS_IDLE=false               # whether that was because it had printed nothing for too long
_PROCESS_GROUP="" _PROCESS_WATCHDOG="" _PROCESS_MARK="" _PROCESS_TAG=""

# Runs a command; its status, or 124 when its time was over: SECONDS altogether, or IDLE seconds without output (0: no
# limit). What is left of its group is ended, and on Linux what left the group as well.
# process::run SECONDS[,IDLE] STDIN STDOUT STDERR COMMAND…
process::run() {
  local seconds=${1%,*} idle=0 input=$2 output=$3 errors=$4 status=0
  if [[ $1 == *,* ]]; then idle=${1#*,}; fi
  shift 4
  PROCESS_OVERDUE=false PROCESS_IDLE=false
  _PROCESS_TAG=superloop-$$-${RANDOM}${RANDOM}
  _PROCESS_MARK=${output}.timed-out
  _process_remove_mark
  set -m
  SUPERLOOP_PROCESS_TAG=${_PROCESS_TAG} "$@" <"${input}" >"${output}" 2>"${errors}" &
  _PROCESS_GROUP=$!
  if ((seconds + idle > 0)); then
    _process_watch "${_PROCESS_GROUP}" "${seconds},${idle}" "${output}" "${errors}" </dev/null >/dev/null 2>&1 &
    _PROCESS_WATCHDOG=$!
    disown "${_PROCESS_WATCHDOG}" # of another Bash might say that it was killed
  fi
  set +m
  # Silenced for the builtin alone, which would talk about jobs: a signal's trap finds standard error as it was.
  wait "${_PROCESS_GROUP}" 2>/dev/null || status=$?
  if [[ -e ${_PROCESS_MARK} ]]; then
    PROCESS_OVERDUE=true status=${_PROCESS_OVERDUE_STATUS}
    if [[ -s ${_PROCESS_MARK} ]]; then PROCESS_IDLE=true; fi
  fi
  process::end_current
  return "${status}"
}

# Ends what process::run has running: TERM, a grace, KILL, then whoever bears its tag.
process::end_current() {
  local group=${_PROCESS_GROUP} attempt
  [[ -n ${group} ]] || return 0
  _PROCESS_GROUP=""
  _process_end_watchdog
  if kill -TERM -- "-${group}" 2>/dev/null; then
    for ((attempt = 0; attempt < 20 * PROCESS_GRACE_SECONDS; attempt++)); do
      kill -0 -- "-${group}" 2>/dev/null || break
      sleep 0.05
    done
    kill -KILL -- "-${group}" 2>/dev/null || : # ended in its grace
  fi
  wait "${group}" 2>/dev/null || : # so that nobody talks about its end later
  _process_end_tagged "${_PROCESS_TAG}"
}

# _process_watch GROUP SECONDS,IDLE STDOUT STDERR: leaves a mark, with text where it was for want of output.
_process_watch() {
  local why=""
  if [[ $2 == *,0 ]]; then
    sleep "${2%,*}"
  else
    _process_watch_output "${2%,*}" "${2#*,}" "$3" "$4"
  fi
  printf '%s' "${why}" >"${_PROCESS_MARK}"
  kill -TERM -- "-$1"
  sleep "${PROCESS_GRACE_SECONDS}"
  kill -KILL -- "-$1"
}

# Looks ten times within IDLE seconds. Sets why, of its caller, when they pass without output.
# _process_watch_output SECONDS IDLE STDOUT STDERR
_process_watch_output() {
  local seconds=$1 idle=$2 looked=$3.looked pause=$((($2 + 9) / 10)) started=${SECONDS} heard=${SECONDS}
  : >"${looked}"
  while ((seconds == 0 || SECONDS - started < seconds)); do
    if ((SECONDS - heard >= idle)); then
      why=idle
      break
    fi
    if ((seconds > 0 && pause > seconds - SECONDS + started)); then pause=$((seconds - SECONDS + started)); fi
    sleep "${pause}"
    if [[ $3 -nt ${looked} || $4 -nt ${looked} ]]; then
      : >"${looked}"
      heard=${SECONDS}
    fi
  done
}

_process_end_watchdog() {
  if [[ -n ${_PROCESS_WATCHDOG} ]]; then
    kill -KILL -- "-${_PROCESS_WATCHDOG}" 2>/dev/null || : # it has done its work
    _PROCESS_WATCHDOG=""
  fi
  _process_remove_mark
}

_process_remove_mark() {
  local looked=${_PROCESS_MARK%.timed-out}.looked
  if [[ -e ${_PROCESS_MARK} || -e ${looked} ]]; then rm -f "${_PROCESS_MARK}" "${looked}"; fi
}

# Ends what another host left running when it was killed: on Linux, whoever bears its pid in the tag. Another process may
# have that pid by now, and children of its own.
# process::end_orphans PID
process::end_orphans() {
  local stat=") Z"
  if [[ -d /proc/$1 ]]; then read -r stat 2>/dev/null <"/proc/$1/stat" || :; fi # gone meanwhile
  if [[ $1 =~ ^[0-9]+$ && ${stat##*) } == Z* ]]; then _process_end_bearers -z "^SUPERLOOP_PROCESS_TAG=superloop-$1-"; fi
}

# Agents start their tools in sessions of their own; their environment still shows who started them.
_process_end_tagged() {
  _process_end_bearers -xFz "SUPERLOOP_PROCESS_TAG=$1"
}

# _process_end_bearers GREP_OPTIONS PATTERN: ends those in whose environment grep finds it.
_process_end_bearers() {
  local file pid
  [[ -d /proc/self ]] || return 0
  while IFS= read -r file; do
    pid=${file#/proc/}
    kill -KILL "${pid%/environ}" 2>/dev/null || : # gone meanwhile
  done < <(grep -ls "$@" /proc/[0-9]*/environ)
}
