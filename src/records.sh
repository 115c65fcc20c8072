# What the host keeps in files must be files: at a named pipe it would wait for ever, and to a folder it cannot write. Links
# to files are followed, as by any program: what runs here runs with the user's rights anyway.

# Ends the program where something else stands in place of a file of the repository's or the loop's, or one is not for reading.
records::require_files() {
  local kind name path
  _records_find
  if ((${#_RECORDS_FOUND[@]} > 0)); then
    _records_kind_into kind "${_RECORDS_FOUND[0]}"
    failure::raise RECORD_NO_FILE "${_RECORDS_FOUND[0]} is no file, but ${kind}" "Remove it, or move it away, then try again."
  fi
  for name in SL_LOOP_DIR "${!SL_@}"; do
    path=${!name-}
    if [[ ${name} != SL_LOOP_DIR && (${name} != *_FILE || ${path} != "${SL_HOME}/"*) || ! -e ${path} ]]; then continue; fi
    if [[ ! -r ${path} || (-d ${path} && ! -x ${path}) ]]; then
      failure::raise FILE_NOT_READ "cannot read ${path}: Permission denied" "Correct its permissions, or run as the user whom it belongs to."
    fi
  done
}

# Takes away what stands in place of files, and says so: called behind each program, before anything waits there.
records::set_aside() {
  local kind file
  _records_find
  for file in ${_RECORDS_FOUND[@]+"${_RECORDS_FOUND[@]}"}; do
    _records_kind_into kind "${file}"
    # a folder may hold what somebody needs
    if [[ -d ${file} && ! -L ${file} ]]; then file::attempt move "${file}" mv -f -- "${file}" "${file}.spoiled"; else file::remove "${file}"; fi
    output::warn "${file} was no file, but ${kind}; it is taken away"
    RECORDS_LOST=${RECORDS_LOST:-${file}}
  done
}

# Ends the run when a program of it has put something in place of a record, which is lost.
records::refuse_loss() {
  local hint=""
  [[ -n ${RECORDS_LOST-} ]] || return 0
  if [[ -n ${SL_ROLE-} ]]; then hint=" (the last turn was the ${SL_ROLE}'s)"; fi
  failure::raise RECORD_NO_FILE "a program of this run has put something else in place of the file ${RECORDS_LOST}" "Find out which${hint}, then run again."
}

# Sets _RECORDS_FOUND. A folder is wrong only where the host has a file of that name.
_records_find() {
  local name file logs='/(prompts|last_messages|logs|logs/[^/]*)/[^/]*\.(md|txt|log|exit)$'
  _RECORDS_FOUND=()
  if [[ -e ${SL_STATE_FILE} && ! -f ${SL_STATE_FILE} ]]; then _RECORDS_FOUND+=("${SL_STATE_FILE}"); fi
  [[ -n ${SL_LOOP_DIR-} ]] || return 0
  for name in "${!SL_@}"; do
    if [[ ${name} == *_FILE && ${!name-} == "${SL_LOOP_DIR}"/* && -d ${!name} ]]; then _RECORDS_FOUND+=("${!name}"); fi
  done
  for file in "${SL_LOOP_DIR}"/* "${SL_LOOP_DIR}"/{prompts,last_messages,logs,stuck,rlms/requests,rlms/latest}/* \
    "${SL_LOG_DIR:-${SL_LOOP_DIR}/logs}"/* "${SL_RLMS_ITERATION_DIR:-${SL_LOOP_DIR}/rlms}"/*/*; do
    if [[ ! -e ${file} || -f ${file} ]]; then continue; fi
    if [[ ! -d ${file} || ${file} =~ ${logs} ]]; then _RECORDS_FOUND+=("${file}"); fi
  done
}

_records_kind_into() {
  local _kind="a device"
  if [[ -d $2 ]]; then
    _kind="a folder"
  elif [[ -p $2 ]]; then
    _kind="a named pipe"
  elif [[ -S $2 ]]; then
    _kind="a socket"
  fi
  printf -v "$1" '%s' "${_kind}"
}
