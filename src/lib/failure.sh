# The one place that ends the program: what went wrong, a stable code, and what to do.

# failure::raise CODE MESSAGE [FIX] [STATUS]
failure::raise() {
  local code=$1 message=$2 fix=${3-} status=${4:-1}
  FAILURE_TOLD=true
  printf '%serror: %s\n  code: %s\n' "${OUTPUT_CLEAR-}" "${message}" "${code}" >&2
  [[ -z ${fix} ]] || printf '  fix: %s\n' "${fix}" >&2
  exit "${status}"
}

failure::usage() {
  failure::raise USAGE "$1" "${2:-See superloop.sh --help.}" 2
}
