# Whether a role gets an analysis, and why: a pure decision, first rule first.

# rlms::trigger::decide_into RUN_VAR REASON_VAR ENABLED ROLE_ENABLED MODE FORCE_ON FORCE_OFF THRESHOLD_MET REQUESTED
rlms::trigger::decide_into() {
  local _run=$1 _reason=$2 _decision
  shift 2
  _rlms_trigger_decide "$@"
  printf -v "${_run}" '%s' "${_decision%% *}"
  printf -v "${_reason}" '%s' "${_decision#* }"
}

_rlms_trigger_decide() {
  local enabled=$1 role_enabled=$2 mode=$3 force_on=$4 force_off=$5 threshold=$6 requested=$7
  if [[ ${enabled} != true ]]; then
    _decision="false disabled"
  elif [[ ${role_enabled} != true ]]; then
    _decision="false role_disabled"
  elif [[ ${force_off} == true ]]; then
    _decision="false force_off"
  elif [[ ${force_on} == true ]]; then
    _decision="true force_on"
  else
    case ${mode}:${threshold}:${requested} in
      auto:true:*) _decision="true auto_threshold" ;;
      auto:*) _decision="false auto_not_met" ;;
      requested:*:true) _decision="true requested_keyword" ;;
      requested:*) _decision="false request_not_found" ;;
      hybrid:*:true) _decision="true hybrid_requested" ;;
      hybrid:true:*) _decision="true hybrid_auto" ;;
      hybrid:*) _decision="false hybrid_not_met" ;;
      *) failure::raise RLMS_CONFIG_INVALID "there is no RLMS mode '${mode}'" "Use auto, requested or hybrid." 2 ;;
    esac
  fi
}
