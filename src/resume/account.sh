# What people are told of a run that is taken up.

# What is taken up, for people. Of a run that stopped for an approval what follows is told with the answer.
resume::account::show() {
  local where role before changed how
  if [[ ${RESUME_REASON} == approval_pending ]]; then return 0; fi
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
  resume::word_into how
  output::info "Loop '${SL_ID}': run ${RESUME_RUN} ${how}; it goes on ${where} (--fresh starts anew)"
  if ((RESUME_TORN > 0)); then
    output::warn "lines of ${SL_EVENTS_FILE} that cannot be read: ${RESUME_TORN}; where the run stands is known from the other records"
  fi
  file::read_into before "${SL_SETTINGS_FILE}"
  _resume_account_changes_into changed "${before}" "${SL_SETTINGS}"
  if [[ -n ${before} && -n ${changed} ]]; then
    output::info "  the configuration has changed since, and holds from here on: ${changed}"
  fi
}

# The settings that differ between two texts of assignments, as the configuration names them; a value may have several lines.
# _resume_account_changes_into VAR BEFORE NOW
_resume_account_changes_into() {
  local _names=""
  if [[ $2 != "$3" ]]; then
    _names=$(LC_ALL=C awk '
      /^SL_SETTING_PATHS=/ {
        gsub(/^[^(]*\(|\)$|\047/, "")
        for (at = split($0, paths, " "); at > 0; at--) {
          name = toupper(paths[at])
          gsub(/[^A-Z0-9]/, "_", name)
          path["SL_" name] = paths[at]
        }
        next
      }
      /^SL_[A-Za-z_]+=/ { name = $0; sub(/=.*/, "", name) }
      /^SL_ROLE_[a-z]+_RUNNER=/ { runner[substr(name, 1, length(name) - 7)] = substr($0, length(name) + 3, length($0) - length(name) - 3) }
      FILENAME == ARGV[1] { before[name] = before[name] "\n" $0; next }
      { now[name] = now[name] "\n" $0 }
      END {
        for (name in before) every[name]
        for (name in now) every[name]
        for (name in every) if (name !~ /^SL_LOOP_/ && (!(name in before) || !(name in now) || now[name] != before[name])) tell(name)
      }
      function tell(name, role) {
        if (name in path) print path[name]
        else if (name !~ /^SL_ROLE_/) print tolower(substr(name, 4))
        else {
          role = substr(name, 1, match(name, /_[A-Z_]+$/) - 1)
          name = tolower(substr(name, RSTART + 1))
          if (!((role "_RUNNER") in before) || !((role "_RUNNER") in now)) return # "roles" says so
          if (name ~ /^(runner|model|thinking)$/) print "roles." substr(role, 9) "." name
          else print "runners." runner[role] "." name
        }
      }' <(printf '%s\n' "$2") <(printf '%s\n' "$3") | LC_ALL=C sort -u)
  fi
  printf -v "$1" '%s' "${_names//$'\n'/, }"
}
