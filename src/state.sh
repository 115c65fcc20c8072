# state.json: which loop is running, and where it stands.

# WAITING, JSON: for what, and until when, where the run does nothing else.
# state::write ACTIVE [ROLE] [WAITING]
state::write() {
  local now state
  clock::now_into now
  json::object_into state \
    active: "$1" loop_index: "${SL_LOOP_INDEX}" iteration: "${SL_ITERATION}" current_loop_id= "${SL_ID}" \
    run_id= "${SL_RUN_ID}" role? "${2-}" waiting: "${3:-null}" pid: "$$" updated_at= "${now}"
  file::write "${SL_STATE_FILE}" "${state}"
}
