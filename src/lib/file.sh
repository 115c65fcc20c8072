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

# file::read_into VAR PATH: the text without its last line ends; empty where there is no file.
file::read_into() {
  local _content=""
  if [[ -f $2 ]]; then _content=$(<"$2"); fi
  printf -v "$1" '%s' "${_content}"
}

# file::hash_list FILE…: a line "sha256 mtime path" for each file that exists; mtime in seconds.
file::hash_list() {
  local -a _files=()
  local file
  for file in ${@+"$@"}; do
    if [[ -f ${file} && ${file} != *$'\n'* ]]; then _files+=("${file}"); fi
  done
  ((${#_files[@]} > 0)) || return 0
  paste -d ' ' <(_file_hashes "${_files[@]}") <(_file_dates "${_files[@]}")
}

# A leading backslash marks a name that the tool escaped; only the hash is kept, so it does not matter.
_file_hashes() {
  if command -v sha256sum >/dev/null; then
    sha256sum -- "$@" | sed -e 's/^\\//' -e 's/ .*//'
  else
    shasum -a 256 -- "$@" | sed -e 's/^\\//' -e 's/ .*//'
  fi
}

_file_dates() {
  if stat -c '%Y %n' -- / >/dev/null 2>&1; then
    stat -c '%Y %n' -- "$@"
  else
    stat -f '%m %N' -- "$@"
  fi
}

# Files that match a glob, relative to the working directory, one a line; ** crosses folders.
# file::expand GLOB
file::expand() {
  local glob=${1#./} found IFS=""
  if [[ ${glob} == *'**'* ]]; then
    glob=${glob//\*\*\//\*}
    find . -type f -path "./${glob//\*\*/\*}" -print | sed 's#^\./##' | sort
    return
  fi
  # shellcheck disable=SC2086 # the glob is to be expanded; IFS is empty, so that nothing is split
  for found in ${glob}; do
    if [[ -f ${found} ]]; then printf '%s\n' "${found}"; fi
  done
}
