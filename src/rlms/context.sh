# What a role's analysis reads: the loop's own files, what changed, and the globs of rlms.context.

# Writes the list of absolute paths to FILE.
# rlms::context::collect FILE
rlms::context::collect() {
  {
    _rlms_context_loop_files
    _rlms_context_changed
    _rlms_context_globs
  } | _rlms_context_limit >"$1"
}

# Files, lines and characters of a list as RLMS_FILES, RLMS_LINES, RLMS_CHARS, RLMS_TOKENS.
# rlms::context::measure FILE
rlms::context::measure() {
  local counts
  RLMS_FILES=0 RLMS_LINES=0 RLMS_CHARS=0
  if [[ -s $1 ]]; then
    RLMS_FILES=$(grep -c '' "$1")
    counts=$(tr '\n' '\0' <"$1" | xargs -0 cat -- 2>/dev/null | LC_ALL=C.UTF-8 wc -l -m)
    read -r RLMS_LINES RLMS_CHARS <<<"${counts}"
  fi
  RLMS_TOKENS=$(((RLMS_CHARS + 3) / 4))
}

# Whether the keyword stands in a file of the list.
# rlms::context::mentions FILE KEYWORD
rlms::context::mentions() {
  [[ -s $1 ]] || return 1
  [[ -n $(tr '\n' '\0' <"$1" | xargs -0 grep -lsF -- "$2" | head -n 1) ]]
}

_rlms_context_loop_files() {
  local file
  for file in "${SL_REPO}/${SL_SPEC_FILE}" "${SL_PLAN_FILE}" "${SL_NOTES_FILE}" "${SL_IMPLEMENTER_FILE}" \
    "${SL_REVIEW_FILE}" "${SL_TEST_REPORT_FILE}" "${SL_TEST_OUTPUT_FILE}" "${SL_TEST_STATUS_FILE}" \
    "${SL_CHECKLIST_STATUS_FILE}" "${SL_CHECKLIST_REMAINING_FILE}" "${SL_EVIDENCE_FILE}" "${SL_TASKS_DIR}"/PHASE_*.MD; do
    if [[ -s ${file} ]]; then printf '%s\n' "${file}"; fi
  done
}

_rlms_context_changed() {
  local name
  [[ -f ${SL_CHANGED_FILE} ]] || return 0
  while IFS= read -r name; do
    if [[ -f ${SL_REPO}/${name} ]]; then printf '%s\n' "${SL_REPO}/${name}"; fi
  done <"${SL_CHANGED_FILE}"
}

_rlms_context_globs() {
  ((${#SL_RLMS_CONTEXT_INCLUDE[@]} > 0)) || return 0
  if git::is_repo; then
    comm -23 <(git::matching_files "${SL_RLMS_CONTEXT_INCLUDE[@]}" | sort) \
      <(git::matching_files ${SL_RLMS_CONTEXT_EXCLUDE[@]+"${SL_RLMS_CONTEXT_EXCLUDE[@]}"} | sort)
  else
    comm -23 <(_rlms_context_find "${SL_RLMS_CONTEXT_INCLUDE[@]}") \
      <(_rlms_context_find ${SL_RLMS_CONTEXT_EXCLUDE[@]+"${SL_RLMS_CONTEXT_EXCLUDE[@]}"})
  fi | while IFS= read -r name; do
    if [[ -f ${SL_REPO}/${name} ]]; then printf '%s\n' "${SL_REPO}/${name}"; fi
  done
}

# Outside git: find's own patterns, in which * crosses folders; hidden folders and node_modules are left out.
_rlms_context_find() {
  local glob
  (
    cd "${SL_REPO}" || exit
    for glob in ${@+"$@"}; do
      glob=${glob//\*\*\//\*}
      find . \( -name '.?*' -o -name node_modules \) -prune -o -type f -path "./${glob//\*\*/\*}" -print
    done
  ) | sed 's#^\./##' | sort -u
}

# Each path once, as many files and bytes as the configuration allows.
_rlms_context_limit() {
  awk -v files="${SL_RLMS_CONTEXT_MAX_FILES}" 'NF && !seen[$0]++ && ++count <= files' | _rlms_context_fit
}

_rlms_context_fit() {
  local list sizes path size total=0 left_out=0
  list=$(cat)
  [[ -n ${list} ]] || return 0
  sizes=$(tr '\n' '\0' <<<"${list}" | xargs -0 wc -c -- 2>/dev/null | awk '!(NF == 2 && $2 == "total") { print $1 }')
  while IFS= read -r path <&3 && IFS= read -r size <&4; do
    total=$((total + size))
    if ((total > SL_RLMS_CONTEXT_MAX_BYTES)); then
      left_out=$((left_out + 1))
      total=$((total - size))
    else
      printf '%s\n' "${path}"
    fi
  done 3<<<"${list}" 4<<<"${sizes}"
  ((left_out == 0)) || output::warn "${left_out} files are left out of the analysis: rlms.context.max_bytes is ${SL_RLMS_CONTEXT_MAX_BYTES}"
}
