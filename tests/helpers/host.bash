# For tests of the host: its modules alone, or superloop.sh in a repository with small scripts for agents and a stand-in
# for the door. Everything lies in the test's own temporary folder.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

bats_require_minimum_version 1.5.0
load helpers/common
load helpers/host-processes

# A clean environment: nothing of the user's, neither git's settings nor ours.
host::setup() {
  local name
  while IFS= read -r name; do unset "${name}"; done < <(compgen -e | grep -E '^(SUPERLOOP_|SL_|RLMS_|GIT_|MAX_THINKING_TOKENS$|CDPATH$)')
  export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null LC_ALL=C.UTF-8
  TMP=$(cd "${BATS_TEST_TMPDIR}" && pwd -P)
  AGENTS=${TMP}/agents TURNS=${TMP}/turns DOOR=${TMP}/door
  REPO=${TMP}/repo
}

# Sources modules as superloop.sh does, strict mode included.
# host::source MODULE…
host::source() {
  local module
  SUPERLOOP_ROOT=${PROJECT_ROOT}
  for module in "$@"; do
    # shellcheck source=/dev/null
    source "${PROJECT_ROOT}/src/${module}.sh"
  done
  set -uo pipefail
}

# A git repository with a spec, one agent script for each role, and a configuration that runs all four once.
# host::make_repo [DIR]
host::make_repo() {
  local role
  REPO=${1:-${REPO}}
  mkdir -p "${REPO}/.superloop/specs" "${AGENTS}"
  printf '# Spec\n\nThe counter must count.\n' >"${REPO}/.superloop/specs/work.md"
  git -C "${REPO}" init -q
  host::commit
  for role in planner implementer tester; do host::agent "${role}" <<<'echo done >"$1"'; done
  host::agent reviewer <<<'echo "<promise>DONE</promise>" >"$1"'
  host::config .
}

host::identify() { git -C "${REPO}" config user.name Tester && git -C "${REPO}" config user.email tester@example.org; }

host::commit() {
  git -C "${REPO}" add -A
  git -C "${REPO}" -c user.name=t -c user.email=t@example.org commit -q -m change
}

# The agent of a role: a script on standard input. It gets the last-message file as $1; ITERATION counts its turns; its
# prompt is kept in $AGENTS/ROLE.prompt-N.
# host::agent ROLE
host::agent() {
  {
    printf '#!/usr/bin/env bash\nROLE=%s TURNS=%q AGENTS=%q\n' "$1" "${TURNS}" "${AGENTS}"
    cat <<'EOS'
printf '%s\n' "${ROLE}" >>"${TURNS}"
ITERATION=$(grep -cx "${ROLE}" "${TURNS}")
cat >"${AGENTS}/${ROLE}.prompt-${ITERATION}"
EOS
    cat
  } >"${AGENTS}/$1"
  chmod +x "${AGENTS}/$1"
}

# The configuration, with a jq filter applied to the usual one.
# host::config FILTER
host::config() {
  jq -n --arg agents "${AGENTS}" '
    def agent($role): {command: [$agents + "/" + $role, "{last_message_file}"]};
    {
      runners: (["planner", "implementer", "tester", "reviewer"] | map({key: ., value: agent(.)}) | from_entries),
      loops: [{
        id: "work", spec_file: ".superloop/specs/work.md", max_iterations: 3, completion_promise: "DONE",
        roles: (["planner", "implementer", "tester", "reviewer"] | map({key: ., value: {runner: .}}) | from_entries)
      }]
    }' | jq "$1" >"${REPO}/.superloop/config.json"
}

# A door that keeps its flags in $TMP/door.flags-N, one a line, says what it is in $TMP/door.calls, and leaves a result
# and a summary. The script on standard input runs behind that; it has the flags as F_output_dir and so on.
host::door() {
  {
    printf '#!/usr/bin/env bash\nTMP=%q\n' "${TMP}"
    cat <<'EOS'
set -u
arguments=("$@")
while (($# > 1)); do
  name=${1#--}
  printf -v "F_${name//-/_}" '%s' "$2"
  shift 2
done
printf '%s %s\n' "${F_role}" "${F_iteration}" >>"${TMP}/door.calls"
CALL=$(grep -c '' "${TMP}/door.calls")
printf '%s\n' "${arguments[@]}" >"${TMP}/door.flags-${CALL}"
cp "${F_context_file_list}" "${TMP}/door.context-${CALL}"
answer() {
  printf '{"ok":true,"highlights":["%s"]}\n' "$1" >"${F_output_dir}/result.json"
  printf '# RLMS Analysis\n\n- %s\n' "$1" >"${F_output_dir}/summary.md"
}
fail() {
  printf '{"ok":false,"error":"%s"}\n' "$1" >"${F_output_dir}/result.json"
  printf '# RLMS Analysis\n\n%s\n' "$1" >"${F_output_dir}/summary.md"
  exit "${2:-1}"
}
EOS
    cat
  } >"${DOOR}"
  chmod +x "${DOOR}"
  export SUPERLOOP_RLMS_SCRIPT=${DOOR}
}

# Runs the host in the repository; bats' run, standard error apart.
# host::run COMMAND [FLAG…]
host::run() {
  local command=$1
  shift
  run --separate-stderr "${PROJECT_ROOT}/superloop.sh" "${command}" --repo "${REPO}" "$@"
}

# Leaves out of a run's output what tells of roles that begin and end.
host::without_turns() {
  output=$(grep -vE '^  (planner|implementer|tester|reviewer): (analysis .*|running|done after .*)$' <<<"${output}") || :
}

# A file of the loop.
# host::loop PATH [LOOP]
host::loop() {
  printf '%s' "${REPO}/.superloop/loops/${2:-work}/$1"
}

# What a jq filter makes of a JSON file, as the value of the next assertion.
# host::assert_json FILE FILTER EXPECTED
host::assert_json() {
  local actual
  actual=$(jq -c "$2" "$1") || fail "no JSON: $1"
  assert_equal "${actual}" "$3"
}

# The events of a loop, their names in order on one line.
host::event_names() {
  jq -r .event "$(host::loop events.jsonl "${1:-work}")" | paste -sd ' ' -
}

# Runs code in a shell of its own, as strict as superloop.sh, with modules sourced; bats' run, standard error apart.
# host::strict "MODULE…" CODE [ARGUMENT…]
host::strict() {
  local modules=$1 code=$2
  shift 2
  run --separate-stderr bash -c 'set -euo pipefail
    SUPERLOOP_ROOT=$0 modules=$1 code=$2
    shift 2
    for module in ${modules}; do source "${SUPERLOOP_ROOT}/src/${module}.sh"; done
    eval "${code}"' "${PROJECT_ROOT}" "${modules}" "${code}" "$@"
}

# A file that is there and can't be read: root reads everything but the memory of a process at address 0.
# host::make_unreadable FILE
host::make_unreadable() {
  if ((EUID == 0)); then
    ln -s /proc/self/mem "$1"
  else
    : >"$1"
    chmod 000 "$1"
  fi
}

# The settings of a loop as the configuration reader would hand them over, for modules that are tested alone. The
# repository is there, empty and without git.
host::settings() {
  host::source lib/output lib/failure lib/json lib/clock lib/file lib/glob paths
  clock::start
  mkdir -p "${REPO}/.superloop/specs"
  SL_REPO=${REPO} SL_ID=work SL_RUN_ID=run-1 SL_ITERATION=1 SL_ROLE=planner SL_SPEC_FILE=.superloop/specs/work.md
  SL_COMPLETION_PROMISE=DONE SL_GIT_COMMIT_STRATEGY=never SL_CHECKLISTS=() SL_TESTS_MODE=disabled SL_TESTS_COMMANDS=()
  SL_TESTS_TIMEOUT_SECONDS=60 SL_VALIDATION_TIMEOUT_SECONDS=60
  SL_VALIDATION_ENABLED=false SL_PREREQUISITES_ENABLED=false GATE_VALIDATION=skipped GATE_PREREQUISITES=skipped
  SL_EVIDENCE_ENABLED=true SL_EVIDENCE_REQUIRE_ON_COMPLETION=true SL_EVIDENCE_ARTIFACTS=()
  SL_REVIEWER_PACKET_ENABLED=false
  SL_RLMS_ENABLED=true SL_RLMS_MODE=hybrid SL_RLMS_REQUEST_KEYWORD=RLMS_REQUEST
  SL_RLMS_CONTEXT_INCLUDE=() SL_RLMS_CONTEXT_EXCLUDE=() SL_RLMS_CONTEXT_MAX_FILES=2000 SL_RLMS_CONTEXT_MAX_BYTES=268435456
  paths::of_repo
  paths::of_loop work
  paths::of_iteration 1
  mkdir -p "${SL_LOOP_DIR}/rlms/requests" "${SL_MESSAGES_DIR}" "${SL_PROMPTS_DIR}" "${SL_TASKS_DIR}" "${SL_LOG_DIR}"
}

# A file of the repository with one line of text.
# host::file PATH [TEXT]
host::file() {
  mkdir -p "$(dirname "${REPO}/$1")"
  printf '%s\n' "${2-text}" >"${REPO}/$1"
}

host::sha256() {
  if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d ' ' -f 1
}
