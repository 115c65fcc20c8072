# Lines for people. Results go to standard output, everything else to standard error.

OUTPUT_CLEAR="" # what takes the line of progress off the terminal, while there is one

# Who went away from reading is no reason to lose a run.
output::info() {
  local clear=""
  if [[ -t 1 ]]; then clear=${OUTPUT_CLEAR}; fi
  printf '%s%s\n' "${clear}" "$*" 2>/dev/null || :
}

output::warn() {
  printf '%swarning: %s\n' "${OUTPUT_CLEAR}" "$*" >&2 || : # as above
}

# output::count_into VAR NUMBER NOUN: 1 file, 2 files.
output::count_into() {
  local _noun=$3
  if (($2 != 1)); then _noun+=s; fi
  printf -v "$1" '%s %s' "$2" "${_noun}"
}

# The help of a command is the comment at the head of its file.
output::command_help() {
  local command=$1 line
  while IFS= read -r line; do
    [[ ${line} == '#'* ]] || break
    line=${line#\#}
    printf '%s\n' "${line# }"
  done <"${SUPERLOOP_ROOT}/src/commands/${command}.sh"
}

output::usage() {
  cat <<'EOF'
Usage: superloop.sh COMMAND --repo DIR [options]

Drives coding agents through planner, implementer, tester and reviewer until the
reviewer's promise and the gates hold.

  init       set up .superloop/ in a repository          [--force]
  run        run the loops, or the one named; one that   [--loop ID] [--fresh] [--dry-run]
             was interrupted goes on                     [--fast] [--skip-validate]
  list       the configured loops and where they stand
  status     the state of the current run                [--summary | --json] [--loop ID]
  validate   check the configuration                     [--static] [--probe]
  approve    answer a run's request for approval         --by NAME --note TEXT [--reject] [--loop ID]
  cancel     end what is running, and remove the state   [--loop ID]
  usage      tokens and US dollars of a loop             [--loop ID] [--json]
  report     a loop's last run as one HTML page          [--loop ID] [--out FILE]

  --repo DIR      the repository (default: the working directory)
  --config FILE   default: DIR/.superloop/config.json
  --schema FILE   check the configuration against this schema as well
  --version       print the version
  --help          this text; after a command, that command's

Exit status: 0 done; 1 the run failed or stopped; 2 wrong use or configuration;
130, 143 interrupted. Codes of errors: docs/errors.md.
EOF
}
