# A role's runner: the program and flags that answer its prompt.

# Sets RUNNER_COMMAND, RUNNER_ARGS (model and thinking flags first, placeholders not replaced) and RUNNER_PROMPT_MODE.
# runner::read ROLE
runner::read() {
  local command="SL_ROLE_$1_COMMAND[@]" args="SL_ROLE_$1_ARGS[@]" fast_args="SL_ROLE_$1_FAST_ARGS[@]"
  local model=SL_ROLE_$1_MODEL thinking=SL_ROLE_$1_THINKING prompt_mode=SL_ROLE_$1_PROMPT_MODE
  RUNNER_COMMAND=(${!command+"${!command}"})
  if ((${#RUNNER_COMMAND[@]} == 0)); then
    failure::raise ROLES_CONFIG_INVALID "no runner is configured for the $1" "Name one in loops[].roles.$1.runner." 2
  fi
  RUNNER_ARGS=(${!args+"${!args}"})
  if [[ ${SL_FLAG_FAST-} == true && -n ${!fast_args+set} ]]; then RUNNER_ARGS=("${!fast_args}"); fi
  RUNNER_MODEL=${!model} RUNNER_THINKING=${!thinking} RUNNER_PROMPT_MODE=${!prompt_mode}
  if [[ -n ${RUNNER_MODEL} ]]; then
    RUNNER_ARGS=(--model "${RUNNER_MODEL}" ${RUNNER_ARGS[@]+"${RUNNER_ARGS[@]}"})
  fi
  if [[ ${RUNNER_COMMAND[0]##*/} == codex* ]]; then
    _runner_codex_effort "${RUNNER_THINKING}"
    if [[ -n ${REPLY} ]]; then
      RUNNER_ARGS=(-c "model_reasoning_effort=\"${REPLY}\"" ${RUNNER_ARGS[@]+"${RUNNER_ARGS[@]}"})
    fi
  fi
}

# Sets RUNNER_ARGV: the program and its arguments, placeholders replaced.
# runner::fill_in ROLE PROMPT_FILE LAST_MESSAGE_FILE
runner::fill_in() {
  local word
  runner::read "$1"
  RUNNER_ARGV=()
  for word in "${RUNNER_COMMAND[@]}" ${RUNNER_ARGS[@]+"${RUNNER_ARGS[@]}"}; do
    _runner_fill "${word}" "$2" "$3"
    RUNNER_ARGV+=("${REPLY}")
  done
}

# Plays a role: runs its prompt, again after each rate limit that can be waited for. Sets RUNNER_STATUS, 124 when its time
# was over.
# runner::play ROLE PROMPT_FILE LAST_MESSAGE_FILE STDOUT_FILE STDERR_FILE SECONDS
runner::play() {
  local role=$1 prompt=$2 message=$3 output=$4 errors=$5 limits=$6 started ended span
  if [[ ${SL_TIMEOUTS_ENABLED} == true ]]; then limits+=,${SL_TIMEOUTS_INACTIVITY}; fi
  rate_limit::forget
  rate_limit::take_up "${role}"
  progress::begin "${role}: running"
  while :; do
    RUNNER_STATUS=0
    clock::uptime_into started
    runner::run "${role}" "${prompt}" "${message}" "${output}" "${errors}" "${limits}" || RUNNER_STATUS=$?
    usage::note_turn "${role}" "${output}" "${errors}" "${started}"
    runner::read_turn "${RUNNER_STATUS}" "${output}" "${errors}" "${message}"
    if [[ -z ${RUNNER_LIMIT} ]]; then break; fi
    file::remove "${message}" "${output%.log}.exit" # nothing was answered
    rate_limit::await "${role}"
    progress::show "${role}: running"
  done
  clock::uptime_into ended
  clock::span_into span "$((ended - started))"
  if ((RUNNER_STATUS == 0)); then output::info "  ${role}: done after ${span}"; fi
}

# Runs the prompt; its status, 124 when the role's time was over.
# runner::run ROLE PROMPT_FILE LAST_MESSAGE_FILE STDOUT_FILE STDERR_FILE SECONDS[,IDLE]
runner::run() {
  local role=$1 prompt=$2 message=$3 output=$4 errors=$5 seconds=$6 input=/dev/null status=0
  runner::fill_in "${role}" "${prompt}" "${message}"
  _runner_name_session
  if [[ ${RUNNER_PROMPT_MODE} == stdin ]]; then input=${prompt}; fi
  runner::set_thinking "${role}"
  PROCESS_STATUS_FILE=${output%.log}.exit
  process::run "${seconds}" "${input}" "${output}" "${errors}" _runner_in_repo "${RUNNER_ARGV[@]}" || status=$?
  runner::unset_thinking
  return "${status}"
}

# A runner that writes no last message says it on standard output: as it stands, or in the JSON of an agent program.
# runner::keep_answer STDOUT_FILE LAST_MESSAGE_FILE
runner::keep_answer() {
  if [[ -s $2 || ! -f $1 ]]; then return 0; fi
  if _runner_is_json "$1"; then config::worker host-usage turn --file "$1" --message "$2" >/dev/null || :; fi # then as it stands
  if [[ ! -s $2 ]]; then file::copy "$1" "$2"; fi
}

# Keeps the answer as runner::keep_answer does. Sets RUNNER_LIMIT to what the runner said when its provider let it do no
# more, else empty, and RUNNER_LIMIT_RESET to the second of the epoch at which that ends, if it told one.
# runner::read_turn STATUS STDOUT_FILE STDERR_FILE LAST_MESSAGE_FILE
runner::read_turn() {
  local status=$1 output=$2 errors=$3 message=$4 told=""
  RUNNER_LIMIT="" RUNNER_LIMIT_RESET=""
  if [[ -f ${output} && ! -s ${message} ]] && ! _runner_is_json "${output}"; then file::copy "${output}" "${message}"; fi
  if [[ ${PROCESS_OVERDUE} != true && (-s ${output} || -s ${errors} || -s ${message}) ]] \
    && { ((status != 0)) || [[ ! -s ${message} ]] || _runner_may_be_notice "${message}"; }; then
    told=$(config::worker host-usage turn --file "${output}" --errors "${errors}" --message "${message}" --status "${status}") \
      || told="" # then it is a turn like any other
  fi
  runner::keep_answer "${output}" "${message}"
  if [[ -n ${told} ]]; then RUNNER_LIMIT_RESET=${told%%$'\n'*} RUNNER_LIMIT=${told#*$'\n'}; fi
}

_runner_is_json() {
  local first=""
  IFS= read -r -n 1 first <"$1" || : # it may be empty
  [[ ${first} == [\{\[] ]]
}

# Whether a whole answer might be the notice of a rate limit; no process is started for any other.
_runner_may_be_notice() {
  local text=""
  IFS= read -r -d '' -n 401 text <"$1" || : # it ends before that
  ((${#text} <= 400)) && [[ ${text} == *[Ll]imit* || ${text} == *429* || ${text} == *[Qq]uota* || ${text} == *[Tt]oo\ many* || ${text} == *xhausted* ]]
}

# Ends the run unless the program of each role is there.
runner::require_programs() {
  local role program
  for role in "${SL_ROLES[@]}"; do
    runner::fill_in "${role}" "" ""
    program=${RUNNER_ARGV[0]}
    runner::is_installed "${program}" || failure::raise PROGRAM_MISSING \
      "there is no program '${program}', which the ${role} runs" "Install it, or correct the command of its runner." 2
  done
}

# Whether a program can be started in the repository.
# runner::is_installed PROGRAM
runner::is_installed() {
  case $1 in
    /*) [[ -x $1 && ! -d $1 ]] ;;
    */*) [[ -x ${SL_REPO}/$1 && ! -d ${SL_REPO}/$1 ]] ;;
    *) type -P "$1" >/dev/null ;;
  esac
}

# Ends the run for a role that took too long.
# runner::fail_overdue ROLE SECONDS
runner::fail_overdue() {
  local role=$1 data next
  ending::next_into next
  if [[ ${PROCESS_IDLE} == true ]]; then
    json::object_into data role= "${role}" reason= inactivity inactivity_seconds: "${SL_TIMEOUTS_INACTIVITY}"
    events::log role_timeout "${role}" timeout "" "${data}"
    ending::stop role_inactive "${role}"
    failure::raise ROLE_INACTIVE "role '${role}' printed nothing for ${SL_TIMEOUTS_INACTIVITY}s and was ended" \
      "Read ${SL_LOG_DIR}/${role}.log; raise loops[].timeouts.inactivity if its program is silent while it works. ${next}"
  fi
  json::object_into data role= "${role}" reason= timeout timeout_seconds: "$2"
  events::log role_timeout "${role}" timeout "" "${data}"
  ending::stop role_timeout "${role}"
  failure::raise ROLE_TIMED_OUT "role '${role}' timed out after $2s" "Raise loops[].timeouts.${role}, or give it less to do. ${next}"
}

# Claude reads its thinking budget from the environment.
# runner::set_thinking ROLE
runner::set_thinking() {
  local tokens=""
  runner::read "$1"
  [[ ${RUNNER_COMMAND[0]##*/} == claude* ]] || return 0
  case ${RUNNER_THINKING} in
    none) tokens=0 ;;
    minimal) tokens=1024 ;;
    low) tokens=4096 ;;
    standard) tokens=10000 ;;
    high) tokens=20000 ;;
    max) tokens=32000 ;;
    *) return 0 ;;
  esac
  _runner_thinking_before=${MAX_THINKING_TOKENS-}
  export MAX_THINKING_TOKENS=${tokens}
}

runner::unset_thinking() {
  [[ -n ${_runner_thinking_before+set} ]] || return 0
  if [[ -n ${_runner_thinking_before} ]]; then
    export MAX_THINKING_TOKENS=${_runner_thinking_before}
  else
    unset MAX_THINKING_TOKENS
  fi
  unset _runner_thinking_before
}

# Sets REPLY to a word with its placeholders replaced, each once: a path may hold any character, and even a placeholder.
# _runner_fill WORD PROMPT_FILE LAST_MESSAGE_FILE
_runner_fill() {
  local rest=$1 value
  REPLY=""
  while [[ ${rest} == *'{'* ]]; do
    REPLY+=${rest%%'{'*}
    rest=${rest#*'{'}
    case ${rest} in
      'repo}'*) value=${SL_REPO} ;;
      'prompt_file}'*) value=$2 ;;
      'last_message_file}'*) value=$3 ;;
      *)
        REPLY+='{'
        continue
        ;;
    esac
    REPLY+=${value} rest=${rest#*'}'}
  done
  REPLY+=${rest}
}

# Claude's plain answers tell no usage; it keeps a record of the session, which is found again under a name of ours. Sets
# RUNNER_SESSION_ID, empty for any other runner, and adds it to RUNNER_ARGV.
_runner_name_session() {
  local words=" ${RUNNER_ARGS[*]-} " digits="" part at=${#RUNNER_COMMAND[@]}
  RUNNER_SESSION_ID=""
  [[ ${RUNNER_COMMAND[0]##*/} == claude ]] || return 0
  case ${words} in
    *" --session-id"* | *" --output-format"* | *" --resume"* | *" -r "* | *" --continue "* | *" -c "* | *" --no-session"*) return 0 ;;
    *" -p "* | *" --print "*) ;;
    *) return 0 ;;
  esac
  while ((${#digits} < 32)); do
    printf -v part '%04x' "$((RANDOM << 1 ^ RANDOM))"
    digits+=${part}
  done
  RUNNER_SESSION_ID=${digits:0:8}-${digits:8:4}-4${digits:13:3}-a${digits:17:3}-${digits:20:12}
  RUNNER_ARGV=("${RUNNER_ARGV[@]:0:at}" --session-id "${RUNNER_SESSION_ID}" "${RUNNER_ARGV[@]:at}")
}

_runner_in_repo() {
  cd "${SL_REPO}" && process::become "$@"
}

_runner_codex_effort() {
  case $1 in
    none | minimal | low | high) REPLY=$1 ;;
    standard) REPLY=medium ;;
    max) REPLY=xhigh ;;
    *) REPLY="" ;;
  esac
}
