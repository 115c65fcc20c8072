# Child processes in sessions of their own, without a terminal and with a deadline; whoever starts one ends it.

readonly _PROCESS_OVERDUE_STATUS=124
readonly PROCESS_GRACE_SECONDS=4 # more than the worker gives its own models
PROCESS_OVERDUE=false            # whether the last command was ended at its deadline; a command may end with 124 by itself
PROCESS_OWNER=""                 # a path that commands are run for, by which strays::end_orphans finds them later
PROCESS_STATUS_FILE=""           # where the next command leaves its status when it ends by itself, even after its host
PROCESS_IDLE=false               # whether that was because it had printed nothing for too long
PROCESS_AFTERWARDS=""            # a function that is called after each command
_PROCESS_GROUP="" _PROCESS_WATCHDOG="" _PROCESS_MARK="" _PROCESS_TAG="" _PROCESS_OUTPUTS=() _PROCESS_DESCENDANTS=""
_PROCESS_IS_THERE=false # whether the leader of the group has not been waited for yet

# Runs a command: a program, or a function that ends with process::become. Its status, or 124 when its time was over:
# SECONDS altogether, or IDLE seconds without output (0: no limit). What is left of its session is ended, and on Linux what
# left the session as well.
# process::run SECONDS[,IDLE] STDIN STDOUT STDERR COMMAND…
process::run() {
  local seconds=${1%,*} idle=0 input=$2 output=$3 errors=$4 status=0 why=""
  if [[ $1 == *,* ]]; then idle=${1#*,}; fi
  shift 4
  PROCESS_OVERDUE=false PROCESS_IDLE=false
  strays::tag_into _PROCESS_TAG "${PROCESS_OWNER}"
  _PROCESS_TAG+="$$-${RANDOM}${RANDOM};"
  _PROCESS_MARK=${output}.timed-out _PROCESS_OUTPUTS=("${output}" "${errors}")
  _process_remove_mark
  { : >"${output}" && : >"${errors}"; } 2>/dev/null || file::empty "${output}" "${errors}" # which tells why
  _process_choose_session
  if ((${#_PROCESS_SESSION[@]} == 0)); then set -m; fi # who leads a group already can lead no session
  SUPERLOOP_PROCESS_TAG=${_PROCESS_TAG} _process_start "$@" <"${input}" >"${output}" 2>"${errors}" &
  _PROCESS_GROUP=$! _PROCESS_STARTED=${SECONDS} _PROCESS_IS_THERE=true PROCESS_STATUS_FILE=""
  if ((seconds + idle > 0)); then
    set -m
    SUPERLOOP_PROCESS_TAG=${_PROCESS_TAG} _process_watch "${_PROCESS_GROUP}" "${seconds},${idle}" "${output}" "${errors}" </dev/null >/dev/null 2>&1 &
    _PROCESS_WATCHDOG=$!
    disown "${_PROCESS_WATCHDOG}" # of another Bash might say that it was killed
  fi
  set +m
  # Silenced for the builtin alone, which would talk about jobs: a signal's trap finds standard error as it was.
  wait "${_PROCESS_GROUP}" 2>/dev/null || status=$?
  _PROCESS_IS_THERE=false
  if [[ -f ${_PROCESS_MARK} ]]; then
    PROCESS_OVERDUE=true status=${_PROCESS_OVERDUE_STATUS}
    read -r why _PROCESS_DESCENDANTS <"${_PROCESS_MARK}" || : # it was ended before it could say more
    if [[ ${why} == idle ]]; then PROCESS_IDLE=true; fi
  fi
  process::end_current
  ${PROCESS_AFTERWARDS}
  return "${status}"
}

# What a function that process::run calls ends with: it becomes a program that leads a session without a terminal. At a
# password's prompt, which opens /dev/tty, the terminal would stop it; like this it fails at once.
# process::become PROGRAM [ARGUMENT…]
process::become() {
  if [[ -n ${PROCESS_STATUS_FILE} ]]; then
    set -- "${BASH}" --posix "${BASH_SOURCE[0]%/*}/tell-status" "${PROCESS_STATUS_FILE}" "$@"
  fi
  exec ${_PROCESS_SESSION[@]+"${_PROCESS_SESSION[@]}"} "$@"
}

_process_start() {
  if declare -F "$1" >/dev/null; then "$@"; else process::become "$@"; fi
}

# Sets _PROCESS_SESSION: what puts a program into a session of its own without another process. Perl is for macOS; where
# there is neither, a program leads a group that keeps its terminal.
_process_choose_session() {
  [[ -z ${_PROCESS_SESSION_IS_CHOSEN-} ]] || return 0
  _PROCESS_SESSION=() _PROCESS_SESSION_IS_CHOSEN=true
  if type -P setsid >/dev/null; then
    _PROCESS_SESSION=(setsid)
  elif type -P perl >/dev/null; then
    # shellcheck disable=SC2016 # for Perl
    _PROCESS_SESSION=(perl -e 'use POSIX ();
      $SIG{INT} = $SIG{QUIT} = "DEFAULT";
      POSIX::setsid();
      exec { $ARGV[0] } @ARGV;
      my $status = $!{ENOENT} ? 127 : 126;
      print STDERR "superloop: cannot start $ARGV[0]: $!\n";
      exit $status;')
  fi
}

# Ends what process::run has running: TERM, a grace, KILL, then whoever left it.
process::end_current() {
  local group=${_PROCESS_GROUP} descendants=${_PROCESS_DESCENDANTS} attempt
  [[ -n ${group} ]] || return 0
  if [[ ${_PROCESS_IS_THERE} == true ]]; then strays::descendants_into descendants "${group}"; fi
  _PROCESS_GROUP="" _PROCESS_DESCENDANTS=""
  _process_end_watchdog
  if _process_signal TERM "${group}"; then
    for ((attempt = 0; attempt < 20 * PROCESS_GRACE_SECONDS; attempt++)); do
      strays::group_is_alive "${group}" || break
      sleep 0.05
    done
    _process_signal KILL "${group}" || : # ended in its grace
  fi
  wait "${group}" 2>/dev/null || : # so that nobody talks about its end later
  strays::end "${_PROCESS_TAG}" "${group}" "$((SECONDS - _PROCESS_STARTED))" "${descendants}" ${_PROCESS_OUTPUTS[@]+"${_PROCESS_OUTPUTS[@]}"}
}

# To a group; who leads it may not have made it yet.
# _process_signal SIGNAL GROUP
_process_signal() {
  kill "-$1" -- "-$2" 2>/dev/null || { [[ ${_PROCESS_IS_THERE} == true ]] && kill "-$1" "$2" 2>/dev/null; }
}

# _process_watch GROUP SECONDS,IDLE STDOUT STDERR: leaves a mark: why it was, and who had left the group by then.
_process_watch() {
  local why=timeout descendants
  if [[ $2 == *,0 ]]; then
    sleep "${2%,*}"
  else
    _process_watch_output "${2%,*}" "${2#*,}" "$3" "$4"
  fi
  strays::descendants_into descendants "$1"
  printf '%s\n' "${why} ${descendants}" >"${_PROCESS_MARK}"
  _process_signal TERM "$1"
  sleep "${PROCESS_GRACE_SECONDS}"
  _process_signal KILL "$1"
}

# Looks ten times within IDLE seconds whether the files have grown. Sets why, of its caller, when they pass without output.
# What passes is what it sleeps: the time of day may be set.
# _process_watch_output SECONDS IDLE STDOUT STDERR
_process_watch_output() {
  local seconds=$1 idle=$2 pause=$((($2 + 9) / 10)) passed=0 silent=0 seen now
  seen=$(_process_sizes "$3" "$4")
  while ((seconds == 0 || passed < seconds)); do
    if ((silent >= idle)); then
      why=idle
      break
    fi
    if ((seconds > 0 && pause > seconds - passed)); then pause=$((seconds - passed)); fi
    sleep "${pause}"
    passed=$((passed + pause)) silent=$((silent + pause))
    now=$(_process_sizes "$3" "$4")
    if [[ ${now} != "${seen}" ]]; then silent=0; fi
    seen=${now}
  done
}

# A named pipe in place of a file would not be read, but waited for.
_process_sizes() {
  LC_ALL=C ls -ln -- "$@" || : # a role may have removed them
}

_process_end_watchdog() {
  if [[ -n ${_PROCESS_WATCHDOG} ]]; then
    kill -KILL -- "-${_PROCESS_WATCHDOG}" 2>/dev/null || : # it has done its work
    _PROCESS_WATCHDOG=""
  fi
  _process_remove_mark
}

_process_remove_mark() {
  if [[ -e ${_PROCESS_MARK} ]]; then rm -f "${_PROCESS_MARK}"; fi
}
