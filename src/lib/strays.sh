# Processes that were started for somebody, found wherever they are by now. Linux tells; elsewhere none is found.

# The beginning of every tag of an owner, or of all below a folder/. grep takes lines as patterns of their own.
# strays::tag_into VAR OWNER
strays::tag_into() {
  local _tag=superloop:${2//$'\n'/ }
  [[ $2 == */ ]] || _tag+=:
  printf -v "$1" '%s' "${_tag}"
}

# Whether somebody of a group is there who does not only wait to be reaped: not every first process does that soon.
strays::group_is_alive() {
  local file
  kill -0 -- "-$1" 2>/dev/null || return 1
  if [[ ! -d /proc/self ]]; then
    ps -A -o pgid= -o stat= | awk -v group="$1" '$1 == group && $2 !~ /^Z/ { found = 1 } END { exit !found }'
    return
  fi
  for file in /proc/[0-9]*/stat; do
    if _strays_read "${file//[!0-9]/}" && [[ ${_STRAYS_GROUP} == "$1" ]]; then return 0; fi
  done
  return 1
}

# Those who descend from a session (or a group) and are in another by now, as "pid:start …". When their parents are gone
# nothing tells that any more.
# strays::descendants_into VAR SESSION
strays::descendants_into() {
  local _file _pid _above _found=""
  local -a _parents=() _members=() _starts=()
  for _file in /proc/[0-9]*/stat; do
    _pid=${_file//[!0-9]/}
    _strays_read "${_pid}" || continue
    _parents[_pid]=${_STRAYS_PARENT} _starts[_pid]=${_STRAYS_START}
    if [[ ${_STRAYS_SESSION} == "$2" || ${_STRAYS_GROUP} == "$2" ]]; then _members[_pid]=true; fi
  done
  for _pid in ${_parents[@]+"${!_parents[@]}"}; do
    _above=${_pid}
    while [[ -n ${_parents[_above]-} && -z ${_members[_above]-} ]]; do _above=${_parents[_above]}; done
    if [[ -n ${_members[_above]-} && ${_above} != "${_pid}" ]]; then _found+=" ${_pid}:${_starts[_pid]}"; fi
  done
  printf -v "$1" '%s' "${_found# }"
}

# Kills whoever bears a tag, belongs to a session that began SECONDS ago, writes to one of the files or is one of the
# descendants that were found before: agents start their tools in sessions of their own, and some clear their environment.
# strays::end TAG SESSION SECONDS "DESCENDANTS" FILE…
strays::end() {
  local tag=$1 session=$2 seconds=$3 descendant process output
  [[ -d /proc/self ]] || return 0
  _STRAYS=()
  for descendant in $4; do
    if _strays_read "${descendant%:*}" && [[ ${_STRAYS_START} == "${descendant#*:}" ]]; then _STRAYS+=("${descendant%:*}"); fi
  done
  shift 4
  _strays_list_since "${session}" "${seconds}"
  if ((${#_STRAYS_LISTED[@]} > 0)); then _strays_find "${tag}" "${session}"; fi
  for output in "$@"; do
    if [[ ! -f ${output} ]]; then continue; fi
    for process in ${_STRAYS_LISTED[@]+"${_STRAYS_LISTED[@]}"}; do
      if [[ ${process}/fd/1 -ef ${output} || ${process}/fd/2 -ef ${output} ]]; then _STRAYS+=("${process#/proc/}"); fi
    done
  done
  if ((${#_STRAYS[@]} > 0)); then _strays_signal KILL || :; fi # they may be gone
}

# Ends what an earlier host that was killed has left running for an owner: whoever bears its tag, or writes into a folder,
# with their groups. Whoever calls this must hold what keeps a second host from running for the same owner. Sets STRAYS_FOUND
# to whether there was anything.
# strays::end_orphans OWNER FOLDER [GLOB_BELOW]
strays::end_orphans() {
  local tag folder=${2//[][*?\\]/?} attempt signal=TERM pid
  STRAYS_FOUND=false
  [[ -d /proc/self ]] || return 0
  strays::tag_into tag "$1"
  for ((attempt = 0; attempt <= 20 * PROCESS_GRACE_SECONDS; attempt++)); do
    if ((attempt == 20 * PROCESS_GRACE_SECONDS)); then signal=KILL; fi
    _STRAYS=()
    _strays_list_since 0 0 # all
    _strays_find "${tag}" ""
    while IFS=/ read -r _ _ pid _; do _STRAYS+=("${pid}"); done < <(find /proc/[0-9]*/fd/[12] -lname "${folder}${3-}/*" 2>/dev/null)
    _strays_signal "${signal}" || return 0
    STRAYS_FOUND=true signal=0
    sleep 0.05
  done
}

# Sets _STRAYS_LISTED to the folders of processes that may be younger than a session. Numbers are given in turn, and in ten
# seconds nobody gives them all.
# _strays_list_since SESSION SECONDS
_strays_list_since() {
  local first=0 last=0 process
  read -r _ _ _ _ last </proc/loadavg || : # then it is 0
  if (($2 >= 0 && $2 <= 10 && ${last:-0} >= $1)); then first=$1; fi
  _STRAYS_LISTED=()
  for process in /proc/[0-9]*; do
    if ((${process#/proc/} >= first)); then _STRAYS_LISTED+=("${process}"); fi
  done
}

# Adds to _STRAYS who of those listed has a tag that begins like this in the environment, or belongs to a session.
# _strays_find TAG SESSION
_strays_find() {
  local tag=$1 session=$2 file
  set -- "${_STRAYS_LISTED[@]/%//environ}"
  if [[ -n ${session} ]]; then set -- -e " ${session} " "$@" "${_STRAYS_LISTED[@]/%//stat}"; fi
  while IFS= read -r file; do
    case ${file} in
      */environ) _strays_bears_tag "${file}" "${tag}" || continue ;;
      *)
        _strays_read "${file//[!0-9]/}" || continue
        [[ ${_STRAYS_SESSION} == "${session}" ]] || continue
        ;;
    esac
    _STRAYS+=("${file//[!0-9]/}")
  done < <(grep -lszF -e "SUPERLOOP_PROCESS_TAG=${tag}" "$@")
}

_strays_bears_tag() {
  local entry
  while IFS= read -r -d '' entry; do
    if [[ ${entry} == "SUPERLOOP_PROCESS_TAG=$2"* ]]; then return 0; fi
  done 2>/dev/null <"$1" # it may be gone meanwhile
  return 1
}

# Signals the groups of _STRAYS: a shell that has replaced itself by no program yet bears no tag. Status 1 when there are none.
_strays_signal() {
  local pid own="" found=1
  if _strays_read "$$"; then own=${_STRAYS_GROUP}; fi
  for pid in ${_STRAYS[@]+"${_STRAYS[@]}"}; do
    if ! _strays_read "${pid}" || [[ ${_STRAYS_GROUP} == "${own}" ]]; then continue; fi # gone meanwhile, or ourselves
    found=0
    kill "-$1" -- "-${_STRAYS_GROUP}" 2>/dev/null || : # gone meanwhile, or another user's
  done
  return "${found}"
}

# Sets _STRAYS_PARENT, _GROUP, _SESSION and _START of a process, by proc(5). Status 1 when it is gone, or only waits to be reaped.
# _strays_read PID
_strays_read() {
  local stat=""
  read -r -d '' stat 2>/dev/null <"/proc/$1/stat" || : # gone, or read to its end
  # shellcheck disable=SC2086 # fields behind the program's name, split at spaces
  set -- ${stat##*') '}
  if (($# < 20)) || [[ $1 == [ZX] ]]; then return 1; fi
  _STRAYS_PARENT=$2 _STRAYS_GROUP=$3 _STRAYS_SESSION=$4 _STRAYS_START=${20}
}
