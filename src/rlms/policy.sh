# What the configuration and the role itself say about an analysis: the task, and whether it was asked for.

# A task is one argument of the door and stands in every prompt: of a longer one this much, and where to read the rest.
readonly _RLMS_POLICY_TASK_CHARACTERS=20000

# Sets RLMS_REQUESTED (true or false), RLMS_REQUESTED_IN (the file, as seen from the repository) and RLMS_TASK (empty: the
# worker's own) for a role; a request that is too long for a task is added to the context.
# rlms::policy::read_request ROLE CONTEXT_LIST
rlms::policy::read_request() {
  local list=$2 request_file=${SL_LOOP_DIR}/rlms/requests/$1.md message_file=${SL_MESSAGES_DIR}/$1.txt message
  RLMS_REQUESTED=false RLMS_REQUESTED_IN="" RLMS_TASK=""
  [[ ${SL_RLMS_MODE} != auto ]] || return 0
  if [[ -s ${request_file} ]]; then
    RLMS_REQUESTED=true
    paths::relative_into RLMS_REQUESTED_IN "${request_file}"
    file::read_into RLMS_TASK "${request_file}"
    _rlms_policy_fit "${request_file}" "${list}"
    return
  fi
  file::read_into message "${message_file}"
  if [[ ${message} == *"${SL_RLMS_REQUEST_KEYWORD}"* ]]; then
    RLMS_REQUESTED=true
    paths::relative_into RLMS_REQUESTED_IN "${message_file}"
    _rlms_policy_task "${message}"
    _rlms_policy_fit "${message_file}" "${list}"
  elif rlms::context::mentions "${list}" "${SL_RLMS_REQUEST_KEYWORD}"; then
    RLMS_REQUESTED=true
    paths::relative_into RLMS_REQUESTED_IN "${REPLY}"
  fi
}

# A request is used up when its role has its turn: it is kept with its analysis.
# rlms::policy::use_up_request ROLE OUTPUT_DIR
rlms::policy::use_up_request() {
  local request_file=${SL_LOOP_DIR}/rlms/requests/$1.md
  if [[ ${RLMS_REQUESTED} == true && -s ${request_file} ]]; then file::attempt move "${request_file}" mv -f -- "${request_file}" "$2/request.md"; fi
}

# rlms::policy::role_enabled_into VAR ROLE
rlms::policy::role_enabled_into() {
  case $2 in
    planner) printf -v "$1" '%s' "${SL_RLMS_ROLES_PLANNER}" ;;
    implementer) printf -v "$1" '%s' "${SL_RLMS_ROLES_IMPLEMENTER}" ;;
    tester) printf -v "$1" '%s' "${SL_RLMS_ROLES_TESTER}" ;;
    reviewer) printf -v "$1" '%s' "${SL_RLMS_ROLES_REVIEWER}" ;;
    *) failure::raise ROLES_CONFIG_INVALID "there is no role '$2'" "Use planner, implementer, tester or reviewer." 2 ;;
  esac
}

_rlms_policy_fit() {
  local file=$1 list=$2 name line
  ((${#RLMS_TASK} > _RLMS_POLICY_TASK_CHARACTERS)) || return 0
  rlms::context::line_into line "${file}"
  file::append "${list}" "${line}"
  paths::relative_into name "${file}"
  RLMS_TASK="${RLMS_TASK:0:_RLMS_POLICY_TASK_CHARACTERS}"$'\n\n'"(This is cut: the whole request is the document ${name}.)"
}

# What stands behind the keyword on its line is the question.
_rlms_policy_task() {
  local rest=${1#*"${SL_RLMS_REQUEST_KEYWORD}"}
  rest=${rest%%$'\n'*}
  rest=${rest#:}
  RLMS_TASK=${rest#"${rest%%[![:space:]]*}"}
}
