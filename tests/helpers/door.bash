# Shared by tests/rlms*.bats: a repository with one document, scripted models, and calls of scripts/rlms over them.
# Everything lies in BATS_TEST_TMPDIR, which bats removes. Use: load helpers/door, then set_up_door in setup() and
# tear_down_door in teardown().

set_up_door() {
  bats_require_minimum_version 1.5.0
  load helpers/common
  load helpers/processes
  forget_settings
  TMP=${BATS_TEST_TMPDIR}
  REPO=${TMP}/repo OUT=${TMP}/out LIST=${TMP}/files.txt
  ROOT_SCRIPT=${TMP}/root.json SUB_SCRIPT=${TMP}/sub.json
  # what the fake programs write to
  export LOG=${TMP}/log PIDS=${TMP}/pids
  mkdir -p "${REPO}" "${TMP}/bin"
  printf 'first line\nclass Widget:\n    def turn(self): return 1\n' >"${REPO}/widget.py"
  echo widget.py >"${LIST}"
  echo '{"root": ["set_final(\"done\")"]}' >"${ROOT_SCRIPT}"
  echo '{"root": [], "sub": ["sub answer"]}' >"${SUB_SCRIPT}"
  DOOR_PID=""
  DOOR_FLAGS=(
    --repo "${REPO}" --loop-id demo --role reviewer --iteration 3 --context-file-list "${LIST}" --output-dir "${OUT}"
    --max-steps 6 --max-depth 2 --timeout-seconds 60 --task "Find it."
    --root-command-json "[\"rlms:scripted\",\"${ROOT_SCRIPT}\"]" --subcall-command-json "[\"rlms:scripted\",\"${SUB_SCRIPT}\"]"
  )
}

# Settings of whoever runs the tests, but for the interpreter that they may need.
forget_settings() {
  local name
  for name in "${!SUPERLOOP_RLMS_@}"; do
    if [[ ${name} != SUPERLOOP_RLMS_PYTHON ]]; then unset "${name}"; fi
  done
}

# Ends what a failed test has left running: the door, and the sleepers that fake programs wrote to PIDS.
tear_down_door() {
  local pid
  if [[ -n ${DOOR_PID-} ]] && is_running "${DOOR_PID}"; then kill -KILL "${DOOR_PID}"; fi
  if [[ -f ${PIDS-} ]]; then
    while read -r pid; do
      if [[ $(ps -o args= -p "${pid}") == *sleep* ]]; then kill -KILL "${pid}" || :; fi # it may end meanwhile
    done <"${PIDS}"
  fi
}

# -- models ----------------------------------------------------------------------------------------------------------

# The root model replies with these pieces of code, one a step.
root_code() { jq -n '{root: [$ARGS.positional[] | "```python\n\(.)\n```"]}' --args "$@" >"${ROOT_SCRIPT}"; }

# The root model gives these replies: a JSON list as rlms:scripted takes it.
root_replies() { jq -n '{root: $replies}' --argjson replies "$1" >"${ROOT_SCRIPT}"; }

# The same for the model of sub-calls: its answers to plain calls, and its code in child runs.
sub_replies() { set_sub_script sub "$1"; }
child_code() { set_sub_script root "$(jq -n '[$ARGS.positional[] | "```python\n\(.)\n```"]' --args "$@")"; }

# set_sub_script PART JSON
set_sub_script() {
  local changed
  changed=$(jq --arg part "$1" --argjson value "$2" '.[$part] = $value' "${SUB_SCRIPT}")
  printf '%s\n' "${changed}" >"${SUB_SCRIPT}"
}

# A program in ${TMP}/bin with the body on standard input; prints its path.
fake_program() {
  local file=${TMP}/bin/$1
  {
    echo '#!/usr/bin/env bash'
    cat
  } >"${file}"
  chmod +x "${file}"
  printf '%s\n' "${file}"
}

# use_program root|subcall NAME [ARGUMENT…]: such a program is the model of the root or of sub-calls from now on.
use_program() {
  local who=$1 name=$2
  shift 2
  DOOR_FLAGS+=("--${who}-command-json" "$(vector "$(fake_program "${name}")" "$@")")
}

# The JSON array of its arguments.
vector() { jq -cn '$ARGS.positional' --args -- "$@"; }

# -- running ---------------------------------------------------------------------------------------------------------

# Runs the door to its end; status, output and stderr as with bats' run. A later flag overrides an earlier one.
door() { run --separate-stderr "${PROJECT_ROOT}/scripts/rlms" "${DOOR_FLAGS[@]}" "$@"; }

# The same without one of the flags that set_up_door gives.
door_without() {
  local flag=$1 at
  local -a kept=()
  shift
  for ((at = 0; at < ${#DOOR_FLAGS[@]}; at += 2)); do
    if [[ ${DOOR_FLAGS[at]} != "${flag}" ]]; then kept+=("${DOOR_FLAGS[@]:at:2}"); fi
  done
  run --separate-stderr "${PROJECT_ROOT}/scripts/rlms" "${kept[@]}" "$@"
}

# Runs the door in the background; its pid is DOOR_PID.
start_door() {
  "${PROJECT_ROOT}/scripts/rlms" "${DOOR_FLAGS[@]}" "$@" >"${TMP}/door.out" 2>"${TMP}/door.err" 3>&- &
  DOOR_PID=$!
}

# Waits for it; sets status, output and stderr.
finish_door() {
  status=0
  wait "${DOOR_PID}" || status=$?
  DOOR_PID=""
  output=$(<"${TMP}/door.out")
  stderr=$(<"${TMP}/door.err")
}

# -- what it left ----------------------------------------------------------------------------------------------------

# assert_result FILTER JSON: what the filter finds in result.json.
assert_result() { assert_equal "$(jq -c "$1" "${OUT}/result.json")" "$2"; }

# assert_journal FILTER JSON: the filter gets the list of its records.
assert_journal() { assert_equal "$(jq -cs "$1" "${OUT}/journal.jsonl")" "$2"; }

# The files in the output folder, and none besides; without arguments those of a run that had no defect.
assert_files() {
  if (($# == 0)); then set -- journal.jsonl result.json summary.md; fi
  assert_equal "$(cd "${OUT}" && find . -mindepth 1 | LC_ALL=C sort)" "$(printf './%s\n' "$@")"
}

assert_done() {
  assert_equal "${status} ${output} ${stderr}" "0  "
  assert_result .ok true
  assert_result .final "$1"
}

# assert_error STATUS CODE MESSAGE [FIX]: told on standard error, in result.json and in summary.md.
assert_error() {
  local fix=${4-${stderr##*$'\n  fix: '}}
  assert_equal "${status} ${stderr}" "$1 rlms: error: $3"$'\n'"  code: $2"$'\n'"  fix: ${fix}"
  assert_equal "$(jq -r '.ok, .error_code, .error, .error_fix' "${OUT}/result.json")" $'false\n'"$2"$'\n'"$3"$'\n'"${fix}"
  assert_regex "$(<"${OUT}/summary.md")" $'\n## Error\n\n'"$2: .*"$'\n\nFix: '
}
