# One role's turn: its analysis, its prompt, its runner, its last message.

# role::run ROLE: ends the run when the role fails.
role::run() {
  local role=$1
  local prompt=${SL_PROMPTS_DIR}/${role}.md message=${SL_MESSAGES_DIR}/${role}.txt ended=${SL_LOG_DIR}/${role}.exit
  local output=${SL_LOG_DIR}/${role}.log errors=${SL_LOG_DIR}/${role}.stderr.log seconds data
  SL_ROLE=${role}
  RLMS_RESULT_FILE="" RLMS_SUMMARY_FILE="" RLMS_STATUS_FILE=""
  if resume::has_answered "${role}"; then
    _role_take_up
    if [[ -z ${RUNNER_LIMIT} ]]; then
      _role_end
      return
    fi
  fi
  usage::check_budget "${role}"
  state::write true "${role}"
  if [[ ${SL_RLMS_ENABLED} == true ]]; then rlms::attach::to_role "${role}"; fi
  if [[ ${role} == reviewer ]]; then packet::write; fi
  prompt::build "${role}" "${prompt}"
  file::remove "${message}" "${ended}"
  json::object_into data prompt_file= "${prompt}" log_file= "${output}" last_message_file= "${message}"
  events::log role_start "${role}" "" "" "${data}"
  _role_seconds_into seconds "${role}"
  runner::play "${role}" "${prompt}" "${message}" "${output}" "${errors}" "${seconds}"
  if [[ ! -s ${errors} ]]; then file::remove "${errors}"; fi
  if ((RUNNER_STATUS != 0)); then _role_fail "${role}" "${RUNNER_STATUS}" "${seconds}" "${errors}"; fi
  records::refuse_loss
  _role_end
}

# What its program has done while its host was gone, or just before: RUNNER_LIMIT tells whether it met a rate limit.
_role_take_up() {
  local started
  runner::read "${role}"
  RUNNER_SESSION_ID=""
  clock::uptime_into started # nobody knows when it ended
  if ! usage::is_noted "${role}" runner; then usage::note_turn "${role}" "${output}" "${errors}" "${started}"; fi
  runner::read_turn 0 "${output}" "${errors}" "${message}"
  if [[ ! -s ${errors} ]]; then file::remove "${errors}"; fi
}

# The turn is over when its last event says so. Reads the locals of role::run.
_role_end() {
  git::changes::note_role "${role}"
  json::object_into data prompt_file= "${prompt}" log_file= "${output}" last_message_file= "${message}" changed_files: "${GIT_CHANGED}"
  events::log role_end "${role}" ok "" "${data}"
}

_role_seconds_into() {
  local _seconds=SL_TIMEOUTS_PLANNER
  if [[ ${SL_TIMEOUTS_ENABLED} != true ]]; then
    printf -v "$1" 0
    return
  fi
  case $2 in
    implementer) _seconds=SL_TIMEOUTS_IMPLEMENTER ;;
    tester) _seconds=SL_TIMEOUTS_TESTER ;;
    reviewer) _seconds=SL_TIMEOUTS_REVIEWER ;;
    *) ;; # the planner's
  esac
  _seconds=${!_seconds}
  if ((_seconds == 0)); then _seconds=${SL_TIMEOUTS_DEFAULT}; fi
  printf -v "$1" '%s' "${_seconds}"
}

_role_fail() {
  local role=$1 status=$2 seconds=$3 errors=$4 data next said=${SL_LOG_DIR}/$1.log
  if [[ ${PROCESS_OVERDUE} == true ]]; then runner::fail_overdue "${role}" "${seconds}"; fi
  json::object_into data role= "${role}" exit_status: "${status}"
  events::log role_end "${role}" failed "" "${data}"
  ending::stop role_failed "${role}"
  ending::next_into next
  if [[ -s ${errors} ]]; then
    said+=" and ${role}.stderr.log there"
    tail -n 5 "${errors}" >&2
  fi
  failure::raise ROLE_FAILED "role '${role}' failed (exit ${status})" "Read ${said}. ${next}"
}
