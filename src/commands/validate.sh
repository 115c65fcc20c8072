# Usage: superloop.sh validate --repo DIR [--static]
#
# Checks the configuration against the schema. Every finding has a code, its place,
# why it is wrong and what to do; all of them are told in one run.
#
#   --static           also what fits the schema and is wrong all the same: runners that
#                      do not exist, missing specs, gates that cannot be judged, …
#   --config FILE --schema FILE
#
# Exit status: 0 right; 2 something is wrong.

commands::validate::main() {
  local -a arguments
  config::read_flags validate static "" "$@"
  arguments=(check --config "${SL_CONFIG_FILE}" --repo "${SL_REPO}")
  [[ -z ${SL_SCHEMA_FILE} ]] || arguments+=(--schema "${SL_SCHEMA_FILE}")
  [[ ${SL_FLAG_STATIC-} != true ]] || arguments+=(--static)
  config::worker host-config "${arguments[@]}"
  output::info "ok: the configuration fits the schema"
  if [[ ${SL_FLAG_STATIC-} == true ]]; then output::info "ok: static analysis passed"; fi
}
