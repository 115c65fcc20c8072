#!/usr/bin/env bats
# gates/promise: the reviewer's word.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes
# shellcheck disable=SC1003 # a backslash is meant

setup() {
  load helpers/host
  host::setup
  host::settings
  host::source gates/promise
}

# assert_promise MATCHED TEXT MESSAGE [EXPECTED_PROMISE]
assert_promise() {
  SL_COMPLETION_PROMISE=${4-ALL DONE}
  printf '%s' "$3" >"${TMP}/message"
  gates::promise::judge "${TMP}/message"
  assert_equal "$3 => ${GATE_PROMISE} ${GATE_PROMISE_TEXT}" "$3 => $1 $2"
}

@test "the tag with the promise matches, wherever it stands in the message" {
  assert_promise true "ALL DONE" '<promise>ALL DONE</promise>'
  assert_promise true "ALL DONE" $'Looks good.\n\n<promise>ALL DONE</promise>\n'
  assert_promise true "ALL DONE" 'I say <promise>ALL DONE</promise>, and mean it.'
}

@test "white space of any kind is folded on both sides" {
  assert_promise true "ALL DONE" $'<promise>\n  ALL\t\tDONE\n</promise>'
  assert_promise true "ALL DONE" '<promise> ALL   DONE </promise>' $'ALL\n DONE '
  assert_promise true "ALL DONE" $'Windows says:\r\n<promise>ALL\r\nDONE\r\n</promise>\r\n'
}

@test "only the first tag counts" {
  assert_promise false "NOT YET" '<promise>NOT YET</promise> <promise>ALL DONE</promise>'
  assert_promise true "ALL DONE" '<promise>ALL DONE</promise> <promise>NOT YET</promise>'
  assert_promise false "" '<promise></promise><promise>ALL DONE</promise>'
}

@test "another text, another case, or part of the promise does not match" {
  assert_promise false "DONE" '<promise>DONE</promise>'
  assert_promise false "all done" '<promise>all done</promise>'
  assert_promise false "ALL DONE!" '<promise>ALL DONE!</promise>'
  assert_promise false "ALLDONE" '<promise>ALLDONE</promise>'
  assert_promise false "*" '<promise>*</promise>'
}

@test "no tag, half a tag, or no message at all is no promise" {
  assert_promise false "" 'ALL DONE'
  assert_promise false "" '<promise>ALL DONE'
  assert_promise false "" 'ALL DONE</promise>'
  assert_promise false "" '</promise>ALL DONE<promise>'
  assert_promise false "" '<PROMISE>ALL DONE</PROMISE>'
  assert_promise false "" ''
  rm "${TMP}/message"
  gates::promise::judge "${TMP}/message"
  assert_equal "${GATE_PROMISE} ${GATE_PROMISE_TEXT}" "false "
}

@test "a promise with characters of patterns is taken by the letter" {
  assert_promise true '*[a]$HOME "x" \' '<promise>*[a]$HOME "x" \</promise>' '*[a]$HOME "x" \'
  assert_promise false 'anything' '<promise>anything</promise>' '*'
}

@test "a loop without a promise is never complete, not even by an empty tag" {
  assert_promise false "" '<promise></promise>' ''
  assert_promise false "" '<promise> </promise>' '  '
  assert_promise false "DONE" '<promise>DONE</promise>' ''
}
