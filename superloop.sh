#!/usr/bin/env bash
# Drives coding agents through roles until the reviewer's promise and the gates hold. See superloop.sh --help.
set -euo pipefail
unset CDPATH # cd would look, and speak, elsewhere

_superloop_script=${BASH_SOURCE[0]}
while [[ -L ${_superloop_script} ]]; do
  _superloop_link=$(readlink "${_superloop_script}")
  [[ ${_superloop_link} == /* ]] || _superloop_link=$(dirname "${_superloop_script}")/${_superloop_link}
  _superloop_script=${_superloop_link}
done
SUPERLOOP_ROOT=$(cd "$(dirname "${_superloop_script}")" && pwd -P)
readonly SUPERLOOP_ROOT

for _superloop_module in lib/output lib/failure lib/json lib/clock lib/file lib/process config paths; do
  # shellcheck source=/dev/null
  source "${SUPERLOOP_ROOT}/src/${_superloop_module}.sh"
done

main() {
  local command=${1-}
  case ${command} in
    -h | --help | help) output::usage ;;
    --version | -v | version) config::print_version ;;
    "")
      output::usage >&2
      return 1
      ;;
    init | run | list | status | validate | approve | cancel | usage | report)
      shift
      # shellcheck source=/dev/null
      source "${SUPERLOOP_ROOT}/src/commands/${command}.sh"
      "commands::${command}::main" "$@"
      ;;
    *) failure::usage "there is no command '${command}'; there are init, run, list, status, validate, approve, cancel, usage and report" ;;
  esac
}

main "$@"
