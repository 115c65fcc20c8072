# Usage: superloop.sh validate --repo DIR [--static] [--probe]
#
# Checks the configuration against the schema. Every finding has a code, its place,
# why it is wrong and what to do; all of them are told in one run.
#
#   --static           also what fits the schema and is wrong all the same: runners that
#                      do not exist, missing files, gates that cannot be judged, limits
#                      that are probably not meant, …
#   --probe            also asks the programs of roles and models for their versions
#   --config FILE --schema FILE
#
# Exit status: 0 right, perhaps with warnings; 2 something is wrong.

commands::validate::main() {
  local -a arguments
  config::read_flags validate "static probe" "" "$@"
  arguments=(check --config "${SL_CONFIG_FILE}" --repo "${SL_REPO}")
  [[ -z ${SL_SCHEMA_FILE} ]] || arguments+=(--schema "${SL_SCHEMA_FILE}")
  [[ ${SL_FLAG_STATIC-} != true ]] || arguments+=(--static)
  [[ ${SL_FLAG_PROBE-} != true ]] || arguments+=(--probe)
  config::worker host-config "${arguments[@]}"
}
