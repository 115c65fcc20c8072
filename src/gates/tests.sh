# The tests: commands in the repository that must succeed. Their output and status are files for the next roles.

# Sets GATE_TESTS: ok, failed or skipped.
# gates::tests::judge PROMISE_GIVEN CHECKLISTS_DONE
gates::tests::judge() {
  local command status last=0 ok=true now record
  GATE_TESTS=skipped
  : >"${SL_TEST_OUTPUT_FILE}"
  clock::now_into now
  if [[ ${SL_TESTS_MODE} == disabled || ${#SL_TESTS_COMMANDS[@]} -eq 0 ]] \
    || [[ ${SL_TESTS_MODE} == on_promise && $1 != true && $2 != true ]]; then
    json::object_into record ok: true skipped: true generated_at= "${now}"
    file::write "${SL_TEST_STATUS_FILE}" "${record}"
    return
  fi
  for command in "${SL_TESTS_COMMANDS[@]}"; do
    status=0
    process::run 0 /dev/null "${SL_LOG_DIR}/tests.log" "${SL_LOG_DIR}/tests.stderr.log" _gates_tests_run "${command}" || status=$?
    {
      printf '$ %s\n' "${command}"
      cat "${SL_LOG_DIR}/tests.log"
      [[ -z $(tail -c 1 "${SL_LOG_DIR}/tests.log") ]] || echo # it did not end its last line
      printf 'exit_code: %s\n\n' "${status}"
    } >>"${SL_TEST_OUTPUT_FILE}"
    if ((status != 0)); then ok=false last=${status}; fi
  done
  rm -f "${SL_LOG_DIR}/tests.stderr.log"
  json::object_into record ok: "${ok}" exit_code: "${last}" generated_at= "${now}"
  file::write "${SL_TEST_STATUS_FILE}" "${record}"
  if [[ ${ok} == true ]]; then GATE_TESTS=ok; else GATE_TESTS=failed; fi
}

_gates_tests_run() {
  cd "${SL_REPO}" && exec bash -lc "$1" 2>&1
}
