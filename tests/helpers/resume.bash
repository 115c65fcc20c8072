# For tests of runs that are cut: a loop of three iterations with an analysis, gates and a commit in each, a host that is
# killed at a given moment, and what must be there in the end.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

load helpers/host

# An implementer that changes a file, and a reviewer whose promise comes in the third iteration. Both write down when they
# begin and end.
resume::setup() {
  local role
  host::setup
  host::make_repo
  git -C "${REPO}" config user.name Tester
  git -C "${REPO}" config user.email tester@example.org
  for role in implementer reviewer; do resume::agent "${role}"; done
  host::door <<<'answer "iteration ${F_iteration}"'
  host::config '.loops[0].roles |= {implementer, reviewer} | .loops[0] += {
    rlms: {enabled: true, policy: {force_on: true}, roles: {implementer: false}}, evidence: {enabled: true, artifacts: ["work.txt"]},
    tests: {mode: "every", commands: ["grep -q . work.txt"]}, timeouts: {enabled: true, default: 600},
    stuck: {enabled: true, threshold: 3}, git: {commit_strategy: "per_iteration"}}'
  host::commit
  FIRST=$(git -C "${REPO}" rev-parse HEAD)
}

# resume::agent ROLE [LAST_COMMAND]
resume::agent() {
  host::agent "$1" <<EOS
now=\$(sed -E 's/.*"iteration":([0-9]+).*/\\1/' '${REPO}/.superloop/state.json')
printf '%s %s begun\n' "\${ROLE}" "\${now}" >>'${TMP}/played'
if [[ \${ROLE} == implementer ]]; then echo "\${now}" >'${REPO}/work.txt'; fi
if [[ \${ROLE} == reviewer ]] && ((now == 3)); then echo '<promise>DONE</promise>' >"\$1"; else echo "message of \${now}" >"\$1"; fi
printf '%s %s ended\n' "\${ROLE}" "\${now}" >>'${TMP}/played'
${2-}
EOS
}

# What ends the host with SIGKILL once, for scripts of agents, doors and tests.
resume::killer() {
  printf 'if [[ ! -e %q ]]; then : >%q; kill -KILL "$(cut -d " " -f 1 %q)"; fi' "${TMP}/killed" "${TMP}/killed" "$(host::loop run.lock)"
}

# Runs the host until the Nth command that its own shell runs, or the Nth within a function, and kills it there. Sets ENDED
# to its status, and MOMENTS to the number of commands when it first came to its end.
# resume::crash NUMBER [FUNCTION]
resume::crash() {
  ENDED=0
  CRASH_AT=$1 CRASH_IN=${2-} bash -c '
    set -T
    MOMENT=0
    trap '\''if [[ ${BASHPID:-$$} == "$$" && (-z ${CRASH_IN} || ${FUNCNAME[0]-} == "${CRASH_IN}") ]] && ((++MOMENT == CRASH_AT)); then kill -KILL "$$"; fi'\'' DEBUG
    source "$1" run --repo "$2"
    trap - DEBUG
    echo "${MOMENT}" >"$3"' - "${PROJECT_ROOT}/superloop.sh" "${REPO}" "${TMP}/moments" >"${TMP}/host.out" 2>"${TMP}/host.err" 3>&- || ENDED=$?
  if [[ -z ${MOMENTS-} && -s ${TMP}/moments ]]; then MOMENTS=$(<"${TMP}/moments"); fi
}

# Back to the begin.
resume::begin_again() {
  git -C "${REPO}" reset -q --hard "${FIRST}"
  rm -rf "${REPO}/.superloop/loops" "${REPO}/.superloop/state.json" "${TMP}/played" "${TMP}/door.calls" "${TMP}/moments" \
    "${TMP}/killed" "${TURNS}"
}

# Everything that three iterations leave is there, once, and true; `output` is what the last run said.
resume::assert_whole() {
  assert_line "Loop 'work' complete at iteration 3."
  host::assert_json <(jq -s . "$(host::loop events.jsonl)") '
    def iterations(event): map(select(.event == event) | .iteration);
    [(map(.run_id) | unique | length), iterations("iteration_start"), iterations("iteration_end"), iterations("auto_commit_success"),
      (map(select(.event == "role_end" and .status == "ok") | "\(.iteration) \(.role)"))]' \
    '[1,[1,2,3],[1,2,3],[1,2,3],["1 implementer","1 reviewer","2 implementer","2 reviewer","3 implementer","3 reviewer"]]'
  assert_equal "$(cat "${TMP}/door.calls")" $'reviewer 1\nreviewer 2\nreviewer 3'
  run awk '$3 == "ended" { ended[$1 $2] = 1 } $3 == "begun" && ended[$1 $2] { print "again: " $0 }' "${TMP}/played"
  assert_output ""
  run git -C "${REPO}" log --format='%(trailers:key=Superloop-Iteration,valueonly,separator=)' "${FIRST}..HEAD"
  assert_output $'3\n2\n1'
  run git -C "${REPO}" status --porcelain -- . ':(exclude).superloop'
  assert_output ""
  assert_equal "$(grep -o 'iter=. .*completion=.*' "$(host::loop timeline.md)" | cut -c 6)" $'1\n2\n3'
  host::assert_json "$(host::loop rlms/index.json)" '[.entries[] | select(.role == "reviewer") | .iteration]' '[1,2,3]'
  host::assert_json <(jq -s . "$(host::loop usage.jsonl)") '
    map("\(.iteration) \(.role) \(.source)") | sort' '["1 implementer runner","1 reviewer rlms","1 reviewer runner","2 implementer runner","2 reviewer rlms","2 reviewer runner","3 implementer runner","3 reviewer rlms","3 reviewer runner"]'
  host::assert_json "$(host::loop run-summary.json)" '.entries | map([.iteration, .completion_ok])' '[[1,false],[2,false],[3,true]]'
  resume::assert_hashes
  run find "${REPO}/.superloop" -name '*.[0-9]*.tmp' -o -name '*.timed-out' -o -name 'run.lock*'
  assert_output ""
  resume::assert_no_orphans
}

# Evidence and the summary's last entry have the hashes of the files as they are.
resume::assert_hashes() {
  jq -r '.entries[-1].artifacts[] | select(.exists) | "\(.sha256)  \(.path)"' "$(host::loop run-summary.json)" >"${TMP}/hashes"
  jq -r '(.artifacts[], .rlms.latest[], .rlms.files[] | "\(.sha256)  \(.path)"),
    (.rlms | select(.index != null) | "\(.index_sha256)  \(.index_file)"), "\(.tests.output_sha256)  \(.tests.output_file)"' \
    "$(host::loop evidence.json)" >>"${TMP}/hashes"
  run bash -c 'cd "$1" && { if command -v sha256sum >/dev/null; then sha256sum -c "$2"; else shasum -a 256 -c "$2"; fi; } 2>&1 | grep -v ": OK$"' \
    - "${REPO}" "${TMP}/hashes"
  assert_output ""
}

resume::assert_no_orphans() {
  [[ -d /proc/self ]] || return 0 # promised on Linux
  run grep -lsF "$(host::loop run.lock)" /proc/[0-9]*/environ
  assert_output ""
}
