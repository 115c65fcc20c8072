# Globs of files, as the configuration has them.

# Files that match a glob, relative to the working directory, one a line. Stars leave hidden names out, as the shell's do;
# where they cross folders they leave out node_modules as well.
# glob::expand GLOB
glob::expand() {
  local glob=${1#./} found regex IFS=""
  if [[ ${glob} == *'**'* ]]; then
    glob::regex_into regex "${glob}"
    _glob_find "${glob}" | LC_ALL=C REGEX=${regex} awk '{ sub(/^\.\//, "") } $0 ~ ENVIRON["REGEX"]' | sort
    return
  fi
  # shellcheck disable=SC2086 # the glob is to be expanded; IFS is empty, so that nothing is split
  for found in ${glob}; do
    if [[ -f ${found} && ${found} != *$'\n'* ]]; then printf '%s\n' "${found}"; fi
  done
}

# A glob as an extended regular expression over bytes, as git reads it: * and ? stay within a folder, a segment ** is any
# number of folders.
# glob::regex_into VAR GLOB
# shellcheck disable=SC1003 # backslashes are meant
glob::regex_into() {
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
_glob_find() {
  local folder=${1%%[*?[\\]*}
  local -a left_out=(-name $'*\n*')
  [[ /$1 == */.* ]] || left_out+=(-o -name '.?*')
  [[ $1 == *node_modules* ]] || left_out+=(-o -name node_modules)
  if [[ ${folder} == */* ]]; then folder=${folder%/*}/; else folder=""; fi
  [[ ${folder} == /* ]] || folder=./${folder}
  find "${folder}" -mindepth 1 \( "${left_out[@]}" \) -prune -o -type f -print 2>/dev/null || : # a folder that cannot be entered
}
