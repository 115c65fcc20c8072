# evidence.json: tests, checklists, analyses and artifacts of an iteration, with hashes and dates.

# Status 1 when an artifact that the configuration names is missing or cannot be read; the manifest names it.
evidence::write() {
  local glob files file hashes missing="" found="" now paths commands checklists manifest
  local tests=/dev/null checked=/dev/null validation=/dev/null results=/dev/null prerequisites=/dev/null index=/dev/null
  local -a artifacts=() fixed=(
    "${SL_TEST_STATUS_FILE}" "${SL_TEST_OUTPUT_FILE}" "${SL_CHECKLIST_STATUS_FILE}" "${SL_CHECKLIST_REMAINING_FILE}"
    "${SL_RLMS_INDEX_FILE}" "${SL_VALIDATION_STATUS_FILE}" "${SL_VALIDATION_RESULTS_FILE}" "${SL_PREREQUISITES_STATUS_FILE}"
  )
  for glob in ${SL_EVIDENCE_ARTIFACTS[@]+"${SL_EVIDENCE_ARTIFACTS[@]}"}; do
    files=$(cd "${SL_REPO}" && glob::expand "${glob}")
    if [[ -z ${files} ]]; then missing+=${glob}$'\n'; fi
    while IFS= read -r file; do
      if [[ -z ${file} ]]; then continue; fi
      artifacts+=("${file#"${SL_REPO}/"}")
      found+=${file#"${SL_REPO}/"}$'\n'
    done <<<"${files}"
  done
  hashes=$(paths::hash_list "${fixed[@]}" ${artifacts[@]+"${artifacts[@]}"} "${SL_RLMS_ITERATION_DIR}"/*/* "${SL_RLMS_LATEST_DIR}"/*)
  json::array_into paths "${fixed[@]}"
  json::array_into commands ${SL_TESTS_COMMANDS[@]+"${SL_TESTS_COMMANDS[@]}"}
  json::array_into checklists ${SL_CHECKLISTS[@]+"${SL_CHECKLISTS[@]}"}
  clock::now_into now
  if [[ -s ${SL_TEST_STATUS_FILE} ]]; then tests=${SL_TEST_STATUS_FILE}; fi
  if [[ -s ${SL_CHECKLIST_STATUS_FILE} ]]; then checked=${SL_CHECKLIST_STATUS_FILE}; fi
  if [[ ${GATE_VALIDATION} != skipped ]]; then validation=${SL_VALIDATION_STATUS_FILE} results=${SL_VALIDATION_RESULTS_FILE}; fi
  if [[ ${GATE_PREREQUISITES} != skipped ]]; then prerequisites=${SL_PREREQUISITES_STATUS_FILE}; fi
  if [[ -s ${SL_RLMS_INDEX_FILE} ]]; then index=${SL_RLMS_INDEX_FILE}; fi
  # lists of any length go in as files: an argument holds 128 KiB
  manifest=$(jq -n --arg now "${now}" --rawfile hashes <(printf '%s' "${hashes}") \
    --rawfile missing <(printf '%s' "${missing}") --rawfile artifacts <(printf '%s' "${found}") --argjson paths "${paths}" --argjson commands "${commands}" --argjson checklists "${checklists}" \
    --arg repo "${SL_REPO}/" --arg loop_id "${SL_ID}" --argjson iteration "${SL_ITERATION}" --arg run_id "${SL_RUN_ID}" \
    --arg spec "${SL_SPEC_FILE}" --arg mode "${SL_TESTS_MODE}" \
    --arg iteration_dir "${SL_RLMS_ITERATION_DIR}/" --arg latest_dir "${SL_RLMS_LATEST_DIR}/" \
    --rawfile test_status "${tests}" --rawfile checklist_status "${checked}" --rawfile validation_status "${validation}" \
    --rawfile validation_results "${results}" --rawfile prerequisites_status "${prerequisites}" --rawfile index "${index}" \
    -f "${SUPERLOOP_ROOT}/src/evidence.jq") \
    || failure::raise EVIDENCE_FAILED "jq could not make ${SL_EVIDENCE_FILE}" "Read what it says above, then run again."
  file::write "${SL_EVIDENCE_FILE}" "${manifest#*$'\n'}"
  [[ ${manifest%%$'\n'*} == true ]]
}
