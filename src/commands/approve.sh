# Usage: superloop.sh approve --repo DIR --by NAME --note TEXT [--reject] [--loop ID]
#
# Answers a run's request for approval: with it the loop is complete, with --reject
# its next iteration gets the note. A run that waits goes on by itself; after one
# that stopped, superloop.sh run goes on.
#
#   --by NAME          who decides (default: $USER)
#   --note TEXT        why
#   --loop ID          whose request (default: the only one that is open)

for _approve_module in events approval summary; do
  # shellcheck source=/dev/null
  source "${SUPERLOOP_ROOT}/src/${_approve_module}.sh"
done

commands::approve::main() {
  local decision=approved by note now record
  config::read_flags approve reject "by note" "$@"
  json::require_jq
  if [[ ${SL_FLAG_REJECT-} == true ]]; then decision=rejected; fi
  by=${SL_FLAG_BY:-${USER-}} note=${SL_FLAG_NOTE-}
  [[ -n ${by} ]] || failure::usage "nobody is named" "Say who decides: --by NAME."
  paths::of_repo
  config::require_loop
  clock::start
  _approve_find "${SL_LOOP}"
  clock::now_into now
  record=$(jq -c --arg status "${decision}" --arg by "${by}" --arg note "${note}" --arg now "${now}" '
    (if $note == "" then null else $note end) as $note
    | .status = $status | .decision = {status: $status, by: $by, note: $note, at: $now}
    | .decided_at = $now | .decided_by = $by | .decided_note = $note' "${SL_APPROVAL_FILE}")
  file::heal_lines "${SL_EVENTS_FILE}" "${SL_DECISIONS_FILE}"
  _approve_log "${decision}" "${by}" "${note}" "${now}"
  summary::seal
  file::write "${SL_APPROVAL_FILE}" "${record}" # last: a run that waits goes on
  output::info "Recorded approval decision (${decision}) for loop '${SL_ID}'."
}

# Sets SL_ID and the paths of the loop that has an open request, and APPROVAL_…
# _approve_find [LOOP]
_approve_find() {
  local file id whose=""
  local -a open=()
  if [[ -n $1 ]]; then whose=" for loop '$1'"; fi
  for file in "${SL_HOME}"/loops/*/approval.json; do
    id=${file%/*}
    id=${id##*/}
    if [[ ! -s ${file} || (-n $1 && $1 != "${id}") ]]; then continue; fi
    SL_APPROVAL_FILE=${file}
    records::require_files
    approval::read
    if [[ ${APPROVAL_STATUS} == pending ]]; then open+=("${id}"); fi
    if [[ -n $1 && ${APPROVAL_STATUS} == [ar]* ]]; then
      failure::raise APPROVAL_NOT_PENDING "the request of loop '${id}' is ${APPROVAL_STATUS} already" "Let superloop.sh run go on with it."
    fi
  done
  case ${#open[@]} in
    0) failure::raise APPROVAL_NOT_REQUESTED "no approval request found${whose}" "A run makes it when every other gate holds." ;;
    1) SL_ID=${open[*]} ;;
    *) failure::usage "several loops wait for approval: ${open[*]}" "Name one with --loop." ;;
  esac
  paths::of_loop "${SL_ID}"
  records::require_files
  approval::read
}

_approve_log() {
  local decision=$1 by=$2 note=$3 now=$4 data line
  SL_RUN_ID=${APPROVAL_RUN_ID} SL_ITERATION=${APPROVAL_ITERATION}
  json::object_into data status= "${decision}" by= "${by}" note= "${note}"
  events::log approval_decision "" "${decision}" "" "${data}"
  json::object_into line decided_at= "${now}" loop_id= "${SL_ID}" run_id= "${SL_RUN_ID}" iteration: "${SL_ITERATION}" \
    decision= "${decision}" by= "${by}" note= "${note}"
  file::append "${SL_DECISIONS_FILE}" "${line}"
  file::append "${SL_DECISIONS_PAGE}" "- ${now} iteration ${SL_ITERATION}: ${decision} by ${by}${note:+: ${note//$'\n'/ }}"
}
