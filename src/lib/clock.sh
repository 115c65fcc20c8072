# The time of day without a process: one call of date at the start, then Bash's own count of seconds.

CLOCK_UPTIME_FILE=/proc/uptime

clock::start() {
  CLOCK_OFFSET=$(($(date +%s) - SECONDS))
}

# clock::epoch_into VAR
clock::epoch_into() {
  printf -v "$1" '%s' "$((CLOCK_OFFSET + SECONDS))"
}

# clock::uptime_into VAR: seconds that go by, whatever the time of day is set to, where the system counts them (Linux).
clock::uptime_into() {
  local _uptime=""
  if [[ -r ${CLOCK_UPTIME_FILE} ]]; then read -r _uptime _ <"${CLOCK_UPTIME_FILE}" || :; fi # then it is empty
  _uptime=${_uptime%%.*}
  printf -v "$1" '%s' "${_uptime:-${SECONDS}}"
}

# clock::now_into VAR: ISO 8601 in UTC.
clock::now_into() {
  clock::date_into "$1" "$((CLOCK_OFFSET + SECONDS))"
}

# clock::date_into VAR EPOCH. Days to a date as in H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
clock::date_into() {
  local _days=$(($2 / 86400 + 719468)) _rest=$(($2 % 86400))
  local _era=$((_days / 146097))
  local _day_of_era=$((_days - _era * 146097))
  local _year_of_era=$(((_day_of_era - _day_of_era / 1460 + _day_of_era / 36524 - _day_of_era / 146096) / 365))
  local _day_of_year=$((_day_of_era - (365 * _year_of_era + _year_of_era / 4 - _year_of_era / 100)))
  local _shifted=$(((5 * _day_of_year + 2) / 153))
  local _day=$((_day_of_year - (153 * _shifted + 2) / 5 + 1))
  local _month=$((_shifted < 10 ? _shifted + 3 : _shifted - 9))
  local _year=$((_year_of_era + _era * 400 + (_month <= 2 ? 1 : 0)))
  printf -v "$1" '%04d-%02d-%02dT%02d:%02d:%02dZ' \
    "${_year}" "${_month}" "${_day}" $((_rest / 3600)) $((_rest % 3600 / 60)) $((_rest % 60))
}

# clock::span_into VAR SECONDS: as people say it, such as 2 h 5 min.
clock::span_into() {
  local _hours=$(($2 / 3600)) _minutes=$(($2 % 3600 / 60)) _seconds=$(($2 % 60)) _text=""
  if ((_hours > 0)); then _text+="${_hours} h "; fi
  if ((_minutes > 0)); then _text+="${_minutes} min "; fi
  if ((_hours == 0 && (_seconds > 0 || _minutes == 0))); then _text+="${_seconds} s "; fi
  printf -v "$1" '%s' "${_text% }"
}
