# The tests: commands in the repository that must succeed. Their output and status are files for the next roles.

# Sets GATE_TESTS: ok, failed or skipped.
# gates::tests::judge PROMISE_GIVEN CHECKLISTS_DONE
gates::tests::judge() {
  local ok=true now record
  GATE_TESTS=skipped
  file::empty "${SL_TEST_OUTPUT_FILE}"
  clock::now_into now
  if [[ ${SL_TESTS_MODE} == disabled || ${#SL_TESTS_COMMANDS[@]} -eq 0 ]] \
    || [[ ${SL_TESTS_MODE} == on_promise && $1 != true && $2 != true ]]; then
    json::object_into record ok: true skipped: true generated_at= "${now}"
    file::write "${SL_TEST_STATUS_FILE}" "${record}"
    return
  fi
  gates::commands::run tests "${SL_TESTS_TIMEOUT_SECONDS}" "${SL_TEST_OUTPUT_FILE}" "${SL_TESTS_COMMANDS[@]}"
  if ((GATE_COMMANDS_STATUS != 0)); then ok=false; fi
  json::object_into record ok: "${ok}" exit_code: "${GATE_COMMANDS_STATUS}" reason? "${GATE_COMMANDS_REASON}" generated_at= "${now}"
  file::write "${SL_TEST_STATUS_FILE}" "${record}"
  if [[ ${ok} == true ]]; then GATE_TESTS=ok; else GATE_TESTS=failed; fi
}
