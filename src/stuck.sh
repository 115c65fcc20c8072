# Stuck: iterations in a row that change neither the repository's files nor what its tests say.

# Remembers the files as they are before the first iteration, or goes on with what the run had counted.
stuck::start() {
  STUCK_STREAK=0 GATE_STUCK=n/a _STUCK_JUDGED=0 _STUCK_TESTS=""
  if ! _stuck_is_enabled; then return; fi
  stuck::finish
  file::make_folders "${SL_STUCK_DIR}/objects"
  if git::is_repo; then
    # what git knows of the files spares it from reading them all
    (cd "${SL_REPO}" && cp -p "$(git rev-parse --git-path index)" "${SL_STUCK_DIR}/index") 2>/dev/null || : # none yet
  elif type -P git >/dev/null; then
    file::attempt make "${SL_STUCK_DIR}/git" git init -q --bare "${SL_STUCK_DIR}/git"
  fi
  if ! _stuck_read; then
    _stuck_files_into _STUCK_FILES
    _stuck_write 0
  fi
}

# Compares with the iteration before. Sets GATE_STUCK (n/a, or streak/threshold) and STUCK_STREAK; at the threshold it
# writes the report.
# stuck::judge NOT_COMPLETE
stuck::judge() {
  local files tests
  if ! _stuck_is_enabled; then return; fi
  if ((_STUCK_JUDGED == SL_ITERATION)); then
    : # before the run was taken up
  elif [[ $1 == true ]]; then
    _stuck_files_into files
    _stuck_tests_into tests
    if [[ -n ${files} && ${files} == "${_STUCK_FILES}" && (-z ${_STUCK_TESTS} || ${tests} == "${_STUCK_TESTS}") ]]; then
      STUCK_STREAK=$((STUCK_STREAK + 1))
    else
      STUCK_STREAK=0
    fi
    _STUCK_FILES=${files} _STUCK_TESTS=${tests}
  else
    STUCK_STREAK=0
  fi
  GATE_STUCK=${STUCK_STREAK}/${SL_STUCK_THRESHOLD}
  _stuck_record
  if stuck::is_triggered; then _stuck_report; fi
}

# Whether the threshold is reached.
stuck::is_triggered() {
  _stuck_is_enabled && ((STUCK_STREAK >= SL_STUCK_THRESHOLD))
}

# Removes what the comparison needed.
stuck::finish() {
  if [[ -d ${SL_STUCK_DIR} ]]; then file::attempt remove "${SL_STUCK_DIR}" rm -rf -- "${SL_STUCK_DIR}"; fi
}

_stuck_is_enabled() {
  [[ ${SL_STUCK_ENABLED} == true ]] && ((SL_STUCK_THRESHOLD > 0))
}

# The id of the tree that git would store, made with an index and objects of our own; empty, with a warning, when git fails.
_stuck_files_into() {
  local _glob _tree="" _why _errors=${SL_STUCK_DIR}/errors
  local -a patterns=(':(exclude).superloop')
  for _glob in ${SL_STUCK_IGNORE[@]+"${SL_STUCK_IGNORE[@]}"}; do
    patterns+=(":(exclude)${_glob}" ":(exclude,glob)${_glob}")
  done
  _tree=$(
    exec 2>"${_errors}"
    export GIT_INDEX_FILE=${SL_STUCK_DIR}/index GIT_OBJECT_DIRECTORY=${SL_STUCK_DIR}/objects GIT_NO_LAZY_FETCH=1
    if [[ -d ${SL_STUCK_DIR}/git ]]; then export GIT_DIR=${SL_STUCK_DIR}/git GIT_WORK_TREE=${SL_REPO}; fi
    cd "${SL_REPO}" || exit
    git -c core.safecrlf=false add -A --ignore-errors -- . "${patterns[@]}" || (($? == 1)) || exit # 1: all but some files
    git write-tree --missing-ok
  ) || {
    _why=$(tail -n 1 "${_errors}")
    output::warn "the files of loop '${SL_ID}' cannot be compared; stuck detection does not count: ${_why#*: line [0-9]*: }"
  }
  printf -v "$1" '%s' "${_tree}"
}

# Of the tests' output without durations and times of day, which are never the same.
_stuck_tests_into() {
  local _sum
  _sum=$(sed -E -e 's/[0-9]+([.,][0-9]+)? ?(ns|us|ms|s|sec|secs|seconds|m|min)([^[:alnum:]]|$)/\3/g' \
    -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}//g' -e 's/[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?//g' "${SL_TEST_OUTPUT_FILE}" | cksum)
  printf -v "$1" '%s' "${_sum}"
}

_stuck_record() {
  local data triggered=false
  if stuck::is_triggered; then triggered=true; fi
  json::object_into data streak: "${STUCK_STREAK}" threshold: "${SL_STUCK_THRESHOLD}" triggered: "${triggered}" action= "${SL_STUCK_ACTION}"
  events::log stuck_checked "" "" "" "${data}"
  _stuck_write "${SL_ITERATION}"
}

# _stuck_write ITERATION: the last that was judged
_stuck_write() {
  local data now
  clock::now_into now
  json::object_into data streak: "${STUCK_STREAK}" threshold: "${SL_STUCK_THRESHOLD}" code_signature= "${_STUCK_FILES}" \
    test_signature= "${_STUCK_TESTS}" run_id= "${SL_RUN_ID}" iteration: "$1" updated_at= "${now}"
  file::write "${SL_STUCK_FILE}" "${data}"
}

# Status 1 when the file is not this run's.
_stuck_read() {
  local run=""
  [[ -s ${SL_STUCK_FILE} ]] || return 1
  {
    IFS= read -r run
    IFS= read -r _STUCK_JUDGED
    IFS= read -r STUCK_STREAK
    IFS= read -r _STUCK_FILES
    IFS= read -r _STUCK_TESTS
  } < <(jq -r '.run_id, .iteration, .streak, .code_signature, .test_signature' "${SL_STUCK_FILE}" 2>/dev/null) || : # spoiled
  if [[ ${run} == "${SL_RUN_ID}" ]]; then return 0; fi
  STUCK_STREAK=0 _STUCK_JUDGED=0 _STUCK_TESTS=""
  return 1
}

_stuck_report() {
  local report
  report=$(_stuck_report_text)
  file::write "${SL_STUCK_REPORT_FILE}" "${report}"
}

_stuck_report_text() {
  local now
  clock::now_into now
  printf '# Stuck\n\nLoop %s, iterations %s to %s: neither files nor the output of the tests changed.\n' \
    "${SL_ID}" "$((SL_ITERATION - STUCK_STREAK + 1))" "${SL_ITERATION}"
  printf '\nWhat does not hold:\n'
  if [[ ${GATE_PROMISE} != true ]]; then printf -- '- promise: the reviewer did not give it\n'; fi
  printf -- '- %s\n' ${GATE_REASONS[@]+"${GATE_REASONS[@]}"}
  printf '\nFiles that do not count: .superloop, what git ignores'
  printf ', %s' ${SL_STUCK_IGNORE[@]+"${SL_STUCK_IGNORE[@]}"}
  printf '\nRead: %s, %s\nWritten at: %s\n' "${SL_TEST_OUTPUT_FILE}" "${SL_LOG_DIR}" "${now}"
}
