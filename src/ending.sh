# How a run ends: complete, stopped, interrupted, or broken down; it is written down once, and people are told how to go on.

# ending::stop REASON [ROLE]: writes down that the loop ended before it was complete. A person who interrupts or has to
# approve knows; of anything else the operator is told.
ending::stop() {
  local data run_id=${SL_RUN_ID}
  mkdir -p "${SL_LOOP_DIR}" 2>/dev/null || : # a role may have removed it; what cannot be written is told below
  _ending_try records::set_aside
  json::object_into data reason= "$1"
  _ending_log loop_stopped "${2-}" stopped "${data}"
  _ending_try timeline::add_stop "$1"
  _ending_try usage::record
  usage::tell_end
  _ending_close "${2-}"
  case $1 in
    interrupted* | cancelled | approval_pending) ;;
    *) hooks::run on_failure loop_stopped "${run_id}" "${data}" ;;
  esac
}

# ending::command_into VAR: what takes up a run that ends before its end.
ending::command_into() {
  printf -v "$1" 'superloop.sh run --repo %q --loop %s' "${SL_REPO}" "${SL_ID}"
}

# ending::next_into VAR: the same in words, for a run that ends with a role.
ending::next_into() {
  local _command
  ending::command_into _command
  printf -v "$1" 'Then go on with the %s of iteration %s: %s' "${SL_ROLE}" "${SL_ITERATION}" "${_command}"
}

# ending::interrupt SIGNAL STATUS: ends what is running, writes it down, ends. The next run takes it up.
ending::interrupt() {
  local why="interrupted by SIG$1"
  trap '' INT TERM HUP PIPE # who reads what is said may be gone
  process::end_current
  if [[ -e ${SL_CANCEL_FILE-} ]]; then why=cancelled; fi
  if [[ -n ${SL_RUN_ID-} ]]; then ending::stop "${why}" "${SL_ROLE-}"; fi
  printf 'error: %s\n' "${why}" >&2
  if [[ ${why} != cancelled && -n ${SL_ID-} ]]; then ending::tell_next; fi
  exit "$2"
}

# ending::abandon STATUS: the program ends although a loop is running; that is said if nobody has, and written down as far as
# that can be.
ending::abandon() {
  local command
  [[ -n ${SL_RUN_ID-} ]] || return 0
  set +e # in a trap a plain return gives the status of what was interrupted
  process::end_current
  if [[ ${FAILURE_TOLD-} == true ]]; then
    ending::tell_next
  else
    ending::command_into command
    failure::tell RUN_FAILED "the run ended unexpectedly (status $1)" "Read what stands above. Then go on with: ${command}"
  fi
  _ENDING_IS_ABRUPT=true
  ending::stop "failed with status $1" "${SL_ROLE-}"
  exit "$1"
}

# Says how to go on with a run that has ended before its end.
ending::tell_next() {
  local command
  ending::command_into command
  output::info "Go on with: ${command}" 2>/dev/null || : # nobody reads it
}

# ending::complete: every gate holds.
ending::complete() {
  local data run_id=${SL_RUN_ID}
  json::object_into data iteration: "${SL_ITERATION}" run_id= "${SL_RUN_ID}"
  _ending_log loop_complete "" ok "${data}"
  _ending_close ""
  usage::tell_end
  output::info "Loop '${SL_ID}' complete at iteration ${SL_ITERATION}."
  hooks::run on_complete loop_complete "${run_id}" "${data}"
}

# A run ends once, whatever fails behind that.
# _ending_log EVENT ROLE STATUS DATA
_ending_log() {
  if [[ ${_ENDING_TOLD-} == "${SL_RUN_ID}" ]]; then return 0; fi
  _ending_try events::log "$1" "$2" "$3" "" "$4"
  _ENDING_TOLD=${SL_RUN_ID}
}

# No loop is running from here on.
_ending_close() {
  progress::finish
  _ending_try summary::seal
  _ending_try state::write false "$1"
  _ending_try stuck::finish
  _ending_try work_tree::release
  _ending_try lock::release "${SL_LOCK_FILE}"
  SL_RUN_ID=""
}

# What a run that breaks down cannot do any more keeps it from nothing else; why it broke down was told.
# _ending_try COMMAND…
_ending_try() {
  if [[ ${_ENDING_IS_ABRUPT-} == true ]]; then ("$@") 2>/dev/null || :; else "$@"; fi
}
