# What git knows of the repository; outside git every question has an empty answer.

# What loops leave behind is nobody's work.
readonly _GIT_NOT_OURS=(':(exclude).superloop/loops' ':(exclude).superloop/logs' ':(exclude).superloop/state.json')

# Before the first run of a repository that init has not set up: git is not to show what loops leave behind, nor this file.
git::ignore_records() {
  if [[ -d ${SL_HOME}/loops || -e ${SL_HOME}/.gitignore || -L ${SL_HOME}/.gitignore ]]; then return 0; fi
  file::write "${SL_HOME}/.gitignore" $'/loops/\n/logs/\n/state.json\n/.gitignore'
}

# Sets GIT_HEAD to the last commit, empty before the first one. Status 1 outside git.
git::is_repo() {
  local answer
  answer=$(git -C "${SL_REPO}" rev-parse --is-inside-work-tree HEAD 2>/dev/null) || : # no repository, or no commit
  GIT_HEAD=${answer#*$'\n'}
  if [[ ${GIT_HEAD} == HEAD ]]; then GIT_HEAD=""; fi
  [[ ${answer} == true$'\n'* ]]
}

# Says once what a run lacks where git does not know the repository.
git::tell_loss() {
  local lost="roles and analyses are not told which files have changed" why
  [[ -z ${_GIT_LOSS_TOLD-} ]] || return 0
  _GIT_LOSS_TOLD=true
  why=$(LC_ALL=C git -C "${SL_REPO}" rev-parse --is-inside-work-tree 2>&1) || : # that is what is told
  case ${why} in
    *"not a git repository"*) why="${SL_REPO} is in no git repository; run git init there" ;;
    *"command not found"*) why="git is not installed" ;;
    false) why="${SL_REPO} is no work tree of its git repository" ;;
    *) why=${why%%$'\n'*} ;;
  esac
  if [[ ${SL_GIT_COMMIT_STRATEGY} == never ]]; then
    output::info "Note: ${lost}: ${why}"
  else
    output::warn "no commits are made, and ${lost}: ${why}"
  fi
}

# Files that match any of the globs (** crosses folders), what git ignores left out. Names with a line end are left out: a list
# of lines can't hold them.
# git::matching_files [GLOB…]
git::matching_files() {
  local glob
  local -a patterns=()
  for glob in ${@+"$@"}; do patterns+=(":(glob)${glob}"); done
  ((${#patterns[@]} > 0)) || return 0
  git -C "${SL_REPO}" ls-files -z --cached --others --exclude-standard -- "${patterns[@]}" | _git_lines
}

# A name as git quotes it, as it is.
# git::unquote_into VAR NAME
git::unquote_into() {
  local _quoted=$2
  if [[ ${_quoted} == \"*\" ]]; then
    _quoted=${_quoted#\"}
    _quoted=${_quoted%\"}
    if [[ ${_quoted} == *\\* ]]; then
      # printf keeps the backslash of \", and reads \0NNN where git means \0NN
      _quoted=${_quoted//\\\\/\\134}
      _quoted=${_quoted//\\\"/\"}
      _quoted=${_quoted//\\0/\\00}
      printf -v _quoted '%b' "${_quoted}"
    fi
  fi
  printf -v "$1" '%s' "${_quoted}"
}

_git_lines() {
  local name
  while IFS= read -r -d '' name; do
    if [[ ${name} != *$'\n'* ]]; then printf '%s\n' "${name}"; fi
  done
}
