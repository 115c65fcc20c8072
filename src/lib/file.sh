# Files: written whole, hashed and dated many at a time. Whatever the host writes goes through here, so that a full disk, a
# folder that is gone or a right that lacks is told in one way.

# file::write PATH TEXT: the old file or the new one, never half of it.
file::write() {
  file::attempt write "$1" _file_write "$1" "$2"
}

# file::append PATH LINE: the whole line, or nothing of it.
file::append() {
  file::attempt write "$1" _file_append "$1" "$2"
}

# file::empty FILE…
file::empty() {
  local file
  for file in "$@"; do file::attempt write "${file}" _file_empty "${file}"; done
}

# file::copy FROM TO: whole, as above.
file::copy() {
  file::attempt write "$2" _file_copy "$1" "$2"
}

# file::remove FILE…: those that are there.
file::remove() {
  file::attempt remove "$1" rm -f -- "$@"
}

# file::make_folders FOLDER…: those that are not there yet.
file::make_folders() {
  local folder
  for folder in "$@"; do
    if [[ ! -d ${folder} ]]; then file::attempt make "${folder}" mkdir -p -- "${folder}"; fi
  done
}

# Runs what writes, makes or removes a path; a failure ends the program with what the system says, for which it runs again.
# file::attempt DO PATH COMMAND…
file::attempt() {
  local verb=$1 path=$2 why="it is a folder"
  shift 2
  if [[ ${verb} != write || ! -d ${path} ]]; then
    if "$@" 2>/dev/null; then return 0; fi
    if why=$(LC_ALL=C "$@" 2>&1 >/dev/null); then return 0; fi
  fi
  failure::raise FILE_NOT_WRITTEN "cannot ${verb} ${path}${why:+: ${why##*: }}" "$(_file_remedy "${why}")"
}

_file_remedy() {
  case $1 in
    *"it is a folder"*) printf 'Move it away.' ;;
    *"No space"* | *quota*) printf 'Free some space, then run again.' ;;
    *"Permission denied"* | *"not permitted"* | *"Read-only"*) printf 'Correct the permissions of its folder, or run as the user whom it belongs to.' ;;
    *"No such file"*) printf 'Its folder is gone: find out what removed it, perhaps the program of a role; then run again.' ;;
    *) printf 'Free some space, or correct what is in its place and the permissions of its folder.' ;;
  esac
}

_file_write() {
  local temporary=$1.$$.tmp
  if printf '%s\n' "$2" >"${temporary}" && mv -f "${temporary}" "$1"; then return 0; fi
  _file_clear_away "${temporary}"
}

_file_copy() {
  local temporary=$2.$$.tmp
  if cp -f "$1" "${temporary}" && mv -f "${temporary}" "$2"; then return 0; fi
  _file_clear_away "${temporary}"
}

_file_clear_away() {
  rm -f "$1" 2>/dev/null
  return 1
}

_file_append() {
  if printf '%s\n' "$2" >>"$1"; then return 0; fi
  _file_cut_torn_line "$1" 2>/dev/null
  return 1
}

# There need not be room for a copy.
_file_cut_torn_line() {
  local size torn
  [[ -s $1 ]] && (($(tail -c 1 -- "$1" | wc -l) == 0)) || return 0
  size=$(wc -c <"$1")
  torn=$(tail -n 1 -- "$1" | wc -c)
  dd if=/dev/null of="$1" bs=1 seek="$((size - torn))"
}

_file_empty() {
  : >"$1"
}

# file::read_into VAR PATH: the text without its last line ends and zero bytes; empty where there is no file.
file::read_into() {
  local _content="" _why
  # silenced in the braces, where Bash would talk about a zero byte
  if [[ -f $2 ]] && ! { _content=$(<"$2"); } 2>/dev/null; then
    _why=$(LC_ALL=C cat -- "$2" 2>&1 >/dev/null) || : # that is what is told
    failure::raise FILE_NOT_READ "cannot read $2${_why:+: ${_why##*: }}" "Correct its permissions."
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
      file::append "${file}" ""
    else
      file::attempt write "${file}" _file_cut_torn_line "${file}"
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
