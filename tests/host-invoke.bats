#!/usr/bin/env bats
# rlms/invoke: through the door.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::settings
  host::source lib/strays lib/process runner rlms/invoke
  SL_RLMS_LIMITS_MAX_STEPS=40 SL_RLMS_LIMITS_MAX_DEPTH=2 SL_RLMS_LIMITS_TIMEOUT_SECONDS=240 SL_RLMS_LIMITS_MAX_SUBCALLS=0
  SL_RLMS_LIMITS_CONCURRENCY=8 SL_RLMS_LIMITS_MAX_ERRORS=3 SL_RLMS_OUTPUT_REQUIRE_CITATIONS=true SL_RLMS_OUTPUT_FORMAT=json
  SL_RLMS_SANDBOX=auto SL_RLMS_SANDBOX_REQUIRE=kernel
  SL_RLMS_MODELS_ROOT_COMMAND=(rlms:offline) SL_RLMS_MODELS_ROOT_ARGS=() SL_RLMS_MODELS_SUBCALL_COMMAND=() SL_RLMS_MODELS_SUBCALL_ARGS=()
  SL_ROLE_planner_COMMAND=(agent) SL_ROLE_planner_ARGS=() SL_ROLE_planner_MODEL="" SL_ROLE_planner_THINKING="" SL_ROLE_planner_PROMPT_MODE=stdin
  OUTPUT=${TMP}/output LIST=${TMP}/list
  mkdir "${OUTPUT}"
  : >"${LIST}"
}

# Goes through this door, as our own one; sets CODE.
# through SCRIPT TASK
through() {
  printf '#!/usr/bin/env bash\nTMP=%q\nprintf "%%s\\n" "$@" >"${TMP}/flags"\n%s\n' "${TMP}" "$1" >"${DOOR}"
  chmod +x "${DOOR}"
  SL_RLMS_SCRIPT=${DOOR} CODE=0
  rlms::invoke::run planner "${LIST}" "${OUTPUT}" "${2-}" || CODE=$?
}

@test "the door's status is passed on, and what it said is kept when it said something" {
  through 'exit 0'
  assert_equal "${CODE} $(ls "${OUTPUT}")" "0 "
  through 'echo out; echo err >&2; exit 7'
  assert_equal "${CODE} $(cat "${OUTPUT}/door-stdout.log" "${OUTPUT}/door-stderr.log")" $'7 out\nerr'
}

@test "a door that outlives its own limit is ended with everything it started" {
  SL_RLMS_LIMITS_TIMEOUT_SECONDS=-29 # the patience is thirty seconds more
  through 'trap "wait; exit 143" TERM; echo $$ >"${TMP}/pids"; sleep 61 & echo $! >>"${TMP}/pids"; wait'
  assert_equal "${CODE} ${PROCESS_OVERDUE}" "124 true"
  host::assert_gone "${TMP}/pids"
}

@test "our own door gets what only it knows" {
  SL_RLMS_LIMITS_MAX_TOKENS=5 SL_RLMS_LIMITS_MAX_USD=1.5 SL_RLMS_MODELS_ROOT_MODEL=m1 SL_RLMS_MODELS_SUBCALL_MODEL=m2
  through : $'what?\n\nsecond "line"'
  run cat "${TMP}/flags"
  assert_output --partial $'--sandbox\nauto\n--sandbox-require\nkernel\n--progress\nnone\n--concurrency\n8\n--max-errors\n3\n--max-tokens\n5\n--max-usd\n1.5\n--task\nwhat?\n\nsecond "line"\n--root-model\nm1\n--subcall-model\nm2'
  unset SL_RLMS_LIMITS_MAX_TOKENS SL_RLMS_LIMITS_MAX_USD SL_RLMS_MODELS_ROOT_MODEL SL_RLMS_MODELS_SUBCALL_MODEL
  through : ""
  run cat "${TMP}/flags"
  refute_line --regexp '^--(task|max-tokens|max-usd|root-model|subcall-model|resume)$'
}

@test "only a journal without a result is continued" {
  through :
  run cat "${TMP}/flags"
  refute_line -- --resume
  echo '{}' >"${OUTPUT}/journal.jsonl"
  through :
  run cat "${TMP}/flags"
  assert_line -- --resume
  echo '{}' >"${OUTPUT}/result.json"
  through :
  run cat "${TMP}/flags"
  refute_line -- --resume
}
