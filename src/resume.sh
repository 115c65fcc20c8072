# A run that was cut (killed, interrupted, or the machine went down) is taken up by the next one. Its events tell where it
# stood: a role that has ended is not played again.

readonly _RESUME_ROLES=" planner implementer tester reviewer "

# Sets RESUME_RUN to the id of the loop's run that was cut, empty when there is none to take up, and where it stood:
# RESUME_ITERATION, RESUME_STARTED, whether that iteration ended (RESUME_IS_OVER) and the loop with it (RESUME_IS_COMPLETE),
# RESUME_SPEC, RESUME_PASSED (the roles that are done), RESUME_ANSWERED (one whose program has ended well, and nothing was
# noted yet), RESUME_COMMIT (what was noted of its commit).
resume::find() {
  local run passed="" begun="" answered=""
  resume::forget
  resume::read_standing "${SL_EVENTS_FILE}"
  [[ ${RESUME_STANDING} == cut && ${RESUME_MARK} == *'"run_id":"'* ]] || return 0
  json::require_jq
  run=${RESUME_MARK#*'"run_id":"'}
  run=${run%%'"'*}
  {
    IFS= read -r RESUME_SPEC
    IFS= read -r RESUME_ITERATION
    IFS= read -r RESUME_STARTED
    IFS= read -r RESUME_IS_OVER
    IFS= read -r RESUME_IS_COMPLETE
    IFS= read -r passed
    IFS= read -r begun
    IFS= read -r RESUME_COMMIT
  } < <(grep -aF "\"run_id\":\"${run}\"" "${SL_EVENTS_FILE}" | jq -nrR -f "${SUPERLOOP_ROOT}/src/resume.jq") || : # spoiled
  RESUME_RUN=${run}
  if [[ -n ${passed} ]]; then RESUME_PASSED="${_RESUME_ROLES%%" ${passed} "*} ${passed} "; fi
  if [[ -n ${begun} ]]; then
    file::read_into answered "${SL_LOOP_DIR}/logs/iter-${RESUME_ITERATION}/${begun}.exit"
    if [[ ${answered} == 0 ]]; then RESUME_ANSWERED=${begun}; fi
  fi
}

# There is nothing to take up.
resume::forget() {
  RESUME_RUN="" RESUME_ITERATION="" RESUME_PASSED="" RESUME_ANSWERED=""
}

# Sets RESUME_STANDING by the last begin or end of a run that stands in a file of events: cut, complete, stopped or none;
# RESUME_MARK is its line.
resume::read_standing() {
  RESUME_STANDING=none RESUME_MARK=""
  [[ -f $1 && -r $1 && -s $1 ]] || return 0
  RESUME_MARK=$(grep -aE '"event":"loop_(start|complete|stopped)"' "$1" | tail -n 1) || : # none of them
  case ${RESUME_MARK} in
    *'"event":"loop_start"'* | *'"reason":"interrupted'* | *'"reason":"rate_limited"'*) RESUME_STANDING="cut" ;;
    *'"event":"loop_complete"'*) RESUME_STANDING=complete ;;
    *'"event":"loop_stopped"'*) RESUME_STANDING=stopped ;;
    *) ;; # it has not run
  esac
}

# Whether a role is done in the iteration at hand.
resume::has_passed() {
  [[ ${SL_ITERATION} == "${RESUME_ITERATION}" && ${RESUME_PASSED} == *" $1 "* ]]
}

# Whether a role's program has ended well in the iteration at hand, and the host before it noted that.
resume::has_answered() {
  [[ ${SL_ITERATION} == "${RESUME_ITERATION}" && ${RESUME_ANSWERED} == "$1" ]]
}

# What is taken up, for people.
resume::tell() {
  local where role before changed
  if [[ ${RESUME_IS_OVER} == true ]]; then
    where="after iteration ${RESUME_ITERATION}"
  elif ((RESUME_ITERATION == 0)); then
    where="at its begin"
  else
    where="in iteration ${RESUME_ITERATION}, with the gates"
    for role in "${SL_ROLES[@]}"; do
      if [[ ${RESUME_PASSED} != *" ${role} "* && ${RESUME_ANSWERED} != "${role}" ]]; then
        where="in iteration ${RESUME_ITERATION}, with the ${role}"
        break
      fi
    done
  fi
  output::info "Loop '${SL_ID}': run ${RESUME_RUN} was cut; it goes on ${where} (--fresh starts anew)"
  file::read_into before "${SL_SETTINGS_FILE}"
  _resume_changes_into changed "${before}" "${SL_SETTINGS}"
  if [[ -n ${before} && -n ${changed} ]]; then
    output::info "  the configuration has changed since, and holds from here on: ${changed}"
  fi
}

# The names of settings that differ between two texts of assignments; a value may have several lines.
# _resume_changes_into VAR BEFORE NOW
_resume_changes_into() {
  local _names=""
  if [[ $2 != "$3" ]]; then
    _names=$(LC_ALL=C awk '
      /^SL_[A-Za-z_]+=/ { name = $0; sub(/=.*/, "", name) }
      FILENAME == ARGV[1] { before[name] = before[name] "\n" $0; next }
      { now[name] = now[name] "\n" $0 }
      END {
        for (name in before) if (!(name in now)) now[name] = ""
        for (name in now) if (now[name] != before[name] && name !~ /^SL_LOOP_/) print tolower(substr(name, 4))
      }' <(printf '%s\n' "$2") <(printf '%s\n' "$3") | LC_ALL=C sort)
  fi
  printf -v "$1" '%s' "${_names//$'\n'/, }"
}
