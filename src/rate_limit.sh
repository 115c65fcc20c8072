# A runner whose provider lets it do no more for now: waiting until it may, within what the configuration allows.

readonly _RATE_LIMIT_LONGEST_PAUSE=900
readonly _RATE_LIMIT_LONGEST_SLEEP=300 # a machine that was suspended finds out what time it is

# A role's turn begins: it has not waited yet.
rate_limit::forget() {
  _RATE_LIMIT_WAITED=0 _RATE_LIMIT_PAUSE=${SL_RATE_LIMITS_RETRY_SECONDS}
}

# A wait that the run was interrupted in goes on, unless the role has got another runner.
# rate_limit::take_up ROLE
rate_limit::take_up() {
  local now
  [[ ${SL_ITERATION} == "${RESUME_ITERATION-}" && ${RESUME_LIMIT_ROLE} == "$1" ]] || return 0
  RESUME_LIMIT_ROLE=""
  clock::epoch_into now
  runner::read "$1"
  if ((RESUME_LIMIT_UNTIL <= now)) || [[ ${RUNNER_COMMAND[0]} != "${RESUME_LIMIT_RUNNER}" ]]; then return 0; fi
  _RATE_LIMIT_WAITED=${RESUME_LIMIT_WAITED} RUNNER_LIMIT=${RESUME_LIMIT_MESSAGE} RUNNER_LIMIT_RESET=${RESUME_LIMIT_UNTIL}
  rate_limit::await "$1"
}

# Waits for what RUNNER_LIMIT and RUNNER_LIMIT_RESET tell. Ends the run when that takes longer than it may.
# rate_limit::await ROLE
rate_limit::await() {
  local role=$1 now until began passed date span data waiting
  clock::epoch_into now
  if ((${RUNNER_LIMIT_RESET:-0} <= now)); then RUNNER_LIMIT_RESET=""; fi
  _rate_limit_until_into until "${now}"
  clock::date_into date "${until}"
  clock::span_into span "$((until - now))"
  json::object_into data runner= "${RUNNER_COMMAND[0]}" message= "${RUNNER_LIMIT}" until= "${date}" \
    wait_seconds: "$((until - now))" waited_seconds: "${_RATE_LIMIT_WAITED}" max_wait_seconds: "${SL_RATE_LIMITS_MAX_WAIT_SECONDS}"
  if ! _rate_limit_may_wait "$((until - now))"; then _rate_limit_stop "${role}" "${date}" "${span}" "${data}"; fi
  events::log rate_limit_wait "${role}" waiting "${RUNNER_LIMIT}" "${data}"
  json::object_into waiting for= rate_limit message= "${RUNNER_LIMIT}" until= "${date}"
  state::write true "${role}" "${waiting}"
  output::info "  ${role}: ${RUNNER_COMMAND[0]##*/} has met a rate limit: ${RUNNER_LIMIT}"
  output::info "  ${role}: waiting for it until ${date} (${span})"
  progress::show "${role}: waiting for the rate limit of ${RUNNER_COMMAND[0]##*/}" "${until}"
  clock::uptime_into began
  _rate_limit_sleep "${until}" "$((until - now))"
  clock::uptime_into passed
  passed=$((passed - began))
  _RATE_LIMIT_WAITED=$((_RATE_LIMIT_WAITED + (passed < until - now ? passed : until - now)))
  events::log rate_limit_end "${role}"
  state::write true "${role}"
}

# When to ask again: at the reset, or after a pause that doubles where none is told, or it has passed.
# _rate_limit_until_into VAR NOW
_rate_limit_until_into() {
  if [[ -n ${RUNNER_LIMIT_RESET} ]]; then
    printf -v "$1" '%s' "${RUNNER_LIMIT_RESET}"
    return
  fi
  printf -v "$1" '%s' "$(($2 + _RATE_LIMIT_PAUSE))"
  _RATE_LIMIT_PAUSE=$((2 * _RATE_LIMIT_PAUSE))
  if ((_RATE_LIMIT_PAUSE > _RATE_LIMIT_LONGEST_PAUSE)); then _RATE_LIMIT_PAUSE=${_RATE_LIMIT_LONGEST_PAUSE}; fi
}

_rate_limit_may_wait() {
  [[ ${SL_RATE_LIMITS_ON_LIMIT} == wait ]] || return 1
  ((SL_RATE_LIMITS_MAX_WAIT_SECONDS == 0 || _RATE_LIMIT_WAITED + $1 <= SL_RATE_LIMITS_MAX_WAIT_SECONDS))
}

# Until UNTIL, or as long as it is until then by now, should the time of day be set meanwhile. In a session of its own, which
# ends at once with the run.
# _rate_limit_sleep UNTIL SECONDS
_rate_limit_sleep() {
  local now ends left
  clock::uptime_into now
  ends=$((now + $2))
  while :; do
    clock::uptime_into now
    left=$((ends - now))
    clock::epoch_into now
    if ((left > $1 - now)); then left=$(($1 - now)); fi
    ((left > 0)) || return 0
    if ((left > _RATE_LIMIT_LONGEST_SLEEP)); then left=${_RATE_LIMIT_LONGEST_SLEEP}; fi
    process::run 0 /dev/null /dev/null /dev/null sleep "${left}" || : # ended by others: it is looked at the clock again
  done
}

# _rate_limit_stop ROLE DATE SPAN DATA
_rate_limit_stop() {
  local role=$1 ends why repo
  printf -v repo '%q' "${SL_REPO}"
  events::log rate_limit_stop "${role}" stopped "${RUNNER_LIMIT}" "$4"
  ending::stop rate_limited "${role}"
  if [[ -n ${RUNNER_LIMIT_RESET} ]]; then ends="it ends at $2 (in $3)"; else ends="it does not say when that ends"; fi
  if [[ ${SL_RATE_LIMITS_ON_LIMIT} == stop ]]; then
    why="rate_limits.on_limit is stop"
  else
    why="with ${_RATE_LIMIT_WAITED}s waited already that is more than rate_limits.max_wait_seconds (${SL_RATE_LIMITS_MAX_WAIT_SECONDS})"
  fi
  failure::raise RATE_LIMITED "the ${role}'s ${RUNNER_COMMAND[0]##*/} has met a rate limit: ${RUNNER_LIMIT}; ${ends}, and ${why}" \
    "Then go on with: superloop.sh run --repo ${repo} --loop ${SL_ID}. Or raise loops[].rate_limits.max_wait_seconds, or give the role another runner."
}
