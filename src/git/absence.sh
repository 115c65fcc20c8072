# What changed while no run was there, from the end of one to the next that goes on with its work: the user's, and no part of
# an iteration. What did not change after the run's last sign of life is its own, such as the work of a role that was killed.

# Of work that is not dealt with yet: leaves what changed since out of its scans. GIT_ABSENCE_NAMES are those files, one a
# line, as git quotes them; GIT_ABSENCE_MOVE tells from which commit to which git's HEAD was moved. Before anything of this
# run is written down: its files tell when the earlier one was alive.
git::absence::settle() {
  local last before now
  local -a signs=()
  GIT_ABSENCE_NAMES="" GIT_ABSENCE_MOVE=""
  [[ -e ${SL_GIT_BEFORE_FILE} ]] || return 0
  if ! git::is_repo; then
    git::changes::forget # there is none any more
    return
  fi
  if [[ ${STRAYS_FOUND} == true ]]; then return 0; fi # it was alive until now
  file::read_into before "${SL_GIT_BEFORE_FILE}"
  last=${before}
  if [[ -s ${SL_GIT_LAST_FILE} ]]; then file::read_into last "${SL_GIT_LAST_FILE}"; fi
  git::changes::scan_into now
  if [[ ${now} == "${last}" ]]; then return 0; fi
  _git_absence_read_signs
  if ((${#signs[@]} == 0)); then return 0; fi # it left nothing that tells
  _git_absence_judge_head "${last%%$'\n'*}"
  _git_absence_find "${last}" "${now}"
  if [[ -z ${GIT_ABSENCE_NAMES}${GIT_ABSENCE_MOVE} ]]; then return 0; fi
  _git_absence_write "${SL_GIT_BEFORE_FILE}" "${before}" "${now}"
  if [[ ${last} != "${before}" ]]; then _git_absence_write "${SL_GIT_LAST_FILE}" "${last}" "${now}"; fi
}

# For people, who may have meant it for the loop.
git::absence::tell() {
  local name shown="" count=0
  if [[ -n ${GIT_ABSENCE_MOVE} ]]; then output::info "  git's HEAD was moved since, ${GIT_ABSENCE_MOVE}"; fi
  [[ -n ${GIT_ABSENCE_NAMES} ]] || return 0
  while IFS= read -r name; do
    count=$((count + 1))
    if ((count <= 10)); then shown+=", ${name}"; fi
  done <<<"${GIT_ABSENCE_NAMES}"
  if ((count > 10)); then shown+=" and $((count - 10)) more"; fi
  output::info "  changed since by you, and left out of the iteration until a role changes it: ${shown#, }"
}

# Sets signs, of its caller: files that were written while the run was alive, for find to compare with.
_git_absence_read_signs() {
  local file
  for file in "${SL_EVENTS_FILE}" "${SL_TEST_OUTPUT_FILE}" "${SL_LOOP_DIR}/logs/iter-${RESUME_ITERATION:-0}"/*; do
    if [[ -e ${file} ]]; then signs+=(-cnewer "${file}"); fi
  done
}

# Sets GIT_ABSENCE_MOVE when it was not the run that moved HEAD: git writes moves and other branches down.
# _git_absence_judge_head HEADER_OF_LAST_SCAN
_git_absence_judge_head() {
  local from=${1#'# '} file moved=""
  [[ ${from} != "${GIT_HEAD}" ]] || return 0
  while IFS= read -r file; do
    [[ ${file} == /* ]] || file=${SL_REPO}/${file}
    if [[ -e ${file} ]]; then moved+=$(find "${file}" ${signs[@]+"${signs[@]}"} -print); fi
  done < <(git -C "${SL_REPO}" rev-parse --git-path logs/HEAD --git-path HEAD)
  [[ -n ${moved} ]] || return 0
  GIT_ABSENCE_MOVE="from ${from:0:7} to ${GIT_HEAD:0:7}"
  if [[ -z ${from} ]]; then GIT_ABSENCE_MOVE="to ${GIT_HEAD:0:7}"; fi
  if [[ -z ${GIT_HEAD} ]]; then GIT_ABSENCE_MOVE="to a branch without commits"; fi
}

# Adds to GIT_ABSENCE_NAMES what differs between two scans and is not the run's. Of a file that is gone its folder tells.
# _git_absence_find LAST NOW
# shellcheck disable=SC2016 # a script for another shell
_git_absence_find() {
  local name path own at=0
  local -a names=() paths=() test=(! \( ${signs[@]+"${signs[@]}"} \))
  # with another HEAD files differ that nobody touched
  if [[ -n ${GIT_ABSENCE_MOVE} ]]; then test=(-cnewer "$(_git_absence_last_file)" ${test[@]+"${test[@]}"}); fi
  while IFS= read -r name; do
    names+=("${name}")
    git::unquote_into path "${name}"
    path=${SL_REPO}/${path}
    while [[ ! -e ${path} && ! -L ${path} ]]; do path=${path%/*}; done
    paths+=("${path}")
  done < <(git::changes::differences "$1" "$2")
  ((${#names[@]} > 0)) || return 0
  while IFS= read -r -d '' own; do
    while [[ ${paths[at]} != "${own}" ]]; do
      GIT_ABSENCE_NAMES+=$'\n'${names[at]}
      at=$((at + 1))
    done
    at=$((at + 1))
  done < <(printf '%s\0' ${paths[@]+"${paths[@]}"} | SUPERLOOP_TESTS=${#test[@]} xargs -0 bash -c '
    tests=("${@:1:SUPERLOOP_TESTS}")
    shift "${SUPERLOOP_TESTS}"
    find "$@" -prune ${tests[@]+"${tests[@]}"} -print0' - ${test[@]+"${test[@]}"})
  for (( ; at < ${#names[@]}; at++)); do GIT_ABSENCE_NAMES+=$'\n'${names[at]}; done
  GIT_ABSENCE_NAMES=${GIT_ABSENCE_NAMES#$'\n'}
}

_git_absence_last_file() {
  if [[ -s ${SL_GIT_LAST_FILE} ]]; then printf '%s' "${SL_GIT_LAST_FILE}"; else printf '%s' "${SL_GIT_BEFORE_FILE}"; fi
}

# A scan in which the files of GIT_ABSENCE_NAMES stand as they are now.
# _git_absence_write FILE SCAN NOW
_git_absence_write() {
  local scan header=${2%%$'\n'*}
  if [[ -n ${GIT_ABSENCE_MOVE} ]]; then header="# ${GIT_HEAD}"; fi
  scan=$(LC_ALL=C HEADER=${header} awk -F '\t' '
    BEGIN { print ENVIRON["HEADER"] }
    FILENAME == ARGV[1] { theirs[$0]; next }
    /^#/ { next }
    FILENAME == ARGV[2] ? !($2 in theirs) : $2 in theirs' <(printf '%s\n' "${GIT_ABSENCE_NAMES}") <(printf '%s\n' "$2") <(printf '%s\n' "$3"))
  file::write "$1" "${scan}"
}
