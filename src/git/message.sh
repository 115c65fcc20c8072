# The message of a commit: by the configuration's template, or written by a role's runner from the changes.

readonly _GIT_MESSAGE_DIFF_BYTES=60000

# Writes the message to FILE. The index holds what is to be committed.
# git::message::write FILE INDEX
git::message::write() {
  local subject="" body="" trailers
  if [[ ${SL_GIT_COMMIT_MESSAGE_AUTHORING} == llm ]]; then _git_message_ask "$2"; fi
  if [[ -z ${subject} ]]; then _git_message_by_template; fi
  printf -v trailers 'Superloop-Loop: %s\nSuperloop-Iteration: %s\nSuperloop-Run: %s' "${SL_ID}" "${SL_ITERATION}" "${SL_RUN_ID}"
  file::write "$1" "${subject}"$'\n\n'"${body:+${body}$'\n\n'}${trailers}"
}

_git_message_by_template() {
  local changed="${GIT_COMMIT_FILES} files changed"
  if ((GIT_COMMIT_FILES == 1)); then changed="1 file changed"; fi
  subject=${SL_GIT_COMMIT_MESSAGE_TEMPLATE}
  subject=${subject//\{loop_id\}/${SL_ID}}
  subject=${subject//\{run_id\}/${SL_RUN_ID}}
  subject=${subject//\{iteration\}/${SL_ITERATION}}
  subject=${subject//\{files\}/${GIT_COMMIT_FILES}}
  subject=${subject//\{changed\}/${changed}}
  subject=${subject//\{tests\}/${GATE_TESTS}}
}

# Sets subject and body, of its caller; a runner that fails or says nothing is told, and the template is used.
_git_message_ask() {
  local role=${SL_GIT_COMMIT_MESSAGE_AUTHOR_ROLE} prompt=${SL_PROMPTS_DIR}/commit-message.md
  local answer=${SL_MESSAGES_DIR}/commit-message.txt output=${SL_LOG_DIR}/commit-message.log started status=0
  file::write "${prompt}" "$(_git_message_prompt "$1")"
  file::remove "${answer}"
  clock::uptime_into started
  runner::run "${role}" "${prompt}" "${answer}" "${output}" "${output}.stderr" "${SL_GIT_COMMIT_MESSAGE_TIMEOUT_SECONDS}" || status=$?
  usage::note_turn "${role}" "${output}" "${output}.stderr" "${started}"
  if ((status != 0)); then
    output::warn "the ${role}'s runner wrote no commit message (see ${output}); the template is used"
    return 0
  fi
  runner::keep_answer "${output}" "${answer}"
  _git_message_read "${answer}"
  [[ -n ${subject} ]] || output::warn "the ${role}'s runner answered nothing for a commit message; the template is used"
}

# The first line that says something is the subject, what follows the body; fences around them are left out.
_git_message_read() {
  local line longest=${SL_GIT_COMMIT_MESSAGE_MAX_SUBJECT_LENGTH}
  while IFS= read -r line || [[ -n ${line} ]]; do
    line=${line%"${line##*[![:space:]]}"}
    if [[ ${line} == '```'* ]]; then continue; fi
    if [[ -n ${subject} ]]; then
      body+=${line}$'\n'
    else
      subject=${line#"${line%%[![:space:]]*}"}
    fi
  done <"$1"
  if ((${#subject} > longest)); then subject=${subject:0:longest-1}…; fi
  while [[ ${body} == $'\n'* ]]; do body=${body#?}; done
  while [[ ${body} == *$'\n' ]]; do body=${body%?}; done
}

_git_message_diff() {
  local index=$1
  shift
  GIT_INDEX_FILE=${index} git -C "${SL_REPO}" diff --cached --no-ext-diff --no-color ${@+"$@"}
}

_git_message_prompt() {
  local spec
  paths::spec_into spec
  cat <<EOF
Write the message of a git commit for the changes below, made in iteration ${SL_ITERATION} of the loop '${SL_ID}'.

- First line: what holds now, in at most ${SL_GIT_COMMIT_MESSAGE_MAX_SUBJECT_LENGTH} characters.
- Then, where it is needed: an empty line, and why, in a few lines.
- Answer with the message alone. Do not change files, do not run git.

Spec: ${spec}
Tests: ${GATE_TESTS}

EOF
  {
    _git_message_diff "$1" --stat
    printf '\n'
    _git_message_diff "$1"
  } 2>/dev/null | head -c "${_GIT_MESSAGE_DIFF_BYTES}" || : # git is cut off where the rest does not fit
}
