# The configuration, read and checked once by the worker, and the variables that users may set.

# config::read_flags: the flags that every command has, and the command's own switches. Sets SL_REPO, SL_CONFIG_FILE,
# SL_SCHEMA_FILE, SL_LOOP and, for a switch like --fast, SL_FLAG_FAST=true.
# config::read_flags COMMAND "SWITCHES" "OPTIONS" [ARGUMENT…]
config::read_flags() {
  local command=$1 switches=$2 options=" repo config schema loop $3 " word name
  shift 3
  SL_REPO=. SL_CONFIG_FILE="" SL_SCHEMA_FILE="" SL_LOOP=""
  while (($# > 0)); do
    word=$1
    shift
    name=${word#--}
    if [[ ${word} == -h || ${word} == --help ]]; then
      output::command_help "${command}"
      exit 0
    elif [[ ${word} != --* ]]; then
      failure::usage "'${word}' is not a flag of ${command}"
    elif [[ " ${switches} " == *" ${name} "* ]]; then
      _config_flag_name "${name}"
      printf -v "SL_FLAG_${REPLY}" true
    elif [[ ${options} == *" ${name%%=*} "* ]]; then
      if [[ ${name} != *=* ]]; then
        (($# > 0)) || failure::usage "${word} needs a value"
        name=${name}=$1
        shift
      fi
      _config_option "${name%%=*}" "${name#*=}"
    else
      failure::usage "there is no flag ${word} for ${command}" "See superloop.sh ${command} --help."
    fi
  done
  _config_locate
}

# Sets SL_LOOP_IDS and, given an id, SL_* for every setting of that loop, else SL_LOOP_SETTINGS: the assignments of each
# loop. Exits with the findings when something is wrong.
# config::load [LOOP_ID] [CHECK…]: checks are flags of the worker, such as --static.
config::load() {
  local loop=${1-} assignments
  shift || : # called without arguments
  local -a arguments=(resolve --config "${SL_CONFIG_FILE}" --repo "${SL_REPO}" ${@+"$@"})
  [[ -z ${SL_SCHEMA_FILE} ]] || arguments+=(--schema "${SL_SCHEMA_FILE}")
  [[ -z ${loop} ]] || arguments+=(--loop "${loop}")
  assignments=$(config::worker host-config "${arguments[@]}") || exit $?
  config::use "${assignments}"
}

# Sets SL_* as assignments of the worker say; SL_SETTINGS is their text.
config::use() {
  SL_SETTINGS=$1
  json::eval_assignments "$1"
}

# Sets SL_LOOP where --loop did not: the first of the configuration.
config::choose_loop() {
  if [[ -n ${SL_LOOP} ]]; then
    config::require_loop
  else
    config::load ""
    SL_LOOP=${SL_LOOP_IDS[0]}
  fi
}

# Whether a loop is in the configuration that was loaded.
config::has_loop() {
  local id
  for id in "${SL_LOOP_IDS[@]}"; do
    if [[ ${id} == "$1" ]]; then return 0; fi
  done
  return 1
}

# A loop that --loop names has run, or is configured.
config::require_loop() {
  if [[ -n ${SL_LOOP} && (${SL_LOOP} == */* || ! -d ${SL_HOME}/loops/${SL_LOOP}) ]]; then config::load "${SL_LOOP}"; fi
}

# config::worker PROGRAM ARGUMENT…: a part of the compiled worker. Node reads extra certificates at every start, which
# doubles it; nothing here speaks to a network.
config::worker() {
  local program
  _config_worker_into program "$1"
  shift
  NODE_EXTRA_CA_CERTS="" node "${program}" "$@"
}

# The same, for process::run.
config::become_worker() {
  local program
  _config_worker_into program "$1"
  shift
  NODE_EXTRA_CA_CERTS="" process::become node "${program}" "$@"
}

_config_worker_into() {
  local _program=${SUPERLOOP_ROOT}/dist/$2.cjs
  if [[ ! -f ${_program} ]]; then
    failure::raise WORKER_NOT_BUILT "the worker is not built" "Run ${SUPERLOOP_ROOT}/scripts/setup."
  fi
  command -v node >/dev/null || failure::raise NODE_MISSING "Node.js is not installed" "Install Node.js 20.19 or newer."
  printf -v "$1" '%s' "${_program}"
}

config::print_version() {
  local line
  while IFS= read -r line; do
    if [[ ${line} =~ \"version\":\ *\"([^\"]+)\" ]]; then
      printf '%s superloop-rlms\n' "${BASH_REMATCH[1]}"
      return
    fi
  done <"${SUPERLOOP_ROOT}/package.json"
}

_config_option() {
  case $1 in
    repo) SL_REPO=$2 ;;
    config) SL_CONFIG_FILE=$2 ;;
    schema) SL_SCHEMA_FILE=$2 ;;
    loop) SL_LOOP=$2 ;;
    *)
      _config_flag_name "$1"
      printf -v "SL_FLAG_${REPLY}" '%s' "$2"
      ;;
  esac
}

_config_flag_name() {
  case $1 in
    force) REPLY=FORCE ;;
    fast) REPLY=FAST ;;
    fresh) REPLY=FRESH ;;
    dry-run) REPLY=DRY_RUN ;;
    skip-validate) REPLY=SKIP_VALIDATE ;;
    summary) REPLY=SUMMARY ;;
    json) REPLY=JSON ;;
    out) REPLY=OUT ;;
    static) REPLY=STATIC ;;
    probe) REPLY=PROBE ;;
    by) REPLY=BY ;;
    note) REPLY=NOTE ;;
    reject) REPLY=REJECT ;;
    *) failure::usage "there is no flag --$1" ;;
  esac
}

_config_locate() {
  [[ -d ${SL_REPO} ]] || failure::usage "there is no folder ${SL_REPO}" "Give --repo the repository's folder."
  [[ ${SL_REPO} == /* ]] || SL_REPO=./${SL_REPO} # a name that starts with a dash is no option
  [[ -x ${SL_REPO} ]] || failure::usage "the folder ${SL_REPO} cannot be entered" "Correct its permissions."
  SL_REPO=$(cd "${SL_REPO}" && pwd -P && printf .) # $(…) would take line ends that are the name's
  SL_REPO=${SL_REPO%$'\n.'}
  SL_CONFIG_FILE=${SL_CONFIG_FILE:-${SL_REPO}/.superloop/config.json}
  SL_RLMS_SCRIPT=${SUPERLOOP_RLMS_SCRIPT:-${SUPERLOOP_ROOT}/scripts/rlms}
}
