# Commits, one an iteration, of what the iteration changed. They are made in an index of their own: what the user has staged
# stays staged and uncommitted, and what was changed before and nobody touched stays as it is.

# For the commit with its hooks.
readonly _GIT_COMMIT_SECONDS=900

# Before the gates, so that they judge what is committed: the commands of the configuration, which may change files. Of an
# iteration that goes on the commit may have been made.
git::commit::prepare() {
  local command log=${SL_LOG_DIR}/pre-commit.log
  _GIT_COMMIT_STATE=none
  [[ ${SL_GIT_COMMIT_STRATEGY} == per_iteration && -e ${SL_GIT_BEFORE_FILE} ]] || return 0
  if [[ ${SL_ITERATION} == "${RESUME_ITERATION-}" ]] && _git_commit_is_made; then
    _GIT_COMMIT_STATE=made
    return
  fi
  _GIT_COMMIT_STATE=failed
  for command in ${SL_GIT_PRE_COMMIT_COMMANDS[@]+"${SL_GIT_PRE_COMMIT_COMMANDS[@]}"}; do
    progress::show "before the commit: ${command}"
    if process::run "${SL_GIT_PRE_COMMIT_TIMEOUT_SECONDS}" /dev/null "${log}" /dev/null _git_commit_command "${command}"; then continue; fi
    if [[ ${PROCESS_OVERDUE} == true ]]; then
      _git_commit_fail pre_commit_timed_out "the command before it was ended after ${SL_GIT_PRE_COMMIT_TIMEOUT_SECONDS}s: ${command}" "${log}"
    else
      _git_commit_fail pre_commit_command "the command before it failed: ${command}" "${log}"
    fi
    return
  done
  _GIT_COMMIT_STATE=due
}

# After the gates. A commit that fails is told; its work stays where it is and is part of the next one.
git::commit::iteration() {
  local names=${SL_LOG_DIR}/commit-files.txt
  git::changes::note_iteration
  case ${_GIT_COMMIT_STATE} in
    none) file::empty "${names}" ;;
    made) _git_commit_recognise "${names}" ;;
    due)
      file::empty "${names}"
      if ! _git_commit_attempt "${names}"; then _GIT_COMMIT_STATE=failed; fi
      ;;
    *) ;; # told
  esac
}

# The iteration's changes are dealt with, unless its commit failed.
git::commit::end() {
  if [[ ${_GIT_COMMIT_STATE} != failed ]]; then git::changes::end "${SL_LOG_DIR}/commit-files.txt"; fi
}

# Whether a commit of this iteration is among the last ones.
_git_commit_is_made() {
  local commit
  commit=$(git -C "${SL_REPO}" log -n 20 --format=%H --all-match --fixed-strings --grep="Superloop-Run: ${SL_RUN_ID}" --grep="Superloop-Iteration: ${SL_ITERATION}" 2>/dev/null) || return # there is none yet
  [[ -n ${commit} ]]
}

# A commit whose host ended before it noted it: what comes behind a commit is made up for.
_git_commit_recognise() {
  local before line
  [[ ${RESUME_COMMIT} != auto_commit_success ]] || return 0
  before=${GIT_BEFORE%%$'\n'*}
  if ! _git_commit_follow "${before#'# '}" 2>"${SL_LOG_DIR}/commit.log"; then _git_commit_warn_of_index; fi
  GIT_COMMIT_FILES=0
  while IFS= read -r line; do GIT_COMMIT_FILES=$((GIT_COMMIT_FILES + 1)); done <"$1"
  _git_commit_tell "${SL_LOG_DIR}/commit-message.txt"
  file::remove "${SL_LOOP_DIR}/commit.index"
}

_git_commit_command() {
  cd "${SL_REPO}" && process::become bash -lc "$1" 2>&1
}

# _git_commit_attempt NAMES_FILE
_git_commit_attempt() {
  local names=$1 log=${SL_LOG_DIR}/commit.log message=${SL_LOG_DIR}/commit-message.txt
  local index=${SL_LOOP_DIR}/commit.index directory head unfinished
  if ! directory=$(git -C "${SL_REPO}" rev-parse --absolute-git-dir 2>"${log}"); then
    _git_commit_fail no_repository "git knows no repository here any more" "${log}"
    return 1
  fi
  head=$(git -C "${SL_REPO}" rev-parse --quiet --verify HEAD) || head="" # there is no commit yet
  for unfinished in MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD rebase-merge rebase-apply; do
    if [[ -e ${directory}/${unfinished} ]]; then
      _git_commit_fail unfinished "git is in the middle of something else (${unfinished})"
      return 1
    fi
  done
  _git_commit_select "${names}"
  if [[ ! -s ${names} ]]; then
    _git_commit_skip
  elif ! _git_commit_fill "${index}" "${directory}/index" "${head}" "${names}" 2>"${log}"; then
    _git_commit_fail index "git cannot take in the changes" "${log}"
    return 1
  elif [[ -n ${head} ]] && GIT_INDEX_FILE=${index} git -C "${SL_REPO}" diff-index --cached --quiet HEAD --; then
    _git_commit_skip
  else
    git::message::write "${message}" "${index}"
    if [[ ${SL_GIT_COMMIT_MESSAGE_AUTHORING} == llm ]] && ! _git_commit_catch_up 2>"${log}"; then
      _git_commit_fail index "git cannot take in the changes" "${log}"
      return 1
    fi
    if ! process::run "${_GIT_COMMIT_SECONDS}" /dev/null "${log}" /dev/null _git_commit_make "${index}" "${message}"; then
      _git_commit_fail commit "git or one of its hooks refused it" "${log}"
      return 1
    fi
    if ! _git_commit_follow "${head}" 2>"${log}"; then _git_commit_warn_of_index; fi
    _git_commit_tell "${message}"
  fi
  file::remove "${index}"
}

# Names what is to be committed: what changed since the iteration began, but for files that the user had staged by then.
# GIT_COMMIT_FILES is their number.
_git_commit_select() {
  local names=$1 staged line
  GIT_COMMIT_FILES=0
  staged=$(LC_ALL=C NAMES=${names} awk -F '\t' '
    /^#/ { next }
    { print_of = substr($1, 4) }
    FILENAME == ARGV[1] { before[$2] = print_of; staged[$2] = $1 !~ /^[ ?]/; next }
    $2 in before && before[$2] == print_of { next }
    staged[$2] { print $2; next }
    { print $2 > ENVIRON["NAMES"] }' "${SL_GIT_BEFORE_FILE}" - <<<"${GIT_LAST}")
  staged=${staged//$'\n'/, }
  if [[ -n ${staged} ]]; then output::warn "left out of the commit, because you had staged them before: ${staged}"; fi
  while IFS= read -r line; do GIT_COMMIT_FILES=$((GIT_COMMIT_FILES + 1)); done <"${names}"
}

# The last commit and the changes. The user's index is copied first, for what it knows of the other files; it keeps its date,
# by which git sees that a file may have changed since in the same second.
_git_commit_fill() {
  local index=$1 users=$2 head=$3 names=$4
  rm -f "${index}" "${index}.lock"
  if [[ -f ${users} ]]; then cp -p "${users}" "${index}" || return; fi
  if [[ -n ${head} ]]; then
    GIT_INDEX_FILE=${index} git -C "${SL_REPO}" read-tree --reset "${head}" || return
  else
    GIT_INDEX_FILE=${index} git -C "${SL_REPO}" read-tree --empty || return
  fi
  GIT_INDEX_FILE=${index} git -C "${SL_REPO}" update-index --add --remove --replace --stdin <"${names}"
}

# Whoever wrote the message took a while, in which others may have committed: that is not to be taken back. Reads the locals of
# _git_commit_attempt.
_git_commit_catch_up() {
  local now
  now=$(git -C "${SL_REPO}" rev-parse --quiet --verify HEAD) || now="" # there is no commit yet
  [[ ${now} != "${head}" ]] || return 0
  head=${now}
  _git_commit_fill "${index}" "${directory}/index" "${head}" "${names}"
}

_git_commit_make() {
  export GIT_INDEX_FILE=$1 GIT_EDITOR=: GIT_TERMINAL_PROMPT=0
  process::become git -C "${SL_REPO}" -c gc.auto=0 -c maintenance.auto=false commit --quiet --cleanup=whitespace --file="$2" 2>&1
}

# The user's index gets what was committed, but for what the user has staged.
_git_commit_follow() {
  local before=$1 committed
  before=${before:-$(git -C "${SL_REPO}" hash-object -t tree --stdin </dev/null)} || return
  committed=$(git -C "${SL_REPO}" -c core.quotePath=false diff-tree -r --no-renames --name-only --relative "${before}" HEAD) || return
  committed=$(LC_ALL=C awk -F '\t' '
    FILENAME == ARGV[1] { staged[$2] = $1 !~ /^[ ?#]/; next }
    !staged[$0]' "${SL_GIT_BEFORE_FILE}" - <<<"${committed}")
  [[ -n ${committed} ]] || return 0
  git -C "${SL_REPO}" --literal-pathspecs reset --quiet --pathspec-from-file=- <<<"${committed}"
}

_git_commit_warn_of_index() {
  output::warn "the commit is made, but git's index does not know of it yet: run git reset in ${SL_REPO}"
}

_git_commit_tell() {
  local commit subject data
  commit=$(git -C "${SL_REPO}" rev-parse --short HEAD)
  read -r subject <"$1" || : # its last line may lack its end
  json::object_into data sha= "${commit}" message= "${subject}" strategy= "${SL_GIT_COMMIT_STRATEGY}" files: "${GIT_COMMIT_FILES}"
  events::log auto_commit_success "" ok "" "${data}"
  output::info "Committed ${commit}: ${subject}"
}

_git_commit_skip() {
  events::log auto_commit_skipped "" "" "" '{"reason":"no_changes"}'
}

# _git_commit_fail REASON MESSAGE [LOG]
_git_commit_fail() {
  local data error="" log=${3-}
  if [[ -n ${log} ]]; then error=$(tail -n 20 "${log}"); fi
  json::object_into data reason= "$1" error= "${error:-$2}" strategy= "${SL_GIT_COMMIT_STRATEGY}" log_file? "${log}"
  events::log auto_commit_failed "" failed "$2" "${data}"
  output::warn "nothing is committed: $2${log:+ (see ${log})}; the work stays as it is, and is part of the next commit"
  if [[ -n ${error} ]]; then printf '%s\n' "${error}" >&2; fi
}
