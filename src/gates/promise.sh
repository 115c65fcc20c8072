# The reviewer's word: <promise>TEXT</promise> in its last message, white space folded, the first tag counts.

# Sets GATE_PROMISE (true or false) and GATE_PROMISE_TEXT.
# gates::promise::judge MESSAGE_FILE
gates::promise::judge() {
  local message rest
  local -a words=() expected=()
  GATE_PROMISE=false GATE_PROMISE_TEXT=""
  file::read_into message "$1"
  if [[ ${message} == *'<promise>'*'</promise>'* ]]; then
    rest=${message#*<promise>}
    read -r -d '' -a words <<<"${rest%%</promise>*}" || :        # there is no end mark to find
    read -r -d '' -a expected <<<"${SL_COMPLETION_PROMISE}" || : # nor here
    GATE_PROMISE_TEXT=${words[*]-}
    if [[ -n ${SL_COMPLETION_PROMISE} && ${GATE_PROMISE_TEXT} == "${expected[*]-}" ]]; then GATE_PROMISE=true; fi
  fi
}
