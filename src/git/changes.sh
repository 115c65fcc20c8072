# What has changed, by role and by iteration. A scan is a line "# COMMIT", then a line "XY PRINT<tab>NAME" for each file that
# differs from it: git's two letters, a fingerprint that changes with the file ("-": deleted), and the name as git quotes it,
# seen from the repository's folder. So a name of any bytes fits on a line, and git reads it back.

# A new iteration: what differs by now is not its work, but for what came after the last one of the same run. One that was
# broken off goes on from where it began.
git::changes::begin() {
  GIT_CHANGED=null
  if [[ ! -e ${SL_GIT_BEFORE_FILE} ]]; then
    if [[ ${_GIT_CHANGES_LOOP-} == "${SL_ID}" && -e ${SL_GIT_LAST_FILE} ]]; then
      mv -f "${SL_GIT_LAST_FILE}" "${SL_GIT_BEFORE_FILE}"
    elif git::is_repo; then
      git::changes::scan "${SL_GIT_BEFORE_FILE}"
    else
      git::tell_loss
    fi
  fi
  rm -f "${SL_GIT_LAST_FILE}"
}

# The iteration's work is dealt with; the files of the list are committed as they stand in the last scan.
# git::changes::end [COMMITTED]
git::changes::end() {
  local committed=${1-} left
  rm -f "${SL_GIT_BEFORE_FILE}"
  _GIT_CHANGES_LOOP=${SL_ID}
  if [[ -s ${committed} ]] && git::is_repo; then
    left=$(LC_ALL=C awk -F '\t' -v head="${GIT_HEAD}" 'FILENAME == ARGV[1] { committed[$0]; next }
      /^#/ { print "# " head; next }
      !($2 in committed)' "${committed}" "${SL_GIT_LAST_FILE}")
    file::write "${SL_GIT_LAST_FILE}" "${left}"
  fi
}

# After a role: what it changed as ROLE.changed.txt. GIT_CHANGED is the number of files, null where git does not know.
# git::changes::note_role ROLE
git::changes::note_role() {
  local before=${SL_GIT_LAST_FILE}
  [[ -e ${before} ]] || before=${SL_GIT_BEFORE_FILE}
  _git_changes_note "${before}" "${SL_LOG_DIR}/$1.changed.txt"
  [[ -n ${GIT_NAMES-} ]] || return 0
  if [[ -s ${SL_CHANGED_FILE} ]]; then GIT_NAMES=$(LC_ALL=C sort -u "${SL_CHANGED_FILE}" - <<<"${GIT_NAMES%$'\n'}"); fi
  file::write "${SL_CHANGED_FILE}" "${GIT_NAMES%$'\n'}"
}

# After the last role: what the iteration changed as changed-files.txt, and GIT_CHANGED.
git::changes::note_iteration() {
  _git_changes_note "${SL_GIT_BEFORE_FILE}" "${SL_LOG_DIR}/changed-files.txt"
}

# Writes a scan to FILE. GIT_NAMES are the files of it that are there, one a line; a name with a line end does not fit in.
# GIT_HEAD is known from git::is_repo.
# git::changes::scan FILE
git::changes::scan() {
  local LC_ALL=C line name at
  local -a lines=() names=() prints=()
  GIT_NAMES=""
  if ! _git_changes_status >"$1"; then output::warn "git cannot tell what has changed in ${SL_REPO}"; fi
  while IFS= read -r line; do
    git::unquote_into name "${line:3}"
    [[ ${name} != */ ]] || continue                              # a repository of its own
    if [[ ${line:3} != *\\* ]]; then line=${line:0:3}${name}; fi # quoted for a space alone
    lines+=("${line}") names+=("${name}")
  done <"$1"
  _git_changes_read_prints ${names[@]+"${names[@]}"}
  printf '# %s\n' "${GIT_HEAD}" >"$1"
  for ((at = 0; at < ${#lines[@]}; at++)); do
    line=${lines[at]}
    printf '%s %s\t%s\n' "${line:0:2}" "${prints[at]}" "${line:3}"
    if [[ ${prints[at]} != - ]]; then _git_changes_add_name "${names[at]}"; fi
  done >>"$1"
}

_git_changes_add_name() {
  if [[ $1 != *$'\n'* ]]; then GIT_NAMES+=$1$'\n'; fi
}

# The names of what differs between two scans; what was committed in between is not among them.
# git::changes::between BEFORE NOW
git::changes::between() {
  LC_ALL=C awk -F '\t' '
    /^#/ { next }
    { print_of = substr($1, 4) }
    FILENAME == ARGV[1] { before[$2] = print_of; next }
    !($2 in before) || before[$2] != print_of { print $2 }
    { delete before[$2]; now[$2] }
    END { for (name in before) print name }' "$1" "$2"
}

_git_changes_note() {
  local before=$1 list=$2 now=${SL_GIT_LAST_FILE} line committed=""
  GIT_CHANGED=null GIT_NAMES=""
  [[ -e ${before} ]] && git::is_repo || return 0
  git::changes::scan "${now}.new"
  _git_changes_committed_into committed "${before}"
  { printf '%s' "${committed}" && git::changes::between "${before}" "${now}.new"; } | LC_ALL=C sort -u >"${list}"
  mv -f "${now}.new" "${now}"
  GIT_CHANGED=0
  while IFS= read -r line; do GIT_CHANGED=$((GIT_CHANGED + 1)); done <"${list}"
}

# What was committed since a scan, one name a line; those that are there are added to GIT_NAMES.
# _git_changes_committed_into VAR SCAN
_git_changes_committed_into() {
  local _since _name _names=""
  read -r _ _since <"$2" || : # there may be no commit
  [[ -n ${GIT_HEAD} && ${_since} != "${GIT_HEAD}" ]] || return 0
  _since=${_since:-$(git -C "${SL_REPO}" hash-object -t tree --stdin </dev/null)} # the tree without files
  _names=$(git -C "${SL_REPO}" -c core.quotePath=false diff --name-only --relative --no-renames "${_since}" "${GIT_HEAD}" \
    -- . "${_GIT_NOT_OURS[@]}") || output::warn "git cannot tell what was committed in ${SL_REPO}"
  [[ -n ${_names} ]] || return 0
  printf -v "$1" '%s\n' "${_names}"
  while IFS= read -r _name; do
    git::unquote_into _name "${_name}"
    if [[ -e ${SL_REPO}/${_name} || -L ${SL_REPO}/${_name} ]]; then _git_changes_add_name "${_name}"; fi
  done <<<"${_names}"
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
    if [[ -e ${SL_REPO}/${name} || -L ${SL_REPO}/${name} ]]; then there+=("${name}"); fi
  done
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
    if [[ ${there[at]-} == "${name}" ]]; then
      prints+=("${found[at]}")
      at=$((at + 1))
    else
      prints+=(-)
    fi
  done
}

# A line for each file: inode, size, mode and date, as far as the system has fractions of seconds.
_git_changes_stat() {
  if [[ -z ${_GIT_STAT_FLAG-} ]]; then
    _GIT_STAT_FLAG=-f _GIT_STAT_FORMAT='%i:%z:%p:%Fm'
    if stat -c '%i' / >/dev/null 2>&1; then _GIT_STAT_FLAG=-c _GIT_STAT_FORMAT='%i:%s:%f:%y'; fi
  fi
  (cd "${SL_REPO}" && printf '%s\0' "$@" | xargs -0 stat "${_GIT_STAT_FLAG}" "${_GIT_STAT_FORMAT}" -- 2>/dev/null)
}
