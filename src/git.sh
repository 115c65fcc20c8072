# What git knows of the repository; outside git every question has an empty answer.

# What loops leave behind is nobody's work.
readonly _GIT_NOT_OURS=(':(exclude).superloop/loops' ':(exclude).superloop/logs' ':(exclude).superloop/state.json')

# Sets GIT_HEAD to the last commit, empty before the first one. Status 1 outside git.
git::is_repo() {
  local answer
  answer=$(git -C "${SL_REPO}" rev-parse --is-inside-work-tree HEAD 2>/dev/null) || : # no repository, or no commit
  GIT_HEAD=${answer#*$'\n'}
  if [[ ${GIT_HEAD} == HEAD ]]; then GIT_HEAD=""; fi
  [[ ${answer} == true$'\n'* ]]
}

# Files that differ from the last commit, or since another one, one a line, the loop's own files left out. Names with a
# line end are left out: a list of lines can't hold them.
# git::changed_files [SINCE]
git::changed_files() {
  {
    git -C "${SL_REPO}" ls-files -z --modified --others --exclude-standard -- . "${_GIT_NOT_OURS[@]}"
    git -C "${SL_REPO}" diff -z --name-only --cached --relative --diff-filter=d -- . "${_GIT_NOT_OURS[@]}"
    if [[ -n ${1-} ]]; then
      git -C "${SL_REPO}" diff -z --name-only --relative --diff-filter=d "$1" HEAD -- . "${_GIT_NOT_OURS[@]}"
    fi
  } | _git_lines | LC_ALL=C sort -u
}

# Files that match any of the globs (** crosses folders), what git ignores left out.
# git::matching_files [GLOB…]
git::matching_files() {
  local glob
  local -a patterns=()
  for glob in ${@+"$@"}; do patterns+=(":(glob)${glob}"); done
  ((${#patterns[@]} > 0)) || return 0
  git -C "${SL_REPO}" ls-files -z --cached --others --exclude-standard -- "${patterns[@]}" | _git_lines
}

_git_lines() {
  local name
  while IFS= read -r -d '' name; do
    if [[ ${name} != *$'\n'* ]]; then printf '%s\n' "${name}"; fi
  done
}

# Begins the loop's list of changed files: what roles commit from now on has changed as well.
git::begin_noting() {
  rm -f "${SL_CHANGED_FILE}"
  git::is_repo || return 0
  _GIT_BASE=${GIT_HEAD:-$(git -C "${SL_REPO}" hash-object -t tree /dev/null)} # the tree without files
}

# Adds what has changed to the loop's list of changed files.
git::note_changes() {
  local changed since=""
  git::is_repo || return 0
  if [[ -n ${GIT_HEAD} && ${GIT_HEAD} != "${_GIT_BASE-${GIT_HEAD}}" ]]; then since=${_GIT_BASE}; fi
  changed=$(git::changed_files "${since}") || output::warn "git cannot tell what has changed"
  [[ -n ${changed} ]] || return 0
  if [[ -s ${SL_CHANGED_FILE} ]]; then changed=$(LC_ALL=C sort -u "${SL_CHANGED_FILE}" - <<<"${changed}"); fi
  file::write "${SL_CHANGED_FILE}" "${changed}"
}
