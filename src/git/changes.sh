# What has changed, by role and by iteration. A scan is a line "# COMMIT", then a line "XY PRINT<tab>NAME" for each file that
# differs from it: git's two letters, a fingerprint that changes with the file ("-": deleted), and the name as git quotes it,
# seen from the repository's folder. So a name of any bytes fits on a line, and git reads it back.

# A new iteration: what differs by now is not its work, but for what came after the last one of the same run. One that was
# broken off goes on from where it began; its scans are files for that.
git::changes::begin() {
  GIT_CHANGED=null
  if [[ -e ${SL_GIT_BEFORE_FILE} ]]; then
    file::read_into GIT_BEFORE "${SL_GIT_BEFORE_FILE}"
  elif git::is_repo; then
    if [[ ${_GIT_CHANGES_LOOP-} == "${SL_ID}" ]]; then GIT_BEFORE=${GIT_LAST}; else git::changes::scan_into GIT_BEFORE; fi
    file::write "${SL_GIT_BEFORE_FILE}" "${GIT_BEFORE}"
  else
    git::tell_loss
  fi
  GIT_LAST=${GIT_BEFORE-}
  if [[ ${SL_ITERATION} == "${RESUME_ITERATION-}" && -s ${SL_GIT_LAST_FILE} ]]; then file::read_into GIT_LAST "${SL_GIT_LAST_FILE}"; fi
}

# The iteration's work is dealt with; the files of the list are committed as they stand in the last scan.
# git::changes::end COMMITTED
git::changes::end() {
  [[ -e ${SL_GIT_BEFORE_FILE} ]] || return 0
  git::changes::forget
  _GIT_CHANGES_LOOP=${SL_ID}
  if [[ -s $1 ]] && git::is_repo; then
    GIT_LAST=$(LC_ALL=C awk -F '\t' -v head="${GIT_HEAD}" '
      FILENAME == ARGV[1] { committed[$0]; next }
      /^#/ { print "# " head; next }
      !($2 in committed)' "$1" - <<<"${GIT_LAST}")
  fi
}

# Of an iteration that is dealt with.
git::changes::forget() {
  file::remove "${SL_GIT_BEFORE_FILE}" "${SL_GIT_LAST_FILE}"
}

# After a role: what it changed as ROLE.changed.txt. GIT_CHANGED is the number of files, null where git does not know.
# git::changes::note_role ROLE
git::changes::note_role() {
  local names before=${GIT_LAST-}
  GIT_CHANGED=null
  [[ -e ${SL_GIT_BEFORE_FILE} ]] && git::is_repo || return 0
  git::changes::scan_into GIT_LAST
  file::write "${SL_GIT_LAST_FILE}" "${GIT_LAST}"
  _git_changes_list "${before}" "${SL_LOG_DIR}/$1.changed.txt"
  # what is not committed yet, and what roles have committed
  names=${GIT_NAMES%$'\n'}
  if [[ -z ${names} || "${SL_ID} ${names}" == "${_GIT_NOTED-}" ]]; then return 0; fi
  _GIT_NOTED="${SL_ID} ${names}"
  if [[ -s ${SL_CHANGED_FILE} ]]; then names=$(LC_ALL=C sort -u "${SL_CHANGED_FILE}" - <<<"${names}"); fi
  file::write "${SL_CHANGED_FILE}" "${names}"
}

# After the last role: what the iteration changed as changed-files.txt, and GIT_CHANGED.
git::changes::note_iteration() {
  GIT_CHANGED=null
  [[ -e ${SL_GIT_BEFORE_FILE} ]] && git::is_repo || return 0
  git::changes::scan_into GIT_LAST
  _git_changes_list "${GIT_BEFORE}" "${SL_LOG_DIR}/changed-files.txt"
}

# A scan. GIT_NAMES are the files of it that are there, one a line; a name with a line end does not fit in. GIT_HEAD is known
# from git::is_repo.
# git::changes::scan_into VAR
git::changes::scan_into() {
  local LC_ALL=C _status _line _name _at _scan="# ${GIT_HEAD}"
  local -a lines=() names=() prints=()
  GIT_NAMES=""
  _status=$(_git_changes_status) || output::warn "git cannot tell what has changed in ${SL_REPO}"
  while IFS= read -r _line; do
    git::unquote_into _name "${_line:3}"
    if [[ -z ${_name} || ${_name} == */ ]]; then continue; fi        # nothing, or a repository of its own
    if [[ ${_line:3} != *\\* ]]; then _line=${_line:0:3}${_name}; fi # quoted for a space alone
    lines+=("${_line}") names+=("${_name}")
  done <<<"${_status}"
  _git_changes_read_prints ${names[@]+"${names[@]}"}
  for ((_at = 0; _at < ${#lines[@]}; _at++)); do
    _line=${lines[_at]}
    _scan+=$'\n'"${_line:0:2} ${prints[_at]}"$'\t'"${_line:3}"
    if [[ ${prints[_at]} != - ]]; then _git_changes_add_name "${names[_at]}"; fi
  done
  printf -v "$1" '%s' "${_scan}"
}

# Writes the names of what differs between a scan and the last one, and of what was committed in between.
# _git_changes_list SCAN FILE
_git_changes_list() {
  local committed="" line names
  GIT_CHANGED=0
  file::empty "$2"
  if [[ $1 == "${GIT_LAST}" ]]; then return 0; fi
  _git_changes_committed_into committed "$1"
  names=$({
    printf '%s' "${committed}"
    git::changes::differences "$1" "${GIT_LAST}"
  } | LC_ALL=C sort -u)
  [[ -n ${names} ]] || return 0
  file::write "$2" "${names}"
  while IFS= read -r line; do GIT_CHANGED=$((GIT_CHANGED + 1)); done <<<"${names}"
}

# The names of files whose fingerprints differ between two scans, one a line.
# git::changes::differences SCAN SCAN
git::changes::differences() {
  LC_ALL=C awk -F '\t' '
    /^#/ { next }
    { print_of = substr($1, 4) }
    FILENAME == ARGV[1] { before[$2] = print_of; next }
    !($2 in before) || before[$2] != print_of { print $2 }
    { delete before[$2] }
    END { for (name in before) print name }' <(printf '%s\n' "$1") <(printf '%s\n' "$2")
}

# What was committed since a scan, one name a line; those that are there are added to GIT_NAMES.
# _git_changes_committed_into VAR SCAN
_git_changes_committed_into() {
  local _since=${2%%$'\n'*} _name _names=""
  _since=${_since#'# '}
  [[ -n ${GIT_HEAD} && ${_since} != "${GIT_HEAD}" ]] || return 0
  _since=${_since:-$(git -C "${SL_REPO}" hash-object -t tree --stdin </dev/null)} # the tree without files
  _names=$(git -C "${SL_REPO}" -c core.quotePath=false diff --name-only --relative --no-renames "${_since}" "${GIT_HEAD}" \
    -- . "${_GIT_NOT_OURS[@]}" 2>/dev/null) || output::warn "git cannot tell what was committed in ${SL_REPO}: its commit ${_since:0:7} is gone"
  [[ -n ${_names} ]] || return 0
  printf -v "$1" '%s\n' "${_names}"
  while IFS= read -r _name; do
    git::unquote_into _name "${_name}"
    if [[ -e ${SL_REPO}/${_name} || -L ${SL_REPO}/${_name} ]]; then _git_changes_add_name "${_name}"; fi
  done <<<"${_names}"
}

_git_changes_add_name() {
  if [[ $1 != *$'\n'* ]]; then GIT_NAMES+=$1$'\n'; fi
}

_git_changes_status() {
  git -C "${SL_REPO}" --no-optional-locks -c core.quotePath=false -c color.status=never -c status.relativePaths=true \
    status --short --no-branch --no-renames --untracked-files=all --ignore-submodules=dirty -- . "${_GIT_NOT_OURS[@]}"
}

# Sets prints, of its caller, for the names given.
_git_changes_read_prints() {
  local name line at=0
  local -a there=() found=()
  for name in ${@+"$@"}; do
    if [[ -e ${SL_REPO}/${name} || -L ${SL_REPO}/${name} ]]; then there+=("${SL_REPO}/${name}"); fi
  done
  if [[ -z ${_GIT_STAT_FLAG-} ]]; then
    _GIT_STAT_FLAG=-f _GIT_STAT_FORMAT='%i:%z:%p:%Fm'
    if stat -c '%i' / >/dev/null 2>&1; then _GIT_STAT_FLAG=-c _GIT_STAT_FORMAT='%i:%s:%f:%y'; fi
  fi
  if ((${#there[@]} > 0)); then
    while IFS= read -r line; do found+=("${line}"); done < <(_git_changes_stat ${there[@]+"${there[@]}"})
    if ((${#found[@]} != ${#there[@]})); then # one went away meanwhile
      found=()
      for name in ${there[@]+"${there[@]}"}; do
        line=$(_git_changes_stat "${name}") || line=-
        found+=("${line}")
      done
    fi
  fi
  for name in ${@+"$@"}; do
    if [[ ${there[at]-} == "${SL_REPO}/${name}" ]]; then
      prints+=("${found[at]}")
      at=$((at + 1))
    else
      prints+=(-)
    fi
  done
}

# A line for each file: inode, size, mode and date, as far as the system has fractions of seconds.
_git_changes_stat() {
  if (($# <= 100)); then
    stat "${_GIT_STAT_FLAG}" "${_GIT_STAT_FORMAT}" -- "$@" 2>/dev/null
  else
    printf '%s\0' "$@" | xargs -0 stat "${_GIT_STAT_FLAG}" "${_GIT_STAT_FORMAT}" -- 2>/dev/null
  fi
}
