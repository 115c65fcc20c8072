# Usage: superloop.sh init --repo DIR [--force]
#
# Sets up .superloop/ in a repository: a configuration with the agent programs that
# are installed, the roles, a first spec.
#
#   --force            replace what is there; the old files are kept as *.bak

commands::init::main() {
  local role config
  config::read_flags init force "" "$@"
  paths::of_repo
  json::require_jq
  if [[ -e ${SL_HOME}/config.json && ${SL_FLAG_FORCE-} != true ]]; then
    failure::raise ALREADY_INITIALISED "found existing ${SL_HOME}/config.json" "Keep it, or use --force to replace it." 1
  fi
  config=$(_init_config)
  mkdir -p "${SL_HOME}/roles" "${SL_HOME}/specs" "${SL_HOME}/loops"
  for role in planner implementer tester reviewer; do
    _init_install "${SUPERLOOP_ROOT}/src/templates/roles/${role}.md" "${SL_HOME}/roles/${role}.md"
  done
  _init_install "${SUPERLOOP_ROOT}/src/templates/spec.md" "${SL_HOME}/specs/initiation.md"
  _init_backup "${SL_HOME}/config.json"
  file::write "${SL_HOME}/config.json" "${config}"
  output::info "Initialized .superloop in ${SL_HOME}"
  output::info "Next: write ${SL_HOME}/specs/initiation.md, then superloop.sh run --repo ${SL_REPO}"
}

# The first agent program found plays every role; codex when none is there yet.
_init_config() {
  local name found=codex
  for name in codex claude opencode gemini; do
    if command -v "${name}" >/dev/null; then
      found=${name}
      break
    fi
  done
  jq --arg runner "${found}" '.loops[0].roles |= map_values({runner: $runner})' "${SUPERLOOP_ROOT}/src/templates/config.json"
}

_init_install() {
  _init_backup "$2"
  cp "$1" "$2"
}

_init_backup() {
  if [[ -e $1 ]]; then mv -f "$1" "$1.bak"; fi
}
