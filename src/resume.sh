# A run that ended before its end (killed, interrupted, failed, without budget, or the machine went down) is taken up by the next
# one. Its events tell where it stood, and the statuses that programs have left: a role that has ended is not played again.

readonly _RESUME_ROLES=" planner implementer tester reviewer "
# The last of these tells how a run stands; the others are of no use where a line is torn.
readonly RESUME_MARKS='"event": ?"(loop_(start|complete|stopped)|(iteration|role)_(start|end))"'

# Sets RESUME_RUN to the id of the loop's run that goes on, empty when there is none to take up, and where it stood:
# RESUME_ITERATION, RESUME_STARTED, whether that iteration ended (RESUME_IS_OVER) and the loop with it (RESUME_IS_COMPLETE),
# RESUME_SPEC, RESUME_PASSED (the roles that are done), RESUME_ANSWERED (one whose program has ended well, and nothing was
# noted yet), RESUME_COMMIT (what was noted of its commit), RESUME_TORN (how many lines of the events tell nothing), and of a
# wait for a rate limit RESUME_LIMIT_ROLE, _RUNNER, _UNTIL, _WAITED and _MESSAGE.
resume::find() {
  local passed="" role answered
  resume::forget
  resume::read_standing "${SL_EVENTS_FILE}"
  resume::goes_on && [[ ${RESUME_MARK} == *'"run_id":"'* ]] || return 0
  json::require_jq
  RESUME_RUN=${RESUME_MARK#*'"run_id":"'}
  RESUME_RUN=${RESUME_RUN%%'"'*}
  {
    IFS= read -r RESUME_SPEC
    IFS= read -r RESUME_ITERATION
    IFS= read -r RESUME_STARTED
    IFS= read -r RESUME_IS_OVER
    IFS= read -r RESUME_IS_COMPLETE
    IFS= read -r passed
    IFS= read -r RESUME_COMMIT
    IFS= read -r RESUME_TORN
    IFS= read -r RESUME_LIMIT_ROLE
    IFS= read -r RESUME_LIMIT_RUNNER
    IFS= read -r RESUME_LIMIT_UNTIL
    IFS= read -r RESUME_LIMIT_WAITED
    IFS= read -r RESUME_LIMIT_MESSAGE
  } < <(jq -nrR --arg run "${RESUME_RUN}" -f "${SUPERLOOP_ROOT}/src/resume.jq" "${SL_EVENTS_FILE}")
  RESUME_PASSED=" ${passed} "
  for role in ${_RESUME_ROLES}; do
    if [[ ${RESUME_PASSED} == *" ${role} "* ]]; then continue; fi
    file::read_into answered "${SL_LOOP_DIR}/logs/iter-${RESUME_ITERATION}/${role}.exit"
    if [[ ${answered} == 0 ]]; then RESUME_ANSWERED=${role}; fi
    if [[ -n ${answered} ]]; then break; fi
  done
}

# There is nothing to take up.
resume::forget() {
  RESUME_RUN="" RESUME_ITERATION="" RESUME_PASSED="" RESUME_ANSWERED="" RESUME_LIMIT_ROLE="" RESUME_TORN=0
}

# Sets RESUME_STANDING by what a file of events tells last: none, complete, stopped or interrupted; RESUME_REASON, why it was
# stopped or interrupted as far as it is known; RESUME_MARK is the line.
resume::read_standing() {
  RESUME_STANDING=none RESUME_MARK="" RESUME_REASON=""
  [[ -f $1 && -r $1 && -s $1 ]] || return 0
  RESUME_MARK=$(grep -aE "${RESUME_MARKS}" "$1" | tail -n 1) || :           # none of them
  RESUME_MARK=${RESUME_MARK:+'{"timestamp"'${RESUME_MARK##*'{"timestamp"'}} # behind what is left of a torn line
  if [[ ${RESUME_MARK} == *'"reason":"'* ]]; then
    RESUME_REASON=${RESUME_MARK#*'"reason":"'}
    RESUME_REASON=${RESUME_REASON%%'"'*}
  fi
  case ${RESUME_MARK} in
    "") ;; # it has not run
    *'"event":"loop_complete"'*) RESUME_STANDING=complete ;;
    *'"event":"loop_stopped"'*'"reason":"interrupted'*) RESUME_STANDING=interrupted ;;
    *'"event":"loop_stopped"'*) RESUME_STANDING=stopped ;;
    *) RESUME_STANDING=interrupted ;;
  esac
}

# Whether the run of resume::read_standing is taken up by the next one. What was given up, or has done all that it may without
# an end, is not.
resume::goes_on() {
  case ${RESUME_STANDING} in
    interrupted) ;;
    stopped) [[ ${RESUME_REASON} != max_iterations && ${RESUME_REASON} != stuck && ${RESUME_REASON} != cancelled ]] ;;
    *) return 1 ;;
  esac
}

# resume::word_into VAR: how the run ended, for people.
resume::word_into() {
  if [[ ${RESUME_STANDING} == interrupted ]]; then
    printf -v "$1" 'was interrupted'
  else
    printf -v "$1" 'was stopped (%s)' "${RESUME_REASON//_/ }"
  fi
}

# Whether a role is done in the iteration at hand.
resume::has_passed() {
  [[ ${SL_ITERATION} == "${RESUME_ITERATION}" && ${RESUME_PASSED} == *" $1 "* ]]
}

# Whether a role's program has ended well in the iteration at hand, and the host before it noted that.
resume::has_answered() {
  [[ ${SL_ITERATION} == "${RESUME_ITERATION}" && ${RESUME_ANSWERED} == "$1" ]]
}
