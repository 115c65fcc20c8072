# What a role is told: its template, where to read and write, and this iteration's analysis.

# prompt::build ROLE FILE
prompt::build() {
  local template prompt file=${SL_HOME}/roles/$1.md
  if [[ ! -f ${file} ]]; then file=${SUPERLOOP_ROOT}/src/templates/roles/$1.md; fi
  file::read_into template "${file}"
  # silenced in the braces, where Bash would talk about a zero byte
  {
    prompt=$(
      printf '%s\n\nContext files (read as needed):\n' "${template}"
      _prompt_files
      _prompt_phases
      _prompt_analysis
    )
  } 2>/dev/null
  file::write "$2" "${prompt}"
}

_prompt_files() {
  local spec
  paths::spec_into spec
  printf -- '- %s: %s\n' Repository "${SL_REPO}" Spec "${spec}" Plan "${SL_PLAN_FILE}" \
    'Iteration notes' "${SL_NOTES_FILE}" 'Implementer report' "${SL_IMPLEMENTER_FILE}" \
    'Reviewer report' "${SL_REVIEW_FILE}" 'Test report' "${SL_TEST_REPORT_FILE}" \
    'Test output' "${SL_TEST_OUTPUT_FILE}" 'Test status' "${SL_TEST_STATUS_FILE}" \
    'Checklist status' "${SL_CHECKLIST_STATUS_FILE}" 'Checklist remaining' "${SL_CHECKLIST_REMAINING_FILE}" \
    Evidence "${SL_EVIDENCE_FILE}" 'Tasks directory' "${SL_TASKS_DIR}"
  if [[ ${SL_ROLE} == reviewer && ${SL_REVIEWER_PACKET_ENABLED} == true ]]; then
    printf -- '- Reviewer packet, to read first: %s\n' "${SL_PACKET_FILE}"
  fi
  if [[ ${SL_VALIDATION_ENABLED} == true ]]; then
    printf -- '- Validation status: %s\n- Validation output: %s\n' "${SL_VALIDATION_STATUS_FILE}" "${SL_VALIDATION_OUTPUT_FILE}"
  fi
  if [[ ${SL_PREREQUISITES_ENABLED} == true ]]; then printf -- '- Prerequisites status: %s\n' "${SL_PREREQUISITES_STATUS_FILE}"; fi
  if [[ -s ${SL_CHANGED_FILE} ]]; then printf -- '- Files changed so far: %s\n' "${SL_CHANGED_FILE}"; fi
  if [[ -n ${SL_COMPLETION_PROMISE} ]]; then
    printf -- '- Completion promise, for the reviewer only: <promise>%s</promise>\n' "${SL_COMPLETION_PROMISE}"
  fi
}

_prompt_phases() {
  local file
  for file in "${SL_TASKS_DIR}"/PHASE_*.MD; do
    if [[ -f ${file} ]]; then printf -- '- Phase file: %s\n' "${file}"; fi
  done
}

# Only what this iteration made: RLMS_… is set anew for each role.
_prompt_analysis() {
  if [[ ${SL_RLMS_ENABLED} != true ]]; then return; fi
  if [[ -n ${RLMS_RESULT_FILE} ]]; then printf -- '- RLMS result: %s\n' "${RLMS_RESULT_FILE}"; fi
  if [[ -n ${RLMS_SUMMARY_FILE} ]]; then printf -- '- RLMS summary: %s\n' "${RLMS_SUMMARY_FILE}"; fi
  if [[ -n ${RLMS_STATUS_FILE} ]]; then printf -- '- RLMS status: %s\n' "${RLMS_STATUS_FILE}"; fi
  if [[ -n ${RLMS_SUMMARY_FILE} ]]; then
    printf '\n## RLMS Context\n\n'
    printf 'A recursive analysis read the long context for you; its citations were checked against the files. Use it to\n'
    printf 'find the places that matter, then verify there. Its first lines:\n\n~~~\n'
    head -n 80 "${RLMS_SUMMARY_FILE}"
    printf '~~~\n'
  fi
  printf '\nTo have a long context analysed before your next turn, write the question to\n%s\nor end your message with a line "%s: your question".\n' \
    "${SL_LOOP_DIR}/rlms/requests/${SL_ROLE}.md" "${SL_RLMS_REQUEST_KEYWORD}"
}
