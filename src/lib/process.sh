# Child processes as groups of their own, with a deadline; whoever starts a group ends it.

readonly _PROCESS_OVERDUE_STATUS=124
readonly PROCESS_GRACE_SECONDS=4 # more than the worker gives its own models
PROCESS_OVERDUE=false            # whether the last command was ended at its deadline; a command may end with 124 by itself
PROCESS_OWNER=""                 # a path that commands are run for, by which process::end_orphans finds them later
PROCESS_STATUS_FILE=""           # where the next command leaves its status when it ends by itself, even after its host
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
  _process_tag_into _PROCESS_TAG "${PROCESS_OWNER}"
  _PROCESS_TAG+=$$-${RANDOM}${RANDOM}
  _PROCESS_MARK=${output}.timed-out
  _process_remove_mark
  { : >"${output}" && : >"${errors}"; } 2>/dev/null || file::empty "${output}" "${errors}" # which tells why
  set -m
  if [[ -n ${PROCESS_STATUS_FILE} ]]; then
    set -- _process_tell_status "${PROCESS_STATUS_FILE}" "$@"
    PROCESS_STATUS_FILE=""
  fi
  SUPERLOOP_PROCESS_TAG=${_PROCESS_TAG} "$@" <"${input}" >"${output}" 2>"${errors}" &
  _PROCESS_GROUP=$!
  if ((seconds + idle > 0)); then
    SUPERLOOP_PROCESS_TAG=${_PROCESS_TAG} _process_watch "${_PROCESS_GROUP}" "${seconds},${idle}" "${output}" "${errors}" </dev/null >/dev/null 2>&1 &
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
      _process_group_is_alive "${group}" || break
      sleep 0.05
    done
    kill -KILL -- "-${group}" 2>/dev/null || : # ended in its grace
  fi
  wait "${group}" 2>/dev/null || : # so that nobody talks about its end later
  _process_end_tagged "${_PROCESS_TAG}"
}

# Of a command that was sent a signal nobody knows whether it did what it was for. Bash would talk about its end.
# _process_tell_status FILE COMMAND…
_process_tell_status() {
  local file=$1 status=0 is_signalled=false
  shift
  trap 'is_signalled=true' INT TERM HUP
  { ("$@" 2>&3 3>&-) || status=$?; } 3>&2 2>/dev/null
  if [[ ${is_signalled} == false ]]; then printf '%s\n' "${status}" >"${file}"; fi
  exit "${status}"
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

# Whether somebody of a group is there who does not only wait to be reaped: not every first process does that soon.
_process_group_is_alive() {
  local file group
  kill -0 -- "-$1" 2>/dev/null || return 1
  if [[ ! -d /proc/self ]]; then
    ps -A -o pgid= -o stat= | awk -v group="$1" '$1 == group && $2 !~ /^Z/ { found = 1 } END { exit !found }'
    return
  fi
  for file in /proc/[0-9]*/stat; do
    file=${file%/stat}
    _process_group_into group "${file#/proc/}"
    if [[ ${group} == "$1" ]]; then return 0; fi
  done
  return 1
}

# Ends what an earlier host that was killed has left running for an owner: on Linux, whoever bears its tag, with their
# groups. Whoever calls this must hold what keeps a second host from running for the same owner.
# process::end_orphans OWNER
process::end_orphans() {
  local tag attempt signal=TERM
  _process_tag_into tag "$1"
  for ((attempt = 0; attempt < 20 * PROCESS_GRACE_SECONDS; attempt++)); do
    _process_signal_bearers "${signal}" -zF "SUPERLOOP_PROCESS_TAG=${tag}" || return 0
    signal=0
    sleep 0.05
  done
  _process_signal_bearers KILL -zF "SUPERLOOP_PROCESS_TAG=${tag}" || : # ended in their grace
}

# The beginning of every tag of an owner. grep takes lines as patterns of their own.
_process_tag_into() {
  printf -v "$1" 'superloop:%s:' "${2//$'\n'/ }"
}

# Agents start their tools in sessions of their own; their environment still shows who started them.
_process_end_tagged() {
  _process_signal_bearers KILL -xFz "SUPERLOOP_PROCESS_TAG=$1" || : # there are none
}

# Signals those in whose environment grep finds the pattern, with their groups: a shell that has replaced itself by no
# program yet bears no tag. Status 1 when there are none.
# _process_signal_bearers SIGNAL GREP_OPTIONS PATTERN
_process_signal_bearers() {
  local signal=$1 file own group found=1
  shift
  [[ -d /proc/self ]] || return 1
  _process_group_into own "$$"
  while IFS= read -r file; do
    file=${file#/proc/}
    _process_group_into group "${file%/environ}"
    if [[ -z ${group} || ${group} == "${own}" ]]; then continue; fi # gone meanwhile, or ourselves
    found=0
    kill "-${signal}" -- "-${group}" 2>/dev/null || : # gone meanwhile, or another user's
  done < <(grep -ls "$@" /proc/[0-9]*/environ)
  return "${found}"
}

# _process_group_into VAR PID: empty when it is gone, or only waits to be reaped.
_process_group_into() {
  local _stat="" _group=""
  read -r -d '' _stat 2>/dev/null <"/proc/$2/stat" || : # gone, or read to its end
  if [[ ${_stat##*') '} =~ ^[^ZX]\ [0-9]+\ ([0-9]+)\  ]]; then _group=${BASH_REMATCH[1]}; fi
  printf -v "$1" '%s' "${_group}"
}
