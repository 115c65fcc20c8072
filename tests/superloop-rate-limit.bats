#!/usr/bin/env bats
# A run whose runners meet a rate limit: waiting, running the role again, or stopping.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::make_repo
  host::config '.loops[0].roles |= {planner, reviewer} | .loops[0].rate_limits = {retry_seconds: 1}'
}

# Standard input runs as the planner's agent in its first turn; later ones are done.
planner_first() {
  { printf 'if ((ITERATION > 1)); then echo done >"$1"; exit; fi\n' && cat; } | host::agent planner
}

events() {
  jq -c "select(.event | startswith(\"rate_limit\") or . == \"loop_stopped\" or . == \"role_end\") | $1" "$(host::loop events.jsonl)"
}

state_waits() {
  [[ $(jq -r '.waiting.for // "nothing"' "${REPO}/.superloop/state.json") == rate_limit ]]
}

@test "a role whose runner meets a limit is run again with the same prompt when that ends" {
  planner_first <<<'echo "Error: 429 Too Many Requests, retry-after: 2" >&2; exit 1'
  SECONDS=0
  host::run run
  assert_success
  assert [ "${SECONDS}" -ge 2 ]
  assert_equal "${stderr}" ""
  assert_equal "$(paste -sd ' ' - <"${TURNS}")" "planner planner reviewer"
  assert_equal "$(cat "${AGENTS}/planner.prompt-2")" "$(cat "${AGENTS}/planner.prompt-1")"
  assert_line "  planner: planner has met a rate limit: Error: 429 Too Many Requests, retry-after: 2"
  assert_line --regexp '^  planner: waiting for it until 20[0-9-]{8}T[0-9:]{8}Z \([2-4] s\)$'
  assert_line "Loop 'work' complete at iteration 1."
  run events '[.event, .role, .status, .data.wait_seconds, .data.max_wait_seconds]'
  assert_line --index 0 --regexp '^\["rate_limit_wait","planner","waiting",[2-4],21600\]$'
  assert_line --index 1 '["rate_limit_end","planner",null,null,null]'
  assert_line --index 2 '["role_end","planner","ok",null,null]'
  host::assert_json "${REPO}/.superloop/state.json" '[.active, .waiting]' '[false,null]'
}

@test "what Claude, Codex, OpenCode and Gemini print is a limit, whatever their status" {
  local answer
  for answer in \
    'echo "You'\''ve hit your session limit · resets $(date -u -d "2 minutes ago" +%H:%M) (UTC)"; exit 1' \
    'echo "Claude AI usage limit reached|$(($(date +%s) + 1))"' \
    'echo "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":true,\"api_error_status\":429,\"result\":\"API Error\"}"' \
    'echo "{\"type\":\"thread.started\"}"; echo "{\"type\":\"turn.failed\",\"error\":{\"message\":\"try again in 1 seconds: usage limit\"}}"; exit 1' \
    'echo "{\"type\":\"error\",\"sessionID\":\"s\",\"error\":{\"data\":{\"statusCode\":429}}}"' \
    'echo "{\"session_id\":\"s\",\"error\":{\"code\":429,\"message\":\"Your quota will reset after 1s.\"}}" >&2; exit 173'; do
    rm -f "${TURNS}"
    planner_first <<<"${answer}"
    host::run run
    assert_success
    assert_equal "$(paste -sd ' ' - <"${TURNS}")" "planner planner reviewer"
  done
}

@test "pauses double where no time is told, and the last message is of the turn that was done" {
  host::agent planner <<<'if ((ITERATION < 3)); then echo "API Error: 429 {}" >"$1"; exit 1; fi; echo "the plan" >"$1"'
  host::run run
  assert_success
  run events 'select(.event == "rate_limit_wait") | [.data.wait_seconds, .data.waited_seconds]'
  assert_output $'[1,0]\n[2,1]'
  assert_equal "$(cat "$(host::loop last_messages/planner.txt)")" "the plan"
}

@test "a limit that ends too late stops the run, which tells when and how to go on" {
  local at
  at=$(date -u -d '@1999999999' +%Y-%m-%dT%H:%M:%SZ)
  host::agent planner <<<'echo "Claude AI usage limit reached|1999999999"; exit 1'
  host::run run
  assert_failure 1
  assert_equal "${#stderr_lines[@]}" 3
  assert_regex "${stderr_lines[0]}" "^error: the planner's planner has met a rate limit: Claude AI usage limit reached\|1999999999; it ends at ${at} \(in [0-9]+ h( [0-9]+ min)?\), and with 0s waited already that is more than rate_limits.max_wait_seconds \(21600\)$"
  assert_equal "${stderr_lines[1]}" "  code: RATE_LIMITED"
  assert_equal "${stderr_lines[2]}" "  fix: Then go on with: superloop.sh run --repo ${REPO} --loop work. Or raise loops[].rate_limits.max_wait_seconds, or give the role another runner."
  assert_equal "$(cat "${TURNS}")" planner
  run events '[.event, .status, .data.reason]'
  assert_output '["rate_limit_stop","stopped",null]
["loop_stopped","stopped","rate_limited"]'
}

@test "waits add up to the limit of the configuration, or none is made" {
  host::agent planner <<<'echo "rate limited, retry in 3s" >&2; exit 1'
  host::config '.loops[0].rate_limits = {max_wait_seconds: 5}'
  host::run run
  assert_failure 1
  assert_equal "$(grep -c planner "${TURNS}")" 2
  assert_regex "${stderr_lines[0]}" 'and with [345]s waited already that is more than rate_limits.max_wait_seconds \(5\)$'
  rm "${TURNS}"
  host::config '.loops[0].rate_limits = {on_limit: "stop"}'
  host::agent planner <<<'echo "429 Too Many Requests"; exit 1'
  host::run run
  assert_failure 1
  assert_equal "$(grep -c planner "${TURNS}")" 1
  assert_equal "${stderr_lines[0]}" "error: the planner's planner has met a rate limit: 429 Too Many Requests; it does not say when that ends, and rate_limits.on_limit is stop"
}

@test "an agent that writes about rate limits has met none, and one that fails for another reason has failed" {
  host::agent planner <<<'echo "Rate limits: 429 Too Many Requests is retried, usage limit reached|1766502000 is read." >"$1"'
  host::agent reviewer <<<'printf "The rate limit is told as it should.\n<promise>DONE</promise>\n"'
  host::run run
  assert_success
  assert_equal "$(paste -sd ' ' - <"${TURNS}")" "planner reviewer"
  host::agent planner <<<'echo "The rate limit test fails: 429 Too Many Requests is not retried."; exit 3'
  host::run run
  assert_failure 1
  assert_equal "${stderr_lines[1]}" "  code: ROLE_FAILED"
}

@test "a run that waits says so in its status, uses no time of the processor, and ends at once with a signal" {
  local signal used
  host::agent planner <<<"echo 'Usage limit reached, retry-after: 900'; exit 1"
  for signal in INT TERM; do
    host::start --fresh
    host::wait_until state_waits
    host::run status
    assert_equal "$(jq -c '[.active, .role, .waiting.for, .waiting.message, (.waiting.until | length)]' <<<"${output}")" \
      '[true,"planner","rate_limit","Usage limit reached, retry-after: 900",20]'
    host::run status --json
    assert_equal "$(jq -c '[.status, .doing, .waiting.for]' <<<"${output}")" '["running","rate_limit","rate_limit"]'
    used=$(ps -o cputimes= -p "${HOST}")
    sleep 1
    assert_equal "$(ps -o cputimes= -p "${HOST}")" "${used}"
    host::interrupt "${signal}" group
    assert_equal "$(grep -cx planner "${TURNS}")" 1
    : >"${TURNS}"
    assert_equal "$(tail -n 1 "${TMP}/host.err")" "error: interrupted by SIG${signal}"
    host::assert_json "${REPO}/.superloop/state.json" '[.active, .waiting]' '[false,null]'
  done
}

@test "the turn that met the limit is in the usage" {
  planner_first <<<'echo "API Error: 429"; exit 1'
  host::run run
  assert_success
  run jq -r .role "$(host::loop usage.jsonl)"
  assert_output $'planner\nplanner\nreviewer'
}

@test "a wait that was interrupted goes on for the rest of it, and not for another runner" {
  local other
  for other in "" '| .runners.other = {command: ["bash", "-c", "cat >/dev/null; echo done >\"$0\"", "{last_message_file}"]} | .loops[0].roles.planner.runner = "other"'; do
    rm -rf "${TURNS}" "${REPO}/.superloop/loops"
    host::config '.loops[0].roles |= {planner, reviewer}'
    planner_first <<<'echo "Usage limit reached, retry-after: 5"; exit 1'
    host::start
    host::wait_until state_waits
    host::interrupt TERM process
    host::config ".loops[0].roles |= {planner, reviewer} ${other}"
    host::run run
    assert_success
    if [[ -z ${other} ]]; then
      assert_line "  planner: planner has met a rate limit: Usage limit reached, retry-after: 5"
      assert_equal "$(paste -sd ' ' - <"${TURNS}")" "planner planner reviewer"
      host::assert_json <(jq -s . "$(host::loop events.jsonl)") 'map(select(.event == "rate_limit_wait") | .data.until) | unique | length' 1
    else
      refute_output --partial "rate limit"
    fi
  done
}
