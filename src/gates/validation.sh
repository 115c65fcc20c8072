# The validation: commands beside the tests, such as a type check or a build. What Superloop runs itself (preflight,
# smoke_tests, …) can't be run here: where it is enabled and not optional, the gate fails and says so.

# Sets GATE_VALIDATION: ok, failed or skipped. validation-status.json says so, validation-results.json why.
# gates::validation::judge WORK_CLAIMED_DONE
gates::validation::judge() {
  local ok=true reason="" unsupported now results
  GATE_VALIDATION=skipped
  [[ ${SL_VALIDATION_ENABLED} == true ]] || return 0
  clock::now_into now
  file::empty "${SL_VALIDATION_OUTPUT_FILE}"
  if [[ ${SL_VALIDATION_MODE} != every && ! (${SL_VALIDATION_MODE} == on_promise && $1 == true) ]]; then
    _gates_validation_record true skipped "" "${now}"
    return
  fi
  events::log validation_start
  gates::commands::run validation "${SL_VALIDATION_TIMEOUT_SECONDS}" "${SL_VALIDATION_OUTPUT_FILE}" ${SL_VALIDATION_COMMANDS[@]+"${SL_VALIDATION_COMMANDS[@]}"}
  if ((GATE_COMMANDS_STATUS != 0)); then ok=false reason=${GATE_COMMANDS_REASON}; fi
  _gates_validation_unsupported_into unsupported
  if [[ -n ${unsupported} ]]; then
    ok=false reason=not_supported
    gates::note validation "not_supported: ${unsupported}"
  elif ((${#SL_VALIDATION_COMMANDS[@]} == 0)); then
    ok=false reason=no_commands
    gates::note validation no_commands
  fi
  json::object_into results generated_at= "${now}" loop_id= "${SL_ID}" iteration: "${SL_ITERATION}" \
    commands: "${GATE_COMMANDS_RESULTS}" unsupported? "${unsupported}"
  file::write "${SL_VALIDATION_RESULTS_FILE}" "${results}"
  if [[ ${ok} == true ]]; then GATE_VALIDATION=ok; else GATE_VALIDATION=failed; fi
  _gates_validation_record "${ok}" "${GATE_VALIDATION}" "${reason}" "${now}"
  events::log validation_end "" "${GATE_VALIDATION}"
}

_gates_validation_unsupported_into() {
  local _section _enabled _optional _names=""
  for _section in PREFLIGHT:preflight SMOKE_TESTS:smoke_tests AUTOMATED_CHECKLIST:automated_checklist AGENT_BROWSER:agent_browser; do
    _enabled=SL_VALIDATION_${_section%:*}_ENABLED _optional=SL_VALIDATION_${_section%:*}_OPTIONAL
    if [[ ${!_enabled} == true && ${!_optional} != true ]]; then _names+=" ${_section#*:}"; fi
  done
  printf -v "$1" '%s' "${_names# }"
}

_gates_validation_record() {
  local record results_file=""
  if [[ $2 != skipped ]]; then paths::relative_into results_file "${SL_VALIDATION_RESULTS_FILE}"; fi
  json::object_into record ok: "$1" status= "$2" reason? "$3" generated_at= "$4" results_file? "${results_file}"
  file::write "${SL_VALIDATION_STATUS_FILE}" "${record}"
}
