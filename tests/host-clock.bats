#!/usr/bin/env bats
# lib/clock: the time of day without a process.
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
