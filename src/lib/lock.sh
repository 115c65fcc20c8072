# One writer: a lock file with the holder's pid and start time. A live holder is refused, a dead one's lock taken over.

# lock::take FILE: status 1 when another process holds it; LOCK_HOLDER is then its pid. LOCK_WAS_LEFT tells whether it was
# taken over from a holder that died with it.
lock::take() {
  local file=$1 mine holder attempt
  LOCK_WAS_LEFT=false
  _lock_start_time_into mine "$$"
  mine="$$ ${mine}"
  for ((attempt = 0; attempt < 100; attempt++)); do
    if _lock_create "${file}" "${mine}"; then return 0; fi
    _lock_read_into holder "${file}"
    if _lock_is_alive "${holder}"; then
      LOCK_HOLDER=${holder%% *}
      return 1
    fi
    if [[ -e ${file} ]] && _lock_take_over "${file}" "${holder}" "${mine}"; then
      LOCK_WAS_LEFT=true
      return 0
    fi
  done
  [[ ! -e ${file} ]] || return 1 # others have been taking it all the time
  file::empty "${file}"          # which tells why it cannot be written
}

lock::release() {
  file::remove "$1"
}

# lock::is_held FILE: whether a live process holds it; LOCK_HOLDER is the pid in the file, alive or not.
lock::is_held() {
  local holder
  [[ -e $1 ]] || return 1
  _lock_read_into holder "$1"
  LOCK_HOLDER=${holder%% *}
  _lock_is_alive "${holder}"
}

# Created by whoever is first: the shell opens the file only if it is not there.
_lock_create() {
  local created=true
  set -C
  true 2>/dev/null >"$1" || created=false
  set +C
  [[ ${created} == true ]] && _lock_write "$1" "$2"
}

_lock_write() {
  if { printf '%s\n' "$2" >"$1"; } 2>/dev/null; then return; fi
  rm -f "$1" 2>/dev/null
  file::write "$1" "$2" # which tells why it cannot be written
}

# A dead holder's lock is replaced only under a lock of its own, and only if it is still that holder's: of several that
# saw it dead one gets it.
_lock_take_over() {
  local file=$1 dead=$2 mine=$3 holder status=1
  if ! lock::take "${file}.taking"; then
    sleep 0.05
    return 1
  fi
  _lock_read_into holder "${file}"
  if [[ -e ${file} && ${holder} == "${dead}" ]]; then
    _lock_write "${file}" "${mine}"
    status=0
  fi
  lock::release "${file}.taking"
  return "${status}"
}

# The line of a lock file, "pid start"; one that was just made may be empty for a moment.
_lock_read_into() {
  local _line="" _attempt
  for ((_attempt = 0; _attempt < 10; _attempt++)); do
    read -r _line 2>/dev/null <"$2" || : # released meanwhile, or still empty
    [[ -z ${_line} && -e $2 ]] || break
    sleep 0.05
  done
  printf -v "$1" '%s' "${_line}"
}

# _lock_is_alive "PID START": the same pid with another start time is another process.
_lock_is_alive() {
  local started
  [[ $1 =~ ^[0-9]+\  ]] || return 1
  _lock_start_time_into started "${1%% *}"
  [[ -n ${started} && $1 == "${1%% *} ${started}" ]]
}

# When a process started, as the system tells it; empty when it is gone, or dead and not yet reaped.
_lock_start_time_into() {
  local _stat="" _target=$1
  if [[ -d /proc/self ]]; then
    read -r -d '' _stat 2>/dev/null <"/proc/$2/stat" || : # gone, or read to its end
    # shellcheck disable=SC2086 # fields of proc(5) behind the program's name, split at spaces
    set -- ${_stat##*) }
    if [[ ${1-Z} == Z ]]; then _stat=""; else _stat=${20}; fi
  else
    _stat=$(LC_ALL=C TZ=UTC0 ps -o stat= -o lstart= -p "$2" 2>/dev/null | tr -s ' ' '-') || : # gone
    if [[ ${_stat} == Z* ]]; then _stat=""; else _stat=${_stat#*-}; fi
  fi
  printf -v "${_target}" '%s' "${_stat}"
}
