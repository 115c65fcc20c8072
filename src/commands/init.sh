# Usage: superloop.sh init --repo DIR [--force]
#
# Sets up .superloop/ in a repository: a configuration with the agent programs that are
# on the PATH, its README, the roles, a first spec, and what git is to ignore. What is
# there already is kept; a second init adds what is missing.
#
#   --force            replace what is there by what a new repository would get; each file
#                      replaced is kept beside it as *.bak

commands::init::main() {
  config::read_flags init force "" "$@"
  paths::of_repo
  json::require_jq
  trap _init_clean EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  _INIT_KEPT="" _INIT_WRITTEN="" _INIT_REPLACED=""
  _init_look
  _init_prepare
  _init_install_all
  _init_tell
}

# What stands in the way is told before anything is written.
_init_look() {
  local path
  for path in "${SL_HOME}" "${SL_HOME}/roles" "${SL_HOME}/specs" "${SL_HOME}/loops"; do
    if [[ (-e ${path} || -L ${path}) && ! -d ${path} ]]; then _init_fail "${path}" "it is no folder"; fi
  done
  for path in config.json README.md .gitignore specs/initiation.md roles/{planner,implementer,tester,reviewer}.md; do
    if [[ -d ${SL_HOME}/${path} ]]; then _init_fail "${SL_HOME}/${path}" "it is a folder"; fi
  done
}

# Every file as a new repository would get it, in a folder from where a rename puts it into its place.
_init_prepare() {
  local config ignored
  file::make_folders "${SL_HOME}/roles" "${SL_HOME}/specs" "${SL_HOME}/loops"
  _INIT_STAGE=${SL_HOME}/.init.$$
  file::make_folders "${_INIT_STAGE}/specs"
  file::attempt write "${_INIT_STAGE}/roles" cp -R "${SUPERLOOP_ROOT}/src/templates/roles" "${_INIT_STAGE}/"
  file::copy "${SUPERLOOP_ROOT}/src/templates/README.md" "${_INIT_STAGE}/README.md"
  file::copy "${SUPERLOOP_ROOT}/src/templates/spec.md" "${_INIT_STAGE}/specs/initiation.md"
  _init_find_agents
  config=$(_init_config)
  file::write "${_INIT_STAGE}/config.json" "${config}"
  ignored=$(_init_ignore)
  file::write "${_INIT_STAGE}/.gitignore" "${ignored}"
}

# The configuration comes last: where it is, the rest is.
_init_install_all() {
  local role config=kept
  if [[ ${SL_FLAG_FORCE-} == true || ! -e ${SL_HOME}/config.json ]]; then config=new; fi
  for role in planner implementer tester reviewer; do _init_install "roles/${role}.md"; done
  _init_install README.md
  if ! _init_is_same .gitignore; then
    file::attempt write "${SL_HOME}/.gitignore" mv -f "${_INIT_STAGE}/.gitignore" "${SL_HOME}/.gitignore"
    _INIT_WRITTEN+=" .gitignore"
  fi
  if [[ ${config} == new ]]; then _init_install specs/initiation.md; fi
  _init_install config.json
}

# _init_install NAME
_init_install() {
  local name=$1 target=${SL_HOME}/$1 backup=${SL_HOME}/$1.bak number=1
  if [[ ! -e ${target} && ! -L ${target} ]]; then
    _INIT_WRITTEN+=" ${name}"
  elif [[ ${SL_FLAG_FORCE-} != true ]] || _init_is_same "${name}"; then
    _INIT_KEPT+=" ${name}"
    return
  else
    while [[ -e ${backup} ]]; do
      number=$((number + 1))
      backup=${target}.bak.${number}
    done
    file::attempt write "${_INIT_STAGE}/backup" cp -p "${target}" "${_INIT_STAGE}/backup"
    file::attempt write "${backup}" mv -f "${_INIT_STAGE}/backup" "${backup}"
    _INIT_REPLACED+=" ${name} (${backup##*/})"
  fi
  file::attempt write "${target}" mv -f "${_INIT_STAGE}/${name}" "${target}"
}

_init_is_same() {
  local prepared there
  file::read_into prepared "${_INIT_STAGE}/$1"
  file::read_into there "${SL_HOME}/$1"
  [[ ${prepared} == "${there}" ]]
}

_init_tell() {
  local repo
  printf -v repo '%q' "${SL_REPO}"
  if [[ -n ${_INIT_WRITTEN}${_INIT_REPLACED} ]]; then
    output::info "Initialized .superloop in ${SL_HOME}"
  else
    output::info "Nothing to do: .superloop is set up in ${SL_HOME}"
  fi
  [[ -z ${_INIT_REPLACED} ]] || output::info "Replaced, the old ones kept:${_INIT_REPLACED}"
  [[ -z ${_INIT_KEPT} ]] || output::info "Kept as they are:${_INIT_KEPT}"
  case ${_INIT_WRITTEN}${_INIT_REPLACED} in
    *" config.json"*)
      if [[ -n ${_INIT_AGENTS} ]]; then
        output::info "Agent programs found: ${_INIT_AGENTS}; the first plays every role"
      else
        output::info "No agent program found (codex, claude, opencode, gemini); the configuration names codex: install it, or name yours"
      fi
      output::info "Next: write ${SL_HOME}/specs/initiation.md, then superloop.sh run --repo ${repo}"
      ;;
    *) ;; # the configuration is the user's
  esac
}

_init_find_agents() {
  local name
  _INIT_AGENTS=""
  for name in codex claude opencode gemini; do
    if command -v "${name}" >/dev/null; then _INIT_AGENTS+=${_INIT_AGENTS:+ }${name}; fi
  done
}

# With the agent programs that are found, codex where there is none yet.
_init_config() {
  jq --arg names "${_INIT_AGENTS:-codex}" '($names | split(" ")) as $found
    | .runners |= with_entries(select(.key | IN($found[])))
    | .loops[0].roles |= map_values({runner: $found[0]})
    | .loops[0].rlms.models = {root: {command: ["rlms:" + $found[0]]}}' "${SUPERLOOP_ROOT}/src/templates/config.json"
}

# What loops leave behind; lines of the user's stay, and stay first.
_init_ignore() {
  local line file=${SL_HOME}/.gitignore have=""
  if [[ -s ${file} ]]; then
    file::read_into have "${file}"
    printf '%s\n' "${have}"
  fi
  for line in /loops/ /logs/ /state.json; do
    if [[ $'\n'${have}$'\n' != *$'\n'"${line}"$'\n'* ]]; then printf '%s\n' "${line}"; fi
  done
}

# _init_fail PATH WHY
_init_fail() {
  failure::raise FILE_NOT_WRITTEN "cannot write $1: $2" "Free some space, or correct what is in its place and the permissions of its folder."
}

_init_clean() {
  if [[ -n ${_INIT_STAGE-} ]]; then rm -rf "${_INIT_STAGE}"; fi
}
