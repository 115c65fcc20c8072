#!/usr/bin/env bats
# rlm agents where there is no room, or too little of it: the answers that were paid for are printed, what is missing is
# told. A small file system needs root; without it the same limits hold for the size of files.
# shellcheck disable=SC2016 # the programs of agents stand in single quotes

setup() {
  load helpers/agents
  set_up_agents
  SMALL=""
  mkdir "${TMP}/small"
  if ((EUID == 0)) && mount -t tmpfs -o size=200k tmpfs "${TMP}/small" 2>/dev/null; then SMALL=${TMP}/small; fi
  export XDG_STATE_HOME=${TMP}/small
}

teardown() {
  if [[ -n ${SMALL} ]]; then umount "${SMALL}"; fi
}

# cramped_agents ARGUMENT…: a run there, else one whose files may have 100 kB.
cramped_agents() {
  run --separate-stderr bash -c '[[ -n $0 ]] || ulimit -f 100; exec "$@"' "${SMALL}" \
    "${PROJECT_ROOT}/dist/rlm.cjs" agents run "$@" --model ./agent
}

@test "a variable that does not fit is told to the agent, and to whoever runs it" {
  head -c 400000 /dev/zero | tr '\0' x >big.txt
  agent_program 'jq -r ".[\"big.txt\"]" "${manifest}"'
  cramped_agents "read" --context big.txt
  assert_equal "${status} ${output}" "0 [not available]"
  assert_regex "${stderr}" 'rlm: agent [^ ]+: Warning: the agent is not given a variable: The file of a variable cannot be written: big.txt'
}

@test "a file larger than any text is given as it is, and is not cut" {
  mkdir "${TMP}/data"
  truncate -s 600M "${TMP}/data/huge.log"
  agent_program 'jq -r ".[].sizeBytes" "${manifest}"'
  export XDG_STATE_HOME=${TMP}/data
  agents "read" --context "${TMP}/data/huge.log"
  assert_equal "${status} ${output}" "0 629145600"
  agents "read" --context "${TMP}/data/huge.log" --chunks 2 --quiet
  assert_refused 2 '--chunks cuts at most 511 MiB of context, not 600 MiB' \
    'Name fewer files, or leave it out: one agent is given the files themselves.'
  rm -r "${TMP}/data"
}

@test "a record that cannot be written costs no answer" {
  agent_program 'head -c 600000 /dev/zero | tr "\0" a >&2; head -c 400000 /dev/zero >"'"${TMP}"'/small/filler" 2>/dev/null; echo paid'
  cramped_agents "work"
  assert_equal "${status} ${output}" "0 paid"
  assert_regex "${stderr}" 'rlm: the record of the run cannot be written: (ENOSPC|EFBIG)'
}
