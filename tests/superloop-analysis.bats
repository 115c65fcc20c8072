#!/usr/bin/env bats
# superloop.sh run with our own door and the offline model: a whole analysis in each role's turn.

setup() {
  load helpers/host
  host::setup
  host::make_repo
  host::file src/retry.py $'MAX_RETRIES = 7\n\ndef retry(call):\n    """Calls again, at most MAX_RETRIES times."""\n    for _ in range(MAX_RETRIES):\n        call()'
  host::file docs/guide.md $'# Guide\n\nThe retry limit is MAX_RETRIES.'
  host::commit
}

# The configuration with the offline model and these further settings.
offline() {
  host::config ".loops[0].rlms = {enabled: true, policy: {force_on: true}, context: {include: [\"src/**\", \"docs/**\"]}, models: {root: {command: [\"rlms:offline\"]}}} | $1"
}

@test "every role gets an analysis whose citations are in its files" {
  offline '.loops[0].evidence.enabled = true'
  host::run run
  assert_success
  assert_equal "${stderr}" ""
  local role result
  for role in planner implementer tester reviewer; do
    result=$(host::loop "rlms/iter-1/${role}/result.json")
    host::assert_json "${result}" '[.ok, .loop_id, .role, .iteration, (.citations | length > 0), (.highlights | length > 0)]' "[true,\"work\",\"${role}\",1,true,true]"
    host::assert_json "${result}" '[.citations[].path] - ["src/retry.py", "docs/guide.md", ".superloop/specs/work.md", ".superloop/config.json"]' '[]'
    host::assert_json "$(host::loop "rlms/latest/${role}.status.json")" '[.status, .error]' '["ok",null]'
    run cat "${AGENTS}/${role}.prompt-1"
    assert_line "## RLMS Context"
    assert_line "# RLMS Analysis"
  done
  host::assert_json "$(host::loop evidence.json)" '[.rlms.files[].path | select(endswith("/result.json"))] | length' 4
}

@test "the metrics of the trigger are those of the worker" {
  offline '.loops[0].roles |= {reviewer}'
  host::run run
  assert_success
  assert_equal "$(jq -c '.metrics | [.file_count, .char_count, .estimated_tokens]' "$(host::loop rlms/latest/reviewer.status.json)")" \
    "$(jq -c '.stats | [.file_count, .char_count, .estimated_tokens]' "$(host::loop rlms/latest/reviewer.json)")"
}

@test "nothing of an analysis is left running or lying about" {
  offline '.loops[0].roles |= {reviewer}'
  host::run run
  assert_success
  run find "${REPO}" -name '*.tmp' -o -name 'door-*.log' -o -name '*.timed-out' -o -name run.lock
  assert_output ""
}

@test "a limit that ends an analysis is told in its words, and what it found is in latest" {
  offline '.loops[0].roles |= {reviewer} | .loops[0].rlms.limits.max_tokens = 1'
  host::run run
  assert_success
  local result
  result=$(host::loop rlms/latest/reviewer.json)
  host::assert_json "${result}" '[.ok, .error_code]' '[false,"limit_exceeded"]'
  assert_equal "${stderr}" "warning: RLMS failed for role 'reviewer' (continuing): $(jq -r .error "${result}")"$'\n  code: limit_exceeded\n  fix: Raise rlms.limits.max_tokens.'
  offline '.loops[0].roles |= {reviewer} | .loops[0].rlms.limits.max_tokens = 1 | .loops[0].rlms.policy.fail_mode = "fail_role"'
  host::run run
  assert_failure 1
  assert_equal "${stderr}" "error: RLMS failed for role 'reviewer' and fail_mode is 'fail_role': $(jq -r .error "${result}")"$'\n  code: limit_exceeded\n  fix: Raise rlms.limits.max_tokens.'
}

@test "a model that is not there is told by name" {
  offline ".loops[0].roles |= {reviewer} | .loops[0].rlms.models.root.command = [\"${TMP}/no-model\"]"
  host::run run
  assert_success
  run printf '%s' "${stderr}"
  assert_output --partial "warning: RLMS failed for role 'reviewer' (continuing): "
  assert_output --partial "${TMP}/no-model"
  host::assert_json "$(host::loop rlms/latest/reviewer.json)" .error_code '"model_invocation_failed"'
}

@test "the environment's root command stands in for the role's runner" {
  export SUPERLOOP_RLMS_ROOT_COMMAND_JSON='["rlms:offline"]' SUPERLOOP_RLMS_ROOT_ARGS_JSON='[]'
  host::config '.loops[0].roles |= {reviewer} | .loops[0].rlms = {enabled: true, policy: {force_on: true}}'
  host::run run
  assert_success
  assert_equal "$(grep -cx reviewer "${TURNS}")" 1
  host::assert_json "$(host::loop rlms/latest/reviewer.json)" .ok true
}

@test "an analysis whose worker was killed goes on in the next run, and nothing is asked twice" {
  cat >"${TMP}/model" <<EOS
#!/usr/bin/env bash
cat >/dev/null
echo asked >>'${TMP}/asked'
case \$(grep -c '' '${TMP}/asked') in
  1) echo 'x = 41' ;;
  2)
    : >'${TMP}/here'
    sleep 5
    ;;
  *) echo 'set_final({"highlights": ["the answer is " + str(x + 1)], "citations": []})' ;;
esac
EOS
  chmod +x "${TMP}/model"
  offline ".loops[0].roles |= {reviewer} | .loops[0].rlms.models.root.command = [\"${TMP}/model\"]"
  host::start
  host::wait_until test -e "${TMP}/here"
  kill -KILL "$(ps -A -o pid=,ppid=,args= | awk -v host="${HOST}" '$2 == host && /rlms\.cjs/ { print $1 }')"
  wait "${HOST}"
  assert_equal "$(cat "${TMP}/host.err")" "warning: RLMS failed for role 'reviewer' (continuing): rlms script exited with status 137"
  host::run run
  assert_success
  assert_equal "${stderr}" ""
  host::assert_json "$(host::loop rlms/latest/reviewer.json)" '[.ok, .highlights]' '[true,["the answer is 42"]]'
  assert_equal "$(grep -c '' "${TMP}/asked")" 3
}

@test "an analysis that was cancelled goes on in the next run, and nothing is asked twice" {
  cat >"${TMP}/model" <<EOS
#!/usr/bin/env bash
cat >/dev/null
echo asked >>'${TMP}/asked'
case \$(grep -c '' '${TMP}/asked') in
  1) echo 'x = 41' ;;
  2)
    : >'${TMP}/here'
    exec sleep 61
    ;;
  *) echo 'set_final({"highlights": ["the answer is " + str(x + 1)], "citations": []})' ;;
esac
EOS
  chmod +x "${TMP}/model"
  offline ".loops[0].roles |= {reviewer} | .loops[0].rlms.models.root.command = [\"${TMP}/model\"]"
  host::start
  host::wait_until test -e "${TMP}/here"
  host::interrupt INT group
  host::run run
  assert_success
  assert_equal "${stderr}" ""
  host::assert_json "$(host::loop rlms/latest/reviewer.json)" '[.ok, .highlights]' '[true,["the answer is 42"]]'
  assert_equal "$(grep -c '' "${TMP}/asked")" 3
}

@test "the journal of another question is not gone on with" {
  offline '.loops[0].roles |= {reviewer}'
  mkdir -p "$(host::loop rlms/iter-1/reviewer)"
  printf '{"type":"run","schema_version":1,"task_sha256":"a","documents_sha256":"b","started_at":"2026-01-01T00:00:00Z"}\n' \
    >"$(host::loop rlms/iter-1/reviewer/journal.jsonl)"
  host::run run
  assert_success
  assert_equal "${stderr}" ""
  host::assert_json "$(host::loop rlms/latest/reviewer.json)" .ok true
}
