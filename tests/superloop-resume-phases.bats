#!/usr/bin/env bats
# Each phase of an iteration in which a run can be cut, and how the next one takes it up.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/resume
  resume::setup
}

# The host is killed at the first command of a function; a dry run tells where the next one is to go on.
# killed_in FUNCTION WHERE
killed_in() {
  resume::crash 1 "$1"
  assert_equal "$1 ${ENDED}" "$1 137"
  host::run run --dry-run
  assert_line --partial " was interrupted; it goes on $2 (--fresh starts anew)"
}

# taken_up WHERE: the next run says so, and completes
taken_up() {
  local id
  id=$(tail -n 1 "$(host::loop events.jsonl)" | jq -r .run_id)
  host::run run
  assert_success
  assert_line "Loop 'work': run ${id} was interrupted; it goes on $1 (--fresh starts anew)"
  resume::assert_whole
}

@test "killed before, in and behind each step of an iteration, one after the other, a run still completes as if nothing had been" {
  local function
  for function in role::run _loop_take_up _rlms_attach_index runner::run; do
    killed_in "${function}" "in iteration 1, with the implementer"
  done
  for function in usage::note_turn _role_end rlms::invoke::run usage::note_analysis _rlms_attach_record_status packet::write; do
    killed_in "${function}" "in iteration 1, with the reviewer"
  done
  for function in gates::tests::judge evidence::write _gates_record _git_commit_fill _git_commit_follow summary::add_iteration; do
    killed_in "${function}" "in iteration 1, with the gates"
  done
  killed_in git::commit::end "after iteration 1"
  killed_in ending::complete "after iteration 3"
  host::run run
  assert_success
  resume::assert_whole
}

@test "killed while a role works: what it has started ends, and it is run again" {
  resume::agent implementer "sleep 61 & echo \$! >>'${TMP}/sleepers'
setsid bash -c 'trap \"\" TERM; echo \$\$ >>\"${TMP}/sleepers\"; exec sleep 61' & $(resume::killer)
[[ \${now} != 1 || -e '${TMP}/again' ]] || { until (( \$(grep -c '' '${TMP}/sleepers') == 2 )); do sleep 0.02; done; : >'${TMP}/again'; wait; }"
  resume::crash 0
  assert_equal "${ENDED}" 137
  host::wait_until test -e "${TMP}/again"
  sed -i.bak /ended/d "${TMP}/played" # it had not
  taken_up "in iteration 1, with the implementer"
  host::assert_gone "${TMP}/sleepers"
}

@test "killed while a role works that goes on to its end: it is not run again" {
  resume::agent reviewer "$(resume::killer)"
  resume::crash 0
  assert_equal "${ENDED}" 137
  host::wait_until test -s "$(host::loop logs/iter-1/reviewer.exit)"
  taken_up "in iteration 1, with the gates"
}

@test "an answer on standard output counts when its program ended well, not when a signal or an error ended it" {
  local rest
  for rest in 'kill -TERM $$' 'exit 3'; do
    resume::begin_again
    resume::agent reviewer "cat \"\$1\"; rm \"\$1\"; $(resume::killer); if ((now == 1)) && [[ ! -e '${TMP}/again' ]]; then : >'${TMP}/again'; ${rest}; fi"
    rm -f "${TMP}/again"
    resume::crash 0
    host::wait_until test -e "${TMP}/again"
    sed -i.bak '/reviewer 1 ended/d' "${TMP}/played" # it had not
    taken_up "in iteration 1, with the reviewer"
  done
}

@test "killed during an analysis, which goes on from its journal" {
  unset SUPERLOOP_RLMS_SCRIPT
  cat >"${TMP}/model" <<EOS
#!/usr/bin/env bash
cat >/dev/null
printf 'asked\n' >>'${TMP}/asked'
case \$(grep -c '' '${TMP}/asked') in
  1) echo 'x = 1' ;;
  2) $(resume::killer); exec sleep 61 ;;
  *) echo 'set_final("done")' ;;
esac
EOS
  chmod +x "${TMP}/model"
  host::config ".loops[0].roles |= {reviewer} | .loops[0].rlms = {enabled: true, policy: {force_on: true}, sandbox_require: \"language\", models: {root: {command: [\"${TMP}/model\"]}}}"
  host::agent reviewer <<<'echo "<promise>DONE</promise>" >"$1"'
  resume::crash 0
  assert_equal "${ENDED}" 137
  host::run run
  assert_success
  assert_line "Loop 'work' complete at iteration 1."
  assert_equal "$(grep -c '' "${TMP}/asked")" 3
  host::assert_json "$(host::loop rlms/latest/reviewer.json)" '[.ok, .stats.step_count]' '[true,2]'
  resume::assert_no_orphans
}

@test "killed while it waits for an approval, it waits again, and the answer completes the loop without a further role" {
  host::agent reviewer <<<'echo "<promise>DONE</promise>" >"$1"'
  host::config '.loops[0] += {approval: {enabled: true, require_on_completion: true, on_request: "wait"}}'
  host::start
  host::wait_until grep -q "Approval required" "${TMP}/host.out"
  kill -KILL "${HOST}"
  wait "${HOST}" || : # killed, as it should be
  host::start
  host::wait_until grep -q "Approval pending" "${TMP}/host.out"
  host::assert_json "${REPO}/.superloop/state.json" '[.active, .pid]' "[true,${HOST}]"
  host::run approve --by Ada
  local finished=0
  wait "${HOST}" || finished=$?
  assert_equal "${finished} $(grep -c '' "${TURNS}") $(cat "${TMP}/host.err")" "0 4 "
  run cat "${TMP}/host.out"
  assert_line --partial "was interrupted; it goes on after iteration 1 (--fresh starts anew)"
  assert_line "Loop 'work' complete at iteration 1."
}

@test "killed between an approval and the end of the loop, it is complete without a further role" {
  host::agent reviewer <<<'echo "<promise>DONE</promise>" >"$1"'
  host::config '.loops[0] += {approval: {enabled: true, require_on_completion: true}}'
  host::run run
  assert_failure 1
  host::run approve --by Ada
  resume::crash 1 ending::complete
  assert_equal "${ENDED}" 137
  host::run run
  assert_success
  assert_line "Loop 'work' complete at iteration 1."
  assert_equal "$(grep -c '' "${TURNS}")" 4
}
