#!/usr/bin/env bats
# rlms/policy: whether an analysis was asked for, and what it is to find out.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/host
  host::setup
  host::settings
  host::source git rlms/context rlms/policy
  LIST=${TMP}/list OUTPUT=${TMP}/output
  mkdir "${OUTPUT}"
  : >"${LIST}"
  REQUEST=${SL_LOOP_DIR}/rlms/requests/planner.md
}

# assert_request REQUESTED TASK: what the planner's request comes to, who then has its turn
assert_request() {
  rlms::policy::read_request planner "${LIST}"
  rlms::policy::use_up_request planner "${OUTPUT}"
  assert_equal "${RLMS_REQUESTED}: ${RLMS_TASK}" "$1: $2"
}

@test "without a request there is none" {
  assert_request false ""
  printf 'All is well.\n' >"${SL_MESSAGES_DIR}/planner.txt"
  host::file a.txt "nothing here"
  printf '%s\n' "${REPO}/a.txt" >"${LIST}"
  assert_request false ""
}

@test "a request file is the task, word for word, and is used up" {
  printf 'Where is the "retry" limit set?\n\nLook at $HOME & `src/` too.\n\n' >"${REQUEST}"
  assert_request true $'Where is the "retry" limit set?\n\nLook at $HOME & `src/` too.'
  assert [ ! -e "${REQUEST}" ]
  run head -n 1 "${OUTPUT}/request.md"
  assert_output 'Where is the "retry" limit set?'
  assert_request false ""
}

@test "a request stays until its role has its turn" {
  printf 'where?\n' >"${REQUEST}"
  rlms::policy::read_request planner "${LIST}"
  assert [ -e "${REQUEST}" ]
  assert_request true "where?"
  SL_RLMS_MODE=auto
  printf 'and now?\n' >"${REQUEST}"
  assert_request false ""
  assert [ -e "${REQUEST}" ]
}

@test "a request that is too long for a task is cut, and stands in the context whole" {
  printf '%30000s\n' é >"${REQUEST}"
  rlms::policy::read_request planner "${LIST}"
  assert_equal "$(cat "${LIST}")" "${REQUEST}"
  assert_equal "${RLMS_TASK:20000}" $'\n\n(This is cut: the whole request is the document .superloop/loops/work/rlms/requests/planner.md.)'
  rm "${REQUEST}"
  : >"${LIST}"
  printf 'RLMS_REQUEST: a%30000s\n' é >"${SL_MESSAGES_DIR}/planner.txt"
  rlms::policy::read_request planner "${LIST}"
  assert_equal "$(cat "${LIST}")" "${SL_MESSAGES_DIR}/planner.txt"
}

@test "an empty request file asks for nothing" {
  : >"${REQUEST}"
  assert_request false ""
  assert [ -e "${REQUEST}" ]
}

@test "the keyword in the role's own last message asks, and what follows it on its line is the task" {
  local message
  local -a cases=(
    $'Plan is ready.\nRLMS_REQUEST: Who calls parse()?\n|Who calls parse()?'
    'RLMS_REQUEST:Who calls parse()?|Who calls parse()?'
    'RLMS_REQUEST who?|who?'
    $'RLMS_REQUEST:\nnext line|'
    'RLMS_REQUEST|'
    $'RLMS_REQUEST:   spaces before and within it \nmore|spaces before and within it '
    'RLMS_REQUEST: why a:b, "c" and $d?|why a:b, "c" and $d?'
  )
  for message in "${cases[@]}"; do
    printf '%s' "${message%|*}" >"${SL_MESSAGES_DIR}/planner.txt"
    assert_request true "${message##*|}"
  done
}

@test "the keyword in another role's message asks for nothing" {
  printf 'RLMS_REQUEST: mine\n' >"${SL_MESSAGES_DIR}/reviewer.txt"
  assert_request false ""
}

@test "the keyword in a context file asks, without a task of its own" {
  host::file "a b.txt" "please, RLMS_REQUEST: not a question of the role"
  printf '%s\n' "${REPO}/a b.txt" >"${LIST}"
  assert_request true ""
}

@test "a request file goes before the message, and the message before the context" {
  host::file a.txt RLMS_REQUEST
  printf '%s\n' "${REPO}/a.txt" >"${LIST}"
  printf 'RLMS_REQUEST: from the message\n' >"${SL_MESSAGES_DIR}/planner.txt"
  printf 'from the file\n' >"${REQUEST}"
  assert_request true "from the file"
  assert_request true "from the message"
  rm "${SL_MESSAGES_DIR}/planner.txt"
  assert_request true ""
}

@test "a keyword of one's own is taken by the letter, and the usual one means nothing then" {
  SL_RLMS_REQUEST_KEYWORD='[ASK*]?'
  printf 'RLMS_REQUEST: x\n' >"${SL_MESSAGES_DIR}/planner.txt"
  assert_request false ""
  printf 'well [ASK*]?: what is y\n' >"${SL_MESSAGES_DIR}/planner.txt"
  assert_request true "what is y"
}

@test "in auto mode a keyword counts for nothing" {
  SL_RLMS_MODE=auto
  printf 'RLMS_REQUEST: x\n' >"${SL_MESSAGES_DIR}/planner.txt"
  host::file a.txt RLMS_REQUEST
  printf '%s\n' "${REPO}/a.txt" >"${LIST}"
  assert_request false ""
}

@test "each role is on or off by its own setting" {
  local role enabled
  SL_RLMS_ROLES_PLANNER=1 SL_RLMS_ROLES_IMPLEMENTER=2 SL_RLMS_ROLES_TESTER=3 SL_RLMS_ROLES_REVIEWER=4
  local expected=1
  for role in planner implementer tester reviewer; do
    rlms::policy::role_enabled_into enabled "${role}"
    assert_equal "${role} ${enabled}" "${role} ${expected}"
    expected=$((expected + 1))
  done
  run rlms::policy::role_enabled_into enabled cook
  assert_failure 2
  assert_line "error: there is no role 'cook'"
}
