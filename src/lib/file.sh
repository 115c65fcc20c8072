# Files: written whole, hashed and dated many at a time.

# file::write PATH TEXT: the old file or the new one, never half of it.
file::write() {
  local path=$1 temporary=$1.$$.tmp
  if ! printf '%s\n' "$2" >"${temporary}"; then
    rm -f "${temporary}"
    failure::raise FILE_NOT_WRITTEN "cannot write ${path}" "Free some space, or correct the permissions of its folder."
  fi
  mv -f "${temporary}" "${path}"
}

# file::read_into VAR PATH: the text without its last line ends and zero bytes; empty where there is no file.
file::read_into() {
  local _content=""
  # silenced in the braces, where Bash would talk about a zero byte
  if [[ -f $2 ]] && ! { _content=$(<"$2"); } 2>/dev/null; then
    failure::raise FILE_NOT_READ "cannot read $2" "Correct its permissions."
  fi
  printf -v "$1" '%s' "${_content}"
}

# file::heal_lines FILE…: of files of one JSON value a line, a last line that a crash or a full disk has cut off goes; one
# that only lacks its end gets it.
file::heal_lines() {
  local file lines
  local -a there=()
  for file in "$@"; do
    if [[ -s ${file} ]]; then there+=("${file}"); fi
  done
  ((${#there[@]} > 0)) || return 0
  lines=$(tail -qc 1 -- ${there[@]+"${there[@]}"} | wc -l)
  ((lines < ${#there[@]})) || return 0
  for file in ${there[@]+"${there[@]}"}; do
    if (($(tail -c 1 -- "${file}" | wc -l) == 1)); then continue; fi
    if [[ $(tail -n 1 -- "${file}" | jq -r type 2>/dev/null) == object ]]; then
      printf '\n' >>"${file}"
    else
      sed '$d' "${file}" >"${file}.$$.tmp"
      mv -f "${file}.$$.tmp" "${file}"
    fi
  done
}

# file::hash_list FILE…: a line "sha256 mtime path" for each file that is there and can be read; mtime in seconds.
file::hash_list() {
  local -a _files=()
  local file
  for file in ${@+"$@"}; do
    if [[ -f ${file} && ${file} != *$'\n'* ]]; then _files+=("${file}"); fi
  done
  ((${#_files[@]} > 0)) || return 0
  LC_ALL=C awk '
    NR == FNR { space = index($0, " "); dates[substr($0, space + 1)] = substr($0, 1, space - 1); next }
    { name = sub(/^\\/, "") ? unescaped(substr($0, 67)) : substr($0, 67) }
    name in dates { print substr($0, 1, 64), dates[name], name }
    # a backslash before the hash marks a name with escapes
    function unescaped(name, parts, count, at, text) {
      count = split(name, parts, /\\\\/)
      for (at = 1; at <= count; at++) {
        gsub(/\\r/, "\r", parts[at])
        text = text (at > 1 ? "\\" : "") parts[at]
      }
      return text
    }' <(printf '%s\0' "${_files[@]}" | _file_dates) <(printf '%s\0' "${_files[@]}" | _file_hashes)
}

_file_hashes() {
  if command -v sha256sum >/dev/null; then
    xargs -0 sha256sum --
  else
    xargs -0 shasum -a 256 --
  fi 2>/dev/null
}

_file_dates() {
  if stat -c '%Y' / >/dev/null 2>&1; then
    xargs -0 stat -c '%Y %n' --
  else
    xargs -0 stat -f '%m %N' --
  fi 2>/dev/null
}

# Files that match a glob, relative to the working directory, one a line. Stars leave hidden names out, as the shell's do;
# where they cross folders they leave out node_modules as well.
# file::expand GLOB
file::expand() {
  local glob=${1#./} found regex IFS=""
  if [[ ${glob} == *'**'* ]]; then
    file::glob_regex_into regex "${glob}"
    _file_find "${glob}" | LC_ALL=C REGEX=${regex} awk '{ sub(/^\.\//, "") } $0 ~ ENVIRON["REGEX"]' | sort
    return
  fi
  # shellcheck disable=SC2086 # the glob is to be expanded; IFS is empty, so that nothing is split
  for found in ${glob}; do
    if [[ -f ${found} && ${found} != *$'\n'* ]]; then printf '%s\n' "${found}"; fi
  done
}

# A glob as an extended regular expression over bytes, as git reads it: * and ? stay within a folder, a segment ** is any
# number of folders.
# file::glob_regex_into VAR GLOB
# shellcheck disable=SC1003 # backslashes are meant
file::glob_regex_into() {
  local _rest=${2#./} _regex="" _at_segment=true _part _literal _bracket='^\[[!^]?]?([^]]|\[:[a-z]+:])*]'
  while [[ -n ${_rest} ]]; do
    _part=${_rest:0:1}
    if [[ ${_at_segment} == true && ${_rest} == '**/'* ]]; then
      _part='**/' _regex+='(.*/)?'
    elif [[ ${_at_segment} == true && ${_rest} == '**' ]]; then
      _part='**' _regex+='.+'
    elif [[ ${_rest} =~ ${_bracket} ]]; then
      _part=${BASH_REMATCH[0]}
      _regex+=${_part/#\[!/[^}
    elif [[ ${_part} == '*' ]]; then
      _regex+='[^/]*'
    elif [[ ${_part} == '?' ]]; then
      _regex+='[^/]'
    else
      if [[ ${_rest} == '\'?* ]]; then _part=${_rest:0:2}; fi
      _literal=${_part#\\}
      _literal=${_literal:-\\}
      [[ '.*?+(){|^$[\' != *"${_literal}"* ]] || _regex+='\'
      _regex+=${_literal}
    fi
    if [[ ${_part} == */ ]]; then _at_segment=true; else _at_segment=false; fi
    _rest=${_rest:${#_part}}
  done
  printf -v "$1" '^%s$' "${_regex}"
}

# Every file below the folder that a glob names before its first sign.
_file_find() {
  local folder=${1%%[*?[\\]*}
  local -a left_out=(-name $'*\n*')
  [[ /$1 == */.* ]] || left_out+=(-o -name '.?*')
  [[ $1 == *node_modules* ]] || left_out+=(-o -name node_modules)
  if [[ ${folder} == */* ]]; then folder=${folder%/*}/; else folder=""; fi
  [[ ${folder} == /* ]] || folder=./${folder}
  find "${folder}" -mindepth 1 \( "${left_out[@]}" \) -prune -o -type f -print 2>/dev/null || : # a folder that cannot be entered
}
