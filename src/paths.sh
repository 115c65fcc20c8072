# Where a loop keeps its files. The names are fixed: people, gates and other programs read them.

paths::of_repo() {
  SL_HOME=${SL_REPO}/.superloop
  SL_STATE_FILE=${SL_HOME}/state.json
}

# paths::of_loop ID
paths::of_loop() {
  SL_LOOP_DIR=${SL_HOME}/loops/$1
  SL_EVENTS_FILE=${SL_LOOP_DIR}/events.jsonl
  SL_LOCK_FILE=${SL_LOOP_DIR}/run.lock
  SL_CANCEL_FILE=${SL_LOOP_DIR}/run.cancel
  SL_PLAN_FILE=${SL_LOOP_DIR}/plan.md
  SL_NOTES_FILE=${SL_LOOP_DIR}/iteration_notes.md
  SL_IMPLEMENTER_FILE=${SL_LOOP_DIR}/implementer.md
  SL_TEST_REPORT_FILE=${SL_LOOP_DIR}/test-report.md
  SL_REVIEW_FILE=${SL_LOOP_DIR}/review.md
  SL_TASKS_DIR=${SL_LOOP_DIR}/tasks
  SL_TEST_OUTPUT_FILE=${SL_LOOP_DIR}/test-output.txt
  SL_TEST_STATUS_FILE=${SL_LOOP_DIR}/test-status.json
  SL_VALIDATION_OUTPUT_FILE=${SL_LOOP_DIR}/validation-output.txt
  SL_VALIDATION_STATUS_FILE=${SL_LOOP_DIR}/validation-status.json
  SL_VALIDATION_RESULTS_FILE=${SL_LOOP_DIR}/validation-results.json
  SL_PREREQUISITES_STATUS_FILE=${SL_LOOP_DIR}/prerequisites-status.json
  SL_CHECKLIST_STATUS_FILE=${SL_LOOP_DIR}/checklist-status.json
  SL_CHECKLIST_REMAINING_FILE=${SL_LOOP_DIR}/checklist-remaining.md
  SL_APPROVAL_FILE=${SL_LOOP_DIR}/approval.json
  SL_DECISIONS_FILE=${SL_LOOP_DIR}/decisions.jsonl
  SL_DECISIONS_PAGE=${SL_LOOP_DIR}/decisions.md
  SL_SETTINGS_FILE=${SL_LOOP_DIR}/run-settings.txt
  SL_STUCK_DIR=${SL_LOOP_DIR}/stuck
  SL_STUCK_FILE=${SL_LOOP_DIR}/stuck.json
  SL_STUCK_REPORT_FILE=${SL_LOOP_DIR}/stuck-report.md
  SL_GATE_SUMMARY_FILE=${SL_LOOP_DIR}/gate-summary.txt
  SL_EVIDENCE_FILE=${SL_LOOP_DIR}/evidence.json
  SL_SUMMARY_FILE=${SL_LOOP_DIR}/run-summary.json
  SL_TIMELINE_FILE=${SL_LOOP_DIR}/timeline.md
  SL_PACKET_FILE=${SL_LOOP_DIR}/reviewer-packet.md
  SL_REPORT_FILE=${SL_LOOP_DIR}/report.html
  SL_USAGE_FILE=${SL_LOOP_DIR}/usage.jsonl
  SL_USAGE_NOTES_FILE=${SL_LOOP_DIR}/usage-notes.jsonl
  SL_CHANGED_FILE=${SL_LOOP_DIR}/changed-files-all.txt
  SL_GIT_BEFORE_FILE=${SL_LOOP_DIR}/git-before.txt
  SL_GIT_LAST_FILE=${SL_LOOP_DIR}/git-last.txt
  SL_PROMPTS_DIR=${SL_LOOP_DIR}/prompts
  SL_MESSAGES_DIR=${SL_LOOP_DIR}/last_messages
  SL_RLMS_DIR=${SL_LOOP_DIR}/rlms
  SL_RLMS_LATEST_DIR=${SL_RLMS_DIR}/latest
  SL_RLMS_INDEX_FILE=${SL_RLMS_DIR}/index.json
}

# Ends the program where a record, or the folder of the loop, is not for reading.
paths::require_files() {
  local name path
  for name in SL_LOOP_DIR "${!SL_@}"; do
    path=${!name-}
    if [[ ${name} == SL_LOOP_DIR && -d ${path} ]]; then
      [[ -r ${path} && -x ${path} ]] || _paths_refuse "${path}"
    elif [[ ${name} == *_FILE && ${path} == "${SL_HOME}/"* ]]; then
      if [[ -d ${path} ]]; then
        failure::raise RECORD_SPOILED "${path} is a folder, where a file is kept" "Move it away, then run again."
      fi
      [[ ! -e ${path} || -r ${path} ]] || _paths_refuse "${path}"
    fi
  done
}

_paths_refuse() {
  failure::raise FILE_NOT_READ "cannot read $1: Permission denied" "Correct its permissions, or run as the user whom it belongs to."
}

# paths::of_iteration NUMBER
paths::of_iteration() {
  SL_LOG_DIR=${SL_LOOP_DIR}/logs/iter-$1
  SL_RLMS_ITERATION_DIR=${SL_RLMS_DIR}/iter-$1
}

# paths::absolute_into VAR PATH: of a path as the configuration has it, seen from the repository.
paths::absolute_into() {
  case $2 in
    /*) printf -v "$1" '%s' "$2" ;;
    *) printf -v "$1" '%s' "${SL_REPO}/$2" ;;
  esac
}

# paths::relative_into VAR PATH: as seen from the repository.
paths::relative_into() {
  printf -v "$1" '%s' "${2#"${SL_REPO}/"}"
}

# As file::hash_list does, with the paths as seen from the repository: its own may have a line end. For $(…) alone.
# paths::hash_list FILE…
paths::hash_list() {
  cd "${SL_REPO}" && file::hash_list ${@+"${@#"${SL_REPO}/"}"}
}

# paths::spec_into VAR: of the loop, as seen from the repository, however the configuration writes it.
paths::spec_into() {
  local _path
  paths::absolute_into _path "${SL_SPEC_FILE#./}"
  paths::relative_into "$1" "${_path}"
}
