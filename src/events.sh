# events.jsonl: what happened in a loop, one line each, only ever appended.

# events::log EVENT [ROLE] [STATUS] [MESSAGE] [DATA_JSON]
events::log() {
  local now line
  clock::now_into now
  json::object_into line \
    timestamp= "${now}" event= "$1" loop_id= "${SL_ID}" run_id= "${SL_RUN_ID}" iteration: "${SL_ITERATION}" \
    role? "${2-}" status? "${3-}" message? "${4-}" data: "${5:-null}"
  file::append "${SL_EVENTS_FILE}" "${line}"
}
