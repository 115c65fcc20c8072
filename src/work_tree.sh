# Several loops at once in one work tree: git cannot tell what the roles of one have changed from what those of another have.

# After the loop's own lock is taken. Where this loop or one that is running commits, it is refused: its lock is given back.
# Otherwise only lists of changed files hold what either changes, which is told.
work_tree::claim() {
  local other="" pid="" attempt
  if [[ ${SL_GIT_COMMIT_STRATEGY} != per_iteration ]]; then
    _work_tree_find_other
    if lock::is_held "${SL_COMMITS_LOCK_FILE}"; then _work_tree_refuse; fi
    if [[ -n ${other} ]]; then
      output::warn "loop '${other}' (pid ${pid}) is running in the same work tree: what counts as changed by one may be the other's work"
    fi
    return 0
  fi
  if ! lock::take "${SL_COMMITS_LOCK_FILE}"; then
    _work_tree_find_other
    _work_tree_refuse
  fi
  # behind the lock: of two that begin at once one sees the other, which is refused and about to go
  for ((attempt = 0; attempt < 20; attempt++)); do
    _work_tree_find_other
    [[ -n ${other} ]] || return 0
    sleep 0.1
  done
  work_tree::release
  _work_tree_refuse
}

work_tree::release() {
  if [[ ${SL_GIT_COMMIT_STRATEGY} == per_iteration ]]; then lock::release "${SL_COMMITS_LOCK_FILE}"; fi
}

# Sets other and pid, of its caller, to another loop that is running, and its process.
_work_tree_find_other() {
  local file
  other=""
  for file in "${SL_HOME}"/loops/*/run.lock; do
    if [[ ${file} == "${SL_LOCK_FILE}" ]] || ! lock::is_held "${file}"; then continue; fi
    other=${file%/run.lock}
    other=${other##*/} pid=${LOCK_HOLDER}
    return
  done
}

_work_tree_refuse() {
  local who="another loop"
  if [[ -n ${other} ]]; then who="loop '${other}' (pid ${pid})"; fi
  lock::release "${SL_LOCK_FILE}"
  failure::raise WORK_TREE_BUSY "${who} is running in the same work tree, and commits of one would hold the other's work" \
    "Wait for it, or run loop '${SL_ID}' in a work tree of its own (git worktree add), or set git.commit_strategy to never in both."
}
