#!/usr/bin/env bats
# lib/json: what Bash puts together is the JSON that jq would have written.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes
# shellcheck disable=SC1003 # a backslash is meant

setup() {
  load helpers/host
  host::setup
  host::source lib/json
}

# A strict reader of JSON gets each text back, whatever the locale was when it was quoted.
# assert_reads_back TEXT…
assert_reads_back() {
  local text quoted locale
  for locale in C C.UTF-8; do
    LC_ALL=${locale}
    for text in "$@"; do
      json::quote_into quoted "${text}"
      printf '%s\n' "${quoted}" >>"${TMP}/quoted"
      printf '%s\0' "${text}" >>"${TMP}/texts"
    done
  done
  LC_ALL=C.UTF-8
  run node -e '
    const read = (name, separator) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(require("fs").readFileSync(`${process.argv[1]}/${name}`)).split(separator).slice(0, -1)
    const [quoted, texts] = [read("quoted", "\n"), read("texts", "\0")]
    if (quoted.length !== texts.length) throw new Error("a quoted text takes several lines")
    quoted.forEach((line, at) => {
      if (JSON.parse(line) === texts[at]) return
      throw new Error(`${line.slice(0, 200)} is not ${JSON.stringify(texts[at]).slice(0, 200)}`)
    })' "${TMP}"
  assert_success
}

@test "text of ordinary and special characters reads back as it is" {
  assert_reads_back "" "plain" "two words" '"' '\' '\\"' 'a\nb' $'a\nb' $'tab\there' $'cr\r\n' '/' "it's" \
    '${x} $(y) `z`' '%s %d %%' '&' '*?[a]' '-n' '{"a":1}' $'\n' $'\n\n\n' ' lead and trail ' 'é ü ß' '日本語' '🎉 party' \
    $'\xe2\x80\xa8\xe2\x80\xa9' $'\xef\xbb\xbfbom' '</script>' "'\\''"
}

@test "control characters read back as they are" {
  local code all=""
  for ((code = 1; code < 32; code++)); do printf -v all '%sa%bb' "${all}" "\\0$(printf '%03o' "${code}")"; done
  assert_reads_back "${all}" $'\x01' $'\x7f' $'\x1b[31mred\x1b[0m é' $'\x08"\\\n'
}

@test "the first and last character of every UTF-8 length read back as they are" {
  assert_reads_back $'\xc2\x80' $'\xdf\xbf' $'\xe0\xa0\x80' $'\xec\xbf\xbf' $'\xed\x9f\xbf' $'\xee\x80\x80' \
    $'\xef\xbf\xbd' $'\xf0\x90\x80\x80' $'\xf3\xbf\xbf\xbd' $'\xf4\x8f\xbf\xbd'
}

@test "bytes that are no UTF-8 are replaced as jq replaces them" {
  local text quoted
  for text in $'\x80' $'a\xffb' $'\xc0\x80' $'\xc1\xbf' $'\xe0\x80\x80' $'\xe0\x9f\xbf' $'\xed\xa0\x80' $'\xed\xbf\xbf' \
    $'\xf0\x80\x80\x80' $'\xf0\x8f\xbf\xbf' $'\xf4\x90\x80\x80' $'\xf5\x80\x80\x80' $'\xc3' $'\xe2\x82' $'\xf0\x9f\x8e' \
    $'caf\xe9 "quoted"\n'; do
    json::quote_into quoted "${text}"
    run jq -e --arg text "${text}" '. == $text' <<<"${quoted}"
    assert_output true
    run iconv -f UTF-8 -t UTF-8 <<<"${quoted}"
    assert_success
  done
}

# A hundred kilobytes of a line.
long_text() {
  printf -v LONG '%*s' "$((102400 / ${#1}))" ''
  LONG=${LONG// /$1}
}

@test "a text of 100 kB reads back as it is" {
  long_text $'a line with "quotes", \\ and é 日 🎉\t'
  assert_reads_back "${LONG}" "x${LONG}"
  long_text 'plain ASCII text '
  assert_reads_back "${LONG}"
}

@test "a text of 100 kB with control characters reads back as it is" {
  long_text $'\x1b[31mé 日 🎉\x1b[0m'
  assert_reads_back "${LONG}" "x${LONG}" "xy${LONG}"
}

@test "quoting leaves the locale as it was" {
  local quoted text=é
  json::quote_into quoted "${text}"
  assert_equal "${#text}" 1
  assert_equal "${LC_ALL}" C.UTF-8
}

@test "an array holds its texts in order, none at all and empty ones as well" {
  local array
  json::array_into array
  assert_equal "${array}" '[]'
  json::array_into array ""
  assert_equal "${array}" '[""]'
  json::array_into array a 'b "c"' "" $'d\ne' '*'
  assert_equal "${array}" '["a","b \"c\"","","d\ne","*"]'
}

@test "an object takes JSON behind a colon, text behind an equals sign, and leaves out what is empty behind a question mark" {
  local object
  json::object_into object
  assert_equal "${object}" '{}'
  json::object_into object number: 7 flag: false nothing: null list: '["x"]' text= 7 empty= "" here? yes gone? ""
  assert_equal "${object}" '{"number":7,"flag":false,"nothing":null,"list":["x"],"text":"7","empty":"","here":"yes"}'
}

@test "an object quotes odd values, and may be built of its own variable" {
  local object="a:b=c?"
  json::object_into object text= "${object}" odd? $'"\n\\' inner: '{"a":"b"}'
  assert_equal "${object}" '{"text":"a:b=c?","odd":"\"\n\\","inner":{"a":"b"}}'
}

@test "assignments of the configuration reader are taken over with their quotes" {
  local SL_TEXT="" SL_LIST=()
  json::eval_assignments "SL_TEXT='it'\\''s \$HOME'"$'\n'"SL_LIST=('a b' '' 'c')"
  assert_equal "${SL_TEXT}" "it's \$HOME"
  assert_equal "${#SL_LIST[@]}:${SL_LIST[0]}:${SL_LIST[2]}" "3:a b:c"
}
