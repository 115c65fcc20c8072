# Usage: superloop.sh validate --repo DIR [--static] [--probe]
#
# Checks the configuration against the schema. Every finding has a code, its place,
# why it is wrong and what to do; all of them are told in one run.
#
#   --static           also what fits the schema and is wrong all the same: runners that
#                      do not exist, missing specs, gates that cannot be judged, …
#   --probe            whether the programs of roles and models are installed
#   --config FILE --schema FILE
#
# Exit status: 0 right; 2 something is wrong.

commands::validate::main() {
  local -a arguments
  config::read_flags validate "static probe" "" "$@"
  arguments=(check --config "${SL_CONFIG_FILE}" --repo "${SL_REPO}")
  [[ -z ${SL_SCHEMA_FILE} ]] || arguments+=(--schema "${SL_SCHEMA_FILE}")
  [[ ${SL_FLAG_STATIC-} != true ]] || arguments+=(--static)
  [[ ${SL_FLAG_PROBE-} != true ]] || arguments+=(--probe)
  config::worker host-config "${arguments[@]}"
  output::info "ok: the configuration fits the schema"
  if [[ ${SL_FLAG_STATIC-} == true ]]; then output::info "ok: static analysis passed"; fi
  if [[ ${SL_FLAG_PROBE-} == true ]]; then output::info "ok: every program is installed"; fi
}
