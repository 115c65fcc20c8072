# One writer: a lock file with the holder's pid and start time. A live holder is refused, a dead one's lock taken over.

# lock::take FILE: status 1 when another process holds it; LOCK_HOLDER is then its pid.
lock::take() {
  local file=$1 attempt holder started
  for ((attempt = 0; attempt < 3; attempt++)); do
    if (
      set -C
      printf '%s %s\n' "$$" "$(_lock_start_time "$$")" >"${file}"
    ) 2>/dev/null; then
      return 0
    fi
    holder="" started=""
    read -r holder started <"${file}" 2>/dev/null || : # released meanwhile
    LOCK_HOLDER=${holder}
    if [[ -n ${holder} ]] && kill -0 "${holder}" 2>/dev/null && [[ $(_lock_start_time "${holder}") == "${started}" ]]; then
      return 1
    fi
    rm -f "${file}"
  done
  return 1
}

lock::release() {
  rm -f "$1"
}

# When a process started, as the system tells it; the same pid later is another process.
_lock_start_time() {
  if [[ -r /proc/$1/stat ]]; then
    local stat
    stat=$(<"/proc/$1/stat")
    stat=${stat##*) }
    # shellcheck disable=SC2086 # fields of proc(5), split at spaces
    set -- ${stat}
    printf '%s' "${20}"
  else
    ps -o lstart= -p "$1" 2>/dev/null | tr -s ' ' '-'
  fi
}
