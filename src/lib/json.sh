# JSON without a process for each value: text is quoted and objects are put together by Bash alone.
# A function called …_into gives its result in the variable that its first argument names; $(…) would fork.

# Bytes that may stand in a JSON string as they are: printable ASCII, and well-formed UTF-8 (RFC 3629, section 4).
_JSON_PLAIN=$'^([\x20-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*$'
readonly _JSON_PLAIN

# json::quote_into VAR TEXT
json::quote_into() {
  local LC_ALL=C _text=$2
  _text=${_text//\\/\\\\}
  _text=${_text//\"/\\\"}
  if [[ ${_text} == *[!\ -~]* ]]; then
    _text=${_text//$'\n'/\\n}
    _text=${_text//$'\t'/\\t}
    _text=${_text//$'\r'/\\r}
    if [[ ! ${_text} =~ ${_JSON_PLAIN} ]]; then
      # Other control characters, or bytes that are no UTF-8: jq replaces what can't stand.
      _text=$(jq -nc --rawfile text <(printf '%s' "$2") '$text')
      printf -v "$1" '%s' "${_text}"
      return
    fi
  fi
  printf -v "$1" '%s' "\"${_text}\""
}

# json::array_into VAR [TEXT…]
json::array_into() {
  local _target=$1 _list="" _item _quoted
  shift
  for _item in ${@+"$@"}; do
    json::quote_into _quoted "${_item}"
    _list+=",${_quoted}"
  done
  printf -v "${_target}" '%s' "[${_list#,}]"
}

# json::object_into VAR [KEY VALUE]… where KEY: takes VALUE as JSON, KEY= quotes it, and KEY? leaves an empty one out.
json::object_into() {
  local _target=$1 _members="" _key _value
  shift
  while (($# > 1)); do
    _key=$1 _value=$2
    shift 2
    if [[ ${_key} == *\? && -z ${_value} ]]; then continue; fi
    [[ ${_key} == *: ]] || json::quote_into _value "${_value}"
    _members+=",\"${_key%[:=?]}\":${_value}"
  done
  printf -v "${_target}" '%s' "{${_members#,}}"
}

# For what reads JSON, or changes it.
json::require_jq() {
  command -v jq >/dev/null || failure::raise JQ_MISSING "jq is not installed" "Install jq."
}

# json::read FILE FILTER [JQ_OPTION…]: what a filter makes of a record, as text.
json::read() {
  local file=$1 filter=$2
  shift 2
  json::require_jq
  jq -r ${@+"$@"} "${filter}" "${file}" 2>/dev/null \
    || failure::raise RECORD_SPOILED "${file} cannot be read as JSON" "Move it away; the next run begins a new one."
}

# json::set_aside FILE: a record that cannot be read is kept under another name, so that a new one can begin.
json::set_aside() {
  if [[ -d $1 ]]; then return; fi # writing it will tell
  file::attempt move "$1" mv -f -- "$1" "$1.spoiled"
  output::warn "$1 is no JSON and begins anew; it is kept as ${1##*/}.spoiled"
}

# json::eval_assignments TEXT: the output of our own config reader, NAME='value' lines quoted for the shell.
json::eval_assignments() {
  eval "$1"
}
