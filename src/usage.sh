# What turns cost. They are noted as they end, without a process, and measured together by one at the iteration's end; where
# the loop has a budget, before each role.

# A runner's turn; STARTED is what clock::uptime_into told then. The runner is the one that runner::read found last.
# usage::note_turn ROLE STDOUT STDERR STARTED
usage::note_turn() {
  _usage_note "$1" "$4" source= runner runner= "${RUNNER_COMMAND[0]}" model= "${RUNNER_MODEL}" \
    session_id= "${RUNNER_SESSION_ID}" file= "$2" errors= "$3"
}

# Whether a turn of the role in this iteration was noted, as a runner's or an analysis (rlms).
# usage::is_noted ROLE runner|rlms
usage::is_noted() {
  local turns
  turns=$(grep -ahsF "\"run_id\":\"${SL_RUN_ID}\",\"iteration\":${SL_ITERATION},\"role\":\"$1\"," "${SL_LOOP_DIR}"/usage*.jsonl) || : # none
  [[ ${turns} == *"\"source\":\"$2\""* ]]
}

# usage::note_analysis ROLE RESULT STARTED IS_RESUMED
usage::note_analysis() {
  local program model=""
  if [[ -n ${SUPERLOOP_RLMS_ROOT_COMMAND_JSON-} ]]; then
    program=${SUPERLOOP_RLMS_ROOT_COMMAND_JSON#*\"}
    program=${program%%\"*}
  elif ((${#SL_RLMS_MODELS_ROOT_COMMAND[@]} > 0)); then
    program=${SL_RLMS_MODELS_ROOT_COMMAND[0]} model=${SL_RLMS_MODELS_ROOT_MODEL-}
  else
    program=${RUNNER_COMMAND[0]} model=${RUNNER_MODEL}
  fi
  _usage_note "$1" "$3" source= rlms runner= "${program}" model= "${model}" file= "$2" resumed: "$4"
}

# Moves what was noted into usage.jsonl. Sets USAGE_EXCEEDED: why this run's budget is used up, empty while some is left;
# and USAGE_UNCOUNTED: which turns it cannot count, because they told no tokens or no price.
usage::record() {
  local told
  local -a arguments=(record --repo "${SL_REPO}" --loop-dir "${SL_LOOP_DIR}" --run "${SL_RUN_ID}")
  USAGE_EXCEEDED="" USAGE_UNCOUNTED=""
  # With its status: in a trap, return alone would give that of what was interrupted.
  if ! _usage_has_budget && [[ ! -s ${SL_USAGE_NOTES_FILE} ]]; then return 0; fi
  [[ -z ${SL_BUDGET_MAX_USD-} ]] || arguments+=(--max-usd "${SL_BUDGET_MAX_USD}")
  [[ -z ${SL_BUDGET_MAX_TOKENS-} ]] || arguments+=(--max-tokens "${SL_BUDGET_MAX_TOKENS}")
  if told=$(config::worker host-usage "${arguments[@]}"); then
    USAGE_EXCEEDED=${told%%$'\n'*}
    if [[ ${told} == *$'\n'* ]]; then USAGE_UNCOUNTED=${told#*$'\n'}; fi
    _usage_tell_uncounted
  else
    output::warn "usage.jsonl could not be written; the next time will do it"
  fi
}

# Once a run: a budget that counts only some turns is not what its reader takes it for.
_usage_tell_uncounted() {
  local data
  if [[ -z ${USAGE_UNCOUNTED} || ${_USAGE_TOLD_OF-} == "${SL_RUN_ID}" ]]; then return 0; fi
  _USAGE_TOLD_OF=${SL_RUN_ID}
  json::object_into data max_usd: "${SL_BUDGET_MAX_USD:-null}" max_tokens: "${SL_BUDGET_MAX_TOKENS:-null}"
  events::log budget_uncounted "" "" "${USAGE_UNCOUNTED}" "${data}"
  output::warn "the budget of loop '${SL_ID}' counts only what runners tell: ${USAGE_UNCOUNTED}"
}

# At a run's end, for a budget: what it did not count.
usage::tell_end() {
  if [[ -n ${USAGE_UNCOUNTED-} ]]; then output::info "Not counted by the budget: ${USAGE_UNCOUNTED}"; fi
}

# Ends the run when its budget is used up.
# usage::check_budget NEXT_ROLE
usage::check_budget() {
  local next
  _usage_has_budget || return 0
  usage::record
  [[ -n ${USAGE_EXCEEDED} ]] || return 0
  ending::stop budget_exceeded "$1"
  ending::next_into next
  failure::raise BUDGET_EXCEEDED "the budget of loop '${SL_ID}' is used up: ${USAGE_EXCEEDED}" \
    "Raise loops[].budget in the configuration. ${next} (--fresh: a new run, with a budget of its own)"
}

_usage_has_budget() {
  [[ -n ${SL_BUDGET_MAX_USD-}${SL_BUDGET_MAX_TOKENS-} ]]
}

# _usage_note ROLE STARTED [KEY VALUE]…
_usage_note() {
  local role=$1 now second ended started=$2 line
  shift 2
  USAGE_TURN=$((${USAGE_TURN:-0} + 1))
  clock::now_into now
  clock::epoch_into second
  clock::uptime_into ended
  json::object_into line id= "${second}.$$.${USAGE_TURN}" timestamp= "${now}" run_id= "${SL_RUN_ID}" iteration: "${SL_ITERATION}" \
    role= "${role}" duration_ms: "$(((ended - started) * 1000))" "$@"
  file::append "${SL_USAGE_NOTES_FILE}" "${line}"
}
