# Processes that were started for somebody, found wherever they are by now. Linux tells; elsewhere none is found.

# The beginning of every tag of an owner. grep takes lines as patterns of their own.
strays::tag_into() {
  printf -v "$1" 'superloop:%s:' "${2//$'\n'/ }"
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

# Kills whoever bears a tag, belongs to a session, writes to one of the files or is one of the descendants that were found
# before: agents start their tools in sessions of their own, and some clear their environment.
# strays::end TAG SESSION "DESCENDANTS" FILE…
strays::end() {
  local tag=$1 session=$2 descendant file output
  local -a outputs=()
  [[ -d /proc/self ]] || return 0
  _strays_find "${tag}" "${session}"
  for descendant in $3; do
    if _strays_read "${descendant%:*}" && [[ ${_STRAYS_START} == "${descendant#*:}" ]]; then _STRAYS+=("${descendant%:*}"); fi
  done
  shift 3
  for output in "$@"; do
    if [[ -f ${output} ]]; then outputs+=("${output}"); fi
  done
  for output in ${outputs[@]+"${outputs[@]}"}; do
    for file in /proc/[0-9]*/fd/[12]; do
      if [[ ${file} -ef ${output} ]]; then _strays_add "${file}"; fi
    done
  done
  _strays_signal KILL || : # there are none
}

# Ends what an earlier host that was killed has left running for an owner: whoever bears its tag, or writes into a folder,
# with their groups. Whoever calls this must hold what keeps a second host from running for the same owner. Sets STRAYS_FOUND
# to whether there was anything.
# strays::end_orphans OWNER FOLDER
strays::end_orphans() {
  local tag folder=${2//[][*?\\]/?} attempt signal=TERM file
  STRAYS_FOUND=false
  [[ -d /proc/self ]] || return 0
  strays::tag_into tag "$1"
  for ((attempt = 0; attempt <= 20 * PROCESS_GRACE_SECONDS; attempt++)); do
    if ((attempt == 20 * PROCESS_GRACE_SECONDS)); then signal=KILL; fi
    _strays_find "${tag}" ""
    while IFS= read -r file; do _strays_add "${file}"; done < <(find /proc/[0-9]*/fd/[12] -lname "${folder}/*" 2>/dev/null)
    _strays_signal "${signal}" || return 0
    STRAYS_FOUND=true signal=0
    sleep 0.05
  done
}

# Sets _STRAYS to those with a tag that begins like this in their environment, and the members of a session.
# _strays_find TAG SESSION
_strays_find() {
  local tag=$1 session=$2 file
  set -- /proc/[0-9]*/environ
  if [[ -n ${session} ]]; then set -- -e " ${session} " "$@" /proc/[0-9]*/stat; fi
  _STRAYS=()
  while IFS= read -r file; do
    case ${file} in
      */environ) _strays_bears_tag "${file}" "${tag}" || continue ;;
      *)
        _strays_read "${file//[!0-9]/}" || continue
        [[ ${_STRAYS_SESSION} == "${session}" ]] || continue
        ;;
    esac
    _strays_add "${file}"
  done < <(grep -lszF -e "SUPERLOOP_PROCESS_TAG=${tag}" "$@")
}

_strays_bears_tag() {
  local entry
  while IFS= read -r -d '' entry; do
    if [[ ${entry} == "SUPERLOOP_PROCESS_TAG=$2"* ]]; then return 0; fi
  done 2>/dev/null <"$1" # it may be gone meanwhile
  return 1
}

# _strays_add FILE_OF_PROC
_strays_add() {
  local pid=${1#/proc/}
  _STRAYS+=("${pid%%/*}")
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
