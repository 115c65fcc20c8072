#!/usr/bin/env bats
# The records of runs where something is wrong with them: two runs in one folder, damage, a folder that takes nothing.

setup() {
  load helpers/rlm
  set_up_rlm
}

@test "a run that is refused, since another writes to its folder, leaves that one's record and input alone" {
  jq -n '{root: [{reply: "first answer", delay_ms: 3000}]}' >"${SCRIPT}"
  echo "first input" | "${PROJECT_ROOT}/dist/rlm.cjs" run "first" --context - --out here \
    --model "[\"rlms:scripted\",\"${SCRIPT}\"]" --progress json 2>events >answer 3>&- &
  local pid=$!
  while ! grep -q call_start events; do sleep 0.05; done
  rlm run "second" --context notes.txt --out here --model offline
  assert_equal "${status} ${output}" "2 "
  assert_regex "${stderr}" 'error: another run \(pid [0-9]+\) is writing to '
  run --separate-stderr bash -c "echo other | '${PROJECT_ROOT}/dist/rlm.cjs' run second --context - --out here --model offline"
  assert_equal "${status}" 2
  assert_equal "$(<here/stdin.txt)" "first input"
  wait "${pid}"
  assert_equal "$(<answer)" "first answer"
  rlm list --format json
  assert_json 'map([.task, .state])' '[["first","ok"]]'
}

@test "a run whose folder was given to another tells so, not the other's answer" {
  replies "one"
  rlm run "first" "${MODEL[@]}" --out here --quiet
  rlm run "second" "${MODEL[@]}" --out here --quiet
  rlm list --format json
  assert_json 'map([.task, .state, .usage == null])' '[["second","ok",false],["first","replaced",true]]'
  local first
  first=$(jq -r '.[1].id' <<<"${output}")
  rlm resume "${first}"
  assert_refused 2 "another run was given the folder of run ${first}: ${PWD}/here" "Ask again with rlm run."
}

@test "a damaged record is told for its run, and keeps no other from being listed" {
  replies "42"
  rlm run "good" "${MODEL[@]}" --quiet
  local id=20990101-000000-000-beef damaged
  mkdir "${XDG_STATE_HOME}/rlm/runs/${id}"
  for damaged in '{}' 'no json' '' "{\"id\": \"${id}\", \"folder\": \"/\"}" \
    "{\"id\": \"${id}\", \"folder\": \"/\", \"task\": 3, \"cwd\": 7, \"contexts\": \"x\", \"settings\": 5, \"schema\": null, \"started_at\": 1}"; do
    printf '%s' "${damaged}" >"${XDG_STATE_HOME}/rlm/runs/${id}/run.json"
    rlm list --format json
    assert_json 'map(.task)' '["good"]'
    rlm status last --format json
    assert_json '.task' '"good"'
    rlm resume "${id}"
    assert_refused 2 "the record of run ${id} is damaged: ${XDG_STATE_HOME}/rlm/runs/${id}/run.json" \
      "What the run left is beside it; ask again with rlm run."
  done
}

@test "a question that cannot be asked leaves no run behind" {
  rlm run "q" --context nonesuch
  assert_equal "${status}" 2
  run --separate-stderr bash -c "'${PROJECT_ROOT}/dist/rlm.cjs' run q --context - </dev/null"
  assert_equal "${status}" 2
  assert_equal "$(ls "${XDG_STATE_HOME}/rlm/runs")" ""
}

@test "a folder that cannot be made is told, also where the system takes none" {
  rlm run "q" --model offline --out /proc/nonesuch
  assert_equal "${status} ${output}" "2 "
  assert_regex "${stderr}" "error: the output folder cannot be made: ENOENT: .* '/proc/nonesuch'"
}

@test "runs that cannot be listed are not none" {
  mkdir -p "${XDG_STATE_HOME}/rlm"
  ln -s runs "${XDG_STATE_HOME}/rlm/runs"
  rlm list
  assert_equal "${status} ${output}" "2 "
  assert_regex "${stderr}" '^rlm: error: the runs cannot be listed: ELOOP'
}
