#!/usr/bin/env bash
# Drives coding agents through roles until the reviewer's promise and the gates hold. See superloop.sh --help.
# Whatever a start-up file (BASH_ENV) or the environment has set, this is how the code below is read.
set -euo pipefail -B +Cfk +o posix
shopt -u expand_aliases extglob failglob nullglob dotglob nocaseglob nocasematch
# Where a standard stream is closed, the next file that is opened would be taken for it.
: >&2 || exec 2>/dev/null
{ : <&0; } 2>/dev/null || exec </dev/null
{ : >&1; } 2>/dev/null || exec >/dev/null
# cd would look, and speak, elsewhere; flags say what to do; --repo says where, also when a hook of git calls.
unset CDPATH "${!SL_@}" GIT_DIR GIT_WORK_TREE GIT_COMMON_DIR GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_PREFIX GIT_NAMESPACE \
  GIT_LITERAL_PATHSPECS GIT_GLOB_PATHSPECS GIT_NOGLOB_PATHSPECS GIT_ICASE_PATHSPECS
# Of a locale that is not installed Bash would speak again at every change of it.
# shellcheck disable=SC2030,SC2031,SC2269 # the change is tried where it can do nothing
if [[ -n ${LC_ALL-} && -n $({ LC_ALL="${LC_ALL}"; } 2>&1) ]]; then export LC_ALL=C; fi

_superloop_script=${BASH_SOURCE[0]}
while [[ -L ${_superloop_script} ]]; do
  _superloop_link=$(readlink "${_superloop_script}")
  [[ ${_superloop_link} == /* ]] || _superloop_link=$(dirname "${_superloop_script}")/${_superloop_link}
  _superloop_script=${_superloop_link}
done
SUPERLOOP_ROOT=$(cd "$(dirname "${_superloop_script}")" && pwd -P)
readonly SUPERLOOP_ROOT

for _superloop_module in lib/output lib/failure lib/json lib/clock lib/file lib/glob lib/strays lib/process config paths records; do
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
