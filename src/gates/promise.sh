# The reviewer's word: <promise>TEXT</promise> in its last message, white space folded, the first tag counts.

readonly _GATES_PROMISE_SHOWN=1000 # letters of it that records keep

# Sets GATE_PROMISE (true or false) and GATE_PROMISE_TEXT, the promise as records show it.
# gates::promise::judge MESSAGE_FILE
gates::promise::judge() {
  local message rest expected
  GATE_PROMISE=false GATE_PROMISE_TEXT=""
  file::read_into message "$1"
  if [[ ${message} == *'<promise>'*'</promise>'* ]]; then
    rest=${message#*<promise>}
    _gates_promise_fold_into GATE_PROMISE_TEXT "${rest%%</promise>*}"
    _gates_promise_fold_into expected "${SL_COMPLETION_PROMISE}"
    if [[ -n ${expected} && ${GATE_PROMISE_TEXT} == "${expected}" ]]; then GATE_PROMISE=true; fi
    if ((${#GATE_PROMISE_TEXT} > _GATES_PROMISE_SHOWN)); then GATE_PROMISE_TEXT=${GATE_PROMISE_TEXT:0:_GATES_PROMISE_SHOWN}…; fi
  fi
}

_gates_promise_fold_into() {
  local -a _words=()
  read -r -d '' -a _words <<<"${2//[[:space:]]/ }" || : # there is no end mark to find
  printf -v "$1" '%s' "${_words[*]-}"
}
