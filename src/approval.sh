# The request for a person's approval: whether one is open, and what the run does until it is answered.

approval::is_required() {
  [[ ${SL_APPROVAL_ENABLED} == true && ${SL_APPROVAL_REQUIRE_ON_COMPLETION} == true ]]
}

# Sets APPROVAL_STATUS (none, pending, approved or rejected) and APPROVAL_RUN_ID, _ITERATION, _BY and _NOTE.
approval::read() {
  APPROVAL_STATUS=none APPROVAL_RUN_ID="" APPROVAL_ITERATION=0 APPROVAL_BY="" APPROVAL_NOTE=""
  [[ -s ${SL_APPROVAL_FILE} ]] || return 0
  {
    IFS= read -r APPROVAL_STATUS
    IFS= read -r APPROVAL_RUN_ID
    IFS= read -r APPROVAL_ITERATION
    IFS= read -r APPROVAL_BY
    IFS= read -r -d '' APPROVAL_NOTE
  } < <(jq -j 'def line: tostring | gsub("\n"; " ") + "\n";
    (.status // "pending" | line), (.run_id // "" | line), (.iteration // 0 | line), (.decision.by // "" | line), (.decision.note // "")' \
    "${SL_APPROVAL_FILE}" 2>/dev/null) || : # there is no end mark to find
  case ${APPROVAL_STATUS} in
    pending | approved | rejected) ;;
    *)
      output::warn "${SL_APPROVAL_FILE} holds no request that can be read; it is ignored"
      APPROVAL_STATUS=none
      ;;
  esac
}

# Settles an open request, waiting for the answer where that is configured: an answer is recorded and the request used up.
# Sets APPROVAL_STATUS; pending then means that the run has to stop.
# approval::settle WORD: how it is told, required or pending
approval::settle() {
  APPROVAL_STATUS=none
  if ! approval::is_required; then return; fi
  approval::read
  if [[ ${APPROVAL_STATUS} == pending ]]; then _approval_await "$1"; fi
  case ${APPROVAL_STATUS} in
    approved) _approval_record approval_consumed true ;;
    rejected)
      _approval_record approval_rejected false
      file::append "${SL_NOTES_FILE}" $'\n'"Approval: rejected by ${APPROVAL_BY}"$'\n'"${APPROVAL_NOTE}"
      ;;
    *) ;; # nothing was asked, or nobody has answered
  esac
}

_approval_await() {
  local repo data now until=0 text before=""
  printf -v repo '%q' "${SL_REPO}"
  json::object_into data approval_file= "${SL_APPROVAL_FILE#"${SL_REPO}/"}" on_request= "${SL_APPROVAL_ON_REQUEST}"
  events::log approval_wait "" pending "" "${data}"
  output::info "Approval $1 for loop '${SL_ID}'. Run: superloop.sh approve --repo ${repo} --loop ${SL_ID} --by NAME --note TEXT (or with --reject)"
  if [[ ${SL_APPROVAL_ON_REQUEST} == wait ]]; then _approval_show_wait; fi
  clock::uptime_into now
  if ((SL_APPROVAL_MAX_WAIT_SECONDS > 0)); then until=$((now + SL_APPROVAL_MAX_WAIT_SECONDS)); fi
  while [[ ${SL_APPROVAL_ON_REQUEST} == wait && ${APPROVAL_STATUS} == pending ]] && ((until == 0 || now < until)); do
    sleep 1
    clock::uptime_into now
    file::read_into text "${SL_APPROVAL_FILE}"
    if [[ ${text} != "${before}" ]]; then approval::read; fi
    before=${text}
  done
  if [[ ${APPROVAL_STATUS} == pending ]]; then
    output::info "Then go on with: superloop.sh run --repo ${repo} --loop ${SL_ID}"
  fi
}

_approval_show_wait() {
  local until=0 date="" waiting
  if ((SL_APPROVAL_MAX_WAIT_SECONDS > 0)); then
    clock::epoch_into until
    until=$((until + SL_APPROVAL_MAX_WAIT_SECONDS))
    clock::date_into date "${until}"
  fi
  json::object_into waiting for= approval message= "iteration ${APPROVAL_ITERATION}" until? "${date}"
  state::write true "" "${waiting}"
  progress::show "waiting for approval" "${until}"
}

# The answer, where the verdicts of its iteration stand.
_approval_record() {
  local event=$1 complete=$2 data summary
  SL_ITERATION=${APPROVAL_ITERATION} GATE_APPROVAL=${APPROVAL_STATUS}
  json::object_into data status= "${APPROVAL_STATUS}" by= "${APPROVAL_BY}" note= "${APPROVAL_NOTE}" run_id= "${APPROVAL_RUN_ID}"
  events::log "${event}" "" "${APPROVAL_STATUS}" "" "${data}"
  file::read_into summary "${SL_GATE_SUMMARY_FILE}"
  file::write "${SL_GATE_SUMMARY_FILE}" "${summary/approval=pending/approval=${APPROVAL_STATUS}}"
  _approval_record_summary "${complete}"
  file::remove "${SL_APPROVAL_FILE}"
  output::info "Loop '${SL_ID}': ${APPROVAL_STATUS} by ${APPROVAL_BY}${APPROVAL_NOTE:+: ${APPROVAL_NOTE}}"
}

_approval_record_summary() {
  local summary
  [[ -s ${SL_SUMMARY_FILE} ]] || return 0
  if summary=$(jq --arg run_id "${APPROVAL_RUN_ID}" --argjson iteration "${APPROVAL_ITERATION}" --arg status "${APPROVAL_STATUS}" \
    --argjson complete "$1" '(.entries[] | select(.run_id == $run_id and .iteration == $iteration))
      |= (.gates.approval = $status | .completion_ok = $complete)' "${SL_SUMMARY_FILE}" 2>/dev/null); then
    file::write "${SL_SUMMARY_FILE}" "${summary}"
  else
    json::set_aside "${SL_SUMMARY_FILE}"
  fi
}
