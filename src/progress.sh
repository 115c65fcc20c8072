# What a run is doing, and for how long: on a terminal one line at its bottom that is drawn anew each second, elsewhere a
# plain line for what begins and what ends.

_PROGRESS_TICKER=""

# From now on this is waited for; UNTIL, a second of the epoch, is counted down to.
# progress::show WHAT [UNTIL]
progress::show() {
  local since
  if [[ ! -t 2 || ${TERM:-dumb} == dumb ]]; then return 0; fi
  clock::uptime_into since
  { printf '%s %s %s\n' "${since}" "${2:-0}" "${SL_ID}, iteration ${SL_ITERATION} · ${1//$'\n'/ }" >"${SL_LOOP_DIR}/run.progress"; } 2>/dev/null \
    || return 0 # a role may have removed the folder
  if [[ -z ${_PROGRESS_TICKER} ]]; then
    OUTPUT_CLEAR=$'\r\033[K'
    _progress_tick "${SL_LOOP_DIR}/run.progress" </dev/null &
    _PROGRESS_TICKER=$!
    disown "${_PROGRESS_TICKER}"
  fi
}

# The same, with a line of its own where nothing is drawn.
# progress::begin WHAT
progress::begin() {
  progress::show "$1"
  if [[ -z ${_PROGRESS_TICKER} || ! -t 1 ]]; then output::info "  $1"; fi
}

# Nothing is drawn from here on.
progress::finish() {
  [[ -n ${_PROGRESS_TICKER} ]] || return 0
  kill -KILL "${_PROGRESS_TICKER}" 2>/dev/null || : # it may have been ended by others
  while kill -0 "${_PROGRESS_TICKER}" 2>/dev/null; do :; done
  _PROGRESS_TICKER="" OUTPUT_CLEAR=""
  printf '\r\033[K' >&2
  rm -f "${SL_LOOP_DIR}/run.progress" 2>/dev/null || : # nobody draws it any more
}

# Draws each second, without a process, while the host lives. The pipe that nobody writes to is its clock; the terminal cuts
# off what is wider than itself.
# _progress_tick FILE
_progress_tick() {
  local now since until what span dim=$'\033[2m' plain=$'\033[0m'
  if [[ -n ${NO_COLOR-} ]]; then dim="" plain=""; fi
  { rm -f "$1.pipe" && mkfifo "$1.pipe" && exec 8<>"$1.pipe" && rm -f "$1.pipe"; } 2>/dev/null || return
  while lock::is_held "${SL_LOCK_FILE}" && [[ ${LOCK_HOLDER} == "$$" ]]; do
    if read -r since until what 2>/dev/null <"$1"; then
      clock::epoch_into now
      if ((until > now)); then
        clock::span_into span "$((until - now))"
        span+=" left"
      else
        clock::uptime_into now
        clock::span_into span "$((now - since))"
      fi
      printf '\r\033[K\033[?7l%s%s · %s%s\033[?7h' "${dim}" "${what}" "${span}" "${plain}" >&2
    fi
    read -r -t 1 -u 8 || : # a second has passed
  done
}
