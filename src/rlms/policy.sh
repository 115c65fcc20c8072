# What the configuration and the role itself say about an analysis: the task, and whether it was asked for.

# Sets RLMS_REQUESTED (true or false) and RLMS_TASK (empty: the worker's own) for a role. A request file is used up: it is
# moved to the analysis that it asked for.
# rlms::policy::read_request ROLE CONTEXT_LIST OUTPUT_DIR
rlms::policy::read_request() {
  local role=$1 list=$2 output_dir=$3
  local request_file=${SL_LOOP_DIR}/rlms/requests/${role}.md message
  RLMS_REQUESTED=false RLMS_TASK=""
  [[ ${SL_RLMS_MODE} != auto || -s ${request_file} ]] || return 0
  if [[ -s ${request_file} ]]; then
    RLMS_REQUESTED=true
    file::read_into RLMS_TASK "${request_file}"
    mv -f "${request_file}" "${output_dir}/request.md"
    return
  fi
  file::read_into message "${SL_MESSAGES_DIR}/${role}.txt"
  if [[ ${message} == *"${SL_RLMS_REQUEST_KEYWORD}"* ]]; then
    RLMS_REQUESTED=true
    _rlms_policy_task "${message}"
  elif rlms::context::mentions "${list}" "${SL_RLMS_REQUEST_KEYWORD}"; then
    RLMS_REQUESTED=true
  fi
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

# What stands behind the keyword on its line is the question.
_rlms_policy_task() {
  local rest=${1#*"${SL_RLMS_REQUEST_KEYWORD}"}
  rest=${rest%%$'\n'*}
  rest=${rest#:}
  RLMS_TASK=${rest#"${rest%%[![:space:]]*}"}
}
