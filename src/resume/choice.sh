# Whether the run that could be taken up is, or a new one begins.

# After resume::find, which it may overrule. RESUME_IS_REFUSED tells that nothing is to be taken up, not even a request for
# approval: --fresh says so, or there is other work to do.
resume::choice::make() {
  local why="" how
  RESUME_IS_REFUSED=${SL_FLAG_FRESH:-false}
  [[ -n ${RESUME_RUN} ]] || return 0
  if [[ ${RESUME_IS_REFUSED} == false ]]; then
    if _resume_choice_is_rejected_at_its_end; then
      resume::forget
      return
    fi
    [[ -n ${RESUME_SPEC} && ${RESUME_SPEC} != "${SL_SPEC_FILE}" ]] || return 0
    why=", and worked on ${RESUME_SPEC}"
    RESUME_IS_REFUSED=true
  fi
  resume::word_into how
  output::info "Loop '${SL_ID}': run ${RESUME_RUN} ${how}${why}; a new run begins"
  resume::forget
}

# Whether the run's last iteration was not approved, and it may have no other.
_resume_choice_is_rejected_at_its_end() {
  [[ ${RESUME_REASON} == approval_pending ]] && ((SL_MAX_ITERATIONS > 0 && RESUME_ITERATION >= SL_MAX_ITERATIONS)) || return
  approval::is_required || return 0
  approval::read
  [[ ${APPROVAL_STATUS} == rejected || ${APPROVAL_STATUS} == none ]]
}
