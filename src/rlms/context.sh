# What a role's analysis reads: the loop's own files, what changed, and the globs of rlms.context.

# Writes the list of paths to FILE.
# rlms::context::collect FILE
rlms::context::collect() {
  local name line list
  list=$(
    {
      _rlms_context_loop_files
      _rlms_context_names | _rlms_context_without_excluded | while IFS= read -r name; do
        if [[ -f ${SL_REPO}/${name} ]]; then
          rlms::context::line_into line "${SL_REPO}/${name}"
          printf '%s\n' "${line}"
        fi
      done
    } | _rlms_context_limit
  )
  file::empty "$1"
  if [[ -n ${list} ]]; then file::write "$1" "${list}"; fi
}

# A file as a line of the list: its full path, or as seen from the repository where that has a line end in its own path.
# rlms::context::line_into VAR PATH
rlms::context::line_into() {
  local _path=$2
  if [[ ${SL_REPO} == *$'\n'* && ${_path} == "${SL_REPO}/"* ]]; then _path=./${_path#"${SL_REPO}/"}; fi
  printf -v "$1" '%s' "${_path}"
}

# Files, lines and characters of a list as RLMS_FILES, RLMS_LINES, RLMS_CHARS, RLMS_TOKENS.
# rlms::context::measure FILE
rlms::context::measure() {
  local counts
  RLMS_FILES=0 RLMS_LINES=0 RLMS_CHARS=0
  if [[ -s $1 ]]; then
    RLMS_FILES=$(grep -c '' "$1")
    counts=$(_rlms_context_each cat -- <"$1" | LC_ALL=C.UTF-8 wc -l -m)
    read -r RLMS_LINES RLMS_CHARS <<<"${counts}"
  fi
  RLMS_TOKENS=$(((RLMS_CHARS + 3) / 4))
}

# Whether the keyword stands in a file of the list. Sets REPLY to the first that has it.
# rlms::context::mentions FILE KEYWORD
rlms::context::mentions() {
  REPLY=""
  [[ -s $1 ]] || return 1
  REPLY=$(_rlms_context_each grep -lsF -- "$2" <"$1" | head -n 1)
  [[ -n ${REPLY} ]]
}

# Runs a command over the files of a list on standard input. Files that are gone or cannot be read are not its failure.
# _rlms_context_each COMMAND [ARGUMENT…]
_rlms_context_each() {
  tr '\n' '\0' | (cd "${SL_REPO}" && exec xargs -0 "$@") 2>/dev/null || :
}

_rlms_context_loop_files() {
  local file spec line
  paths::absolute_into spec "${SL_SPEC_FILE}"
  for file in "${spec}" "${SL_PLAN_FILE}" "${SL_NOTES_FILE}" "${SL_IMPLEMENTER_FILE}" \
    "${SL_REVIEW_FILE}" "${SL_TEST_REPORT_FILE}" "${SL_TEST_OUTPUT_FILE}" "${SL_TEST_STATUS_FILE}" \
    "${SL_VALIDATION_STATUS_FILE}" "${SL_VALIDATION_OUTPUT_FILE}" "${SL_PREREQUISITES_STATUS_FILE}" \
    "${SL_CHECKLIST_STATUS_FILE}" "${SL_CHECKLIST_REMAINING_FILE}" "${SL_EVIDENCE_FILE}" "${SL_TASKS_DIR}"/PHASE_*.MD; do
    if [[ ! -s ${file} ]]; then continue; fi
    rlms::context::line_into line "${file}"
    printf '%s\n' "${line}"
  done
}

# Names of files of the repository: those that changed, then those that the globs give.
_rlms_context_names() {
  local glob
  if [[ -s ${SL_CHANGED_FILE} ]]; then cat "${SL_CHANGED_FILE}"; fi
  ((${#SL_RLMS_CONTEXT_INCLUDE[@]} > 0)) || return 0
  if git::is_repo; then
    git::matching_files "${SL_RLMS_CONTEXT_INCLUDE[@]}" | LC_ALL=C sort || output::warn "git cannot list the files of rlms.context"
    return
  fi
  for glob in "${SL_RLMS_CONTEXT_INCLUDE[@]}"; do
    _rlms_context_of_folder "${glob}"
    (cd "${SL_REPO}" && glob::expand "${REPLY}")
  done
}

# What loops leave behind is read only as the loop's own files: the rest is of earlier iterations.
_rlms_context_without_excluded() {
  local glob regex excluded='^\.superloop/(loops/|logs/|state\.json$)'$'\n'
  for glob in ${SL_RLMS_CONTEXT_EXCLUDE[@]+"${SL_RLMS_CONTEXT_EXCLUDE[@]}"}; do
    _rlms_context_of_folder "${glob}"
    glob::regex_into regex "${REPLY}"
    excluded+=${regex}$'\n'
  done
  LC_ALL=C grep -avE -f <(printf '%s' "${excluded}") || : # all of them are excluded
}

# A folder's own name stands for all that is in it, as in git.
_rlms_context_of_folder() {
  REPLY=$1
  if [[ -d ${SL_REPO}/$1 ]]; then REPLY="${1%/}/**"; fi
}

# Each path once, as many readable files and bytes as the configuration allows.
_rlms_context_limit() {
  local list line path size files=0 bytes=0 beyond_files=0 beyond_bytes=0
  list=$(LC_ALL=C awk 'NF && !seen[$0]++')
  while IFS= read -r line; do
    line=${line#"${line%%[! ]*}"} size=${line%% *} path=${line#* }
    [[ ${path} == */* ]] || continue # wc's total
    if ((files >= SL_RLMS_CONTEXT_MAX_FILES)); then
      beyond_files=$((beyond_files + 1))
    elif ((bytes + size > SL_RLMS_CONTEXT_MAX_BYTES)); then
      beyond_bytes=$((beyond_bytes + 1))
    else
      files=$((files + 1)) bytes=$((bytes + size))
      printf '%s\n' "${path}"
    fi
  done < <(_rlms_context_each wc -c -- <<<"${list}")
  _rlms_context_left_out "${beyond_files}" "rlms.context.max_files is ${SL_RLMS_CONTEXT_MAX_FILES}"
  _rlms_context_left_out "${beyond_bytes}" "rlms.context.max_bytes is ${SL_RLMS_CONTEXT_MAX_BYTES}"
}

_rlms_context_left_out() {
  local count
  (($1 > 0)) || return 0
  output::count_into count "$1" file
  output::warn "left out of the analysis: ${count}; $2"
}
