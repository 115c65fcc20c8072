# The one place that ends the program: what went wrong, a stable code, and what to do.

# failure::raise CODE MESSAGE [FIX] [STATUS]
failure::raise() {
  failure::tell "$1" "$2" "${3-}"
  exit "${4:-1}"
}

# The first failure is told; what follows from it, while a run is closed, is no news.
# failure::tell CODE MESSAGE [FIX]
failure::tell() {
  [[ ${FAILURE_TOLD-} != true ]] || return 0
  FAILURE_TOLD=true
  printf '%serror: %s\n  code: %s\n' "${OUTPUT_CLEAR-}" "$2" "$1" >&2
  [[ -z ${3-} ]] || printf '  fix: %s\n' "$3" >&2
}

failure::usage() {
  failure::raise USAGE "$1" "${2:-See superloop.sh --help.}" 2
}
