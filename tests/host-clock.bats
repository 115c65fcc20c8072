#!/usr/bin/env bats
# lib/clock: the time of day without a process.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes
# shellcheck disable=SC2030,SC2031 # each test is a shell of its own

setup() {
  load helpers/host
  host::setup
  host::source lib/clock
}

# GNU's date, or that of the BSDs.
utc() {
  date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -r "$1" +%Y-%m-%dT%H:%M:%SZ
}

# Bash's own clock stands still here: SECONDS loses its meaning when it is unset.
assert_like_date() {
  local epoch now
  unset SECONDS
  SECONDS=0
  for epoch in "$@"; do
    CLOCK_OFFSET=${epoch}
    clock::now_into now
    assert_equal "${epoch} ${now}" "${epoch} $(utc "${epoch}")"
  done
}

@test "leap days, ends of years and ends of days are the dates that date prints" {
  # 1970, 1972-02-28/29, 1999-12-31, 2000-02-28/29/03-01, 2024-02-29, 2026, 2100-02-28/03-01, 2400-02-29
  assert_like_date 0 1 59 60 3599 3600 86399 86400 68083199 68083200 68169599 68169600 946684799 946684800 951695999 \
    951696000 951782399 951782400 951868799 951868800 1709164799 1709164800 1709251199 1709251200 1767225599 1767225600 \
    2147483647 2147483648 4107455999 4107456000 4107542399 4107542400 13574563200 13574649599 13574649600
}

@test "four hundred days of two centuries are the dates that date prints" {
  local epoch
  local -a epochs=()
  for ((epoch = 12345; epoch < 6400000000; epoch += 15999661)); do epochs+=("${epoch}"); done
  assert [ "${#epochs[@]}" -ge 400 ]
  assert_like_date "${epochs[@]}"
}

@test "the clock that was started tells the time of now and goes on with Bash's seconds" {
  local before after epoch now
  before=$(date +%s)
  clock::start
  clock::epoch_into epoch
  after=$(date +%s)
  assert [ "${epoch}" -ge "$((before - 1))" ]
  assert [ "${epoch}" -le "$((after + 1))" ]
  SECONDS=$((SECONDS + 100))
  clock::epoch_into now
  assert [ "$((now - epoch))" -ge 100 ]
  assert [ "$((now - epoch))" -le 110 ]
}

@test "the local time zone does not matter" {
  CLOCK_OFFSET=1709251199
  unset SECONDS
  SECONDS=1
  local now
  TZ=Pacific/Auckland clock::now_into now
  assert_equal "${now}" 2024-03-01T00:00:00Z
}

@test "what goes by is counted by the system, whatever the time of day is set to, and by Bash where it does not count" {
  local before after
  clock::uptime_into before
  SECONDS=$((SECONDS - 7200))
  clock::uptime_into after
  if [[ -r /proc/uptime ]]; then
    assert [ "$((after - before))" -ge 0 ]
    assert [ "$((after - before))" -le 10 ]
  fi
  CLOCK_UPTIME_FILE=${TMP}/uptime
  SECONDS=77
  clock::uptime_into after
  assert [ "${after}" -ge 77 ]
  echo "123456.78 99.00" >"${CLOCK_UPTIME_FILE}"
  clock::uptime_into after
  assert_equal "${after}" 123456
}

# Waits as a rate limit does, with a clock of the day and one of the system; each sleep is told, and lets both go on. Bash's
# own clock stands still, see above. Standard input is run at each sleep.
# wait_until_reset UNTIL SECONDS
wait_until_reset() {
  local at_each up=1000
  at_each=$(cat)
  unset SECONDS
  SECONDS=0 CLOCK_OFFSET=5000 CLOCK_UPTIME_FILE=${TMP}/uptime
  echo "${up}.5" >"${CLOCK_UPTIME_FILE}"
  process::run() {
    echo "$6"
    up=$((up + $6)) CLOCK_OFFSET=$((CLOCK_OFFSET + $6))
    echo "${up}.5" >"${CLOCK_UPTIME_FILE}"
    source /dev/stdin <<<"${at_each}"
  }
  run _rate_limit_sleep "$1" "$2"
}

@test "a wait ends when its time has gone by, also where the clock was set back" {
  host::source rate_limit
  wait_until_reset 5700 700 <<<':'
  assert_output $'300\n300\n100'
  wait_until_reset 5700 700 <<<'CLOCK_OFFSET=$((CLOCK_OFFSET - 3600))'
  assert_output $'300\n300\n100'
}

@test "a wait ends when the time of day has come that was told, as it has behind a suspended machine" {
  host::source rate_limit
  wait_until_reset 5700 700 <<<'CLOCK_OFFSET=$((CLOCK_OFFSET + 3600))'
  assert_output 300
}
