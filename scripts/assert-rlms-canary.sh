#!/usr/bin/env bash
# Usage: scripts/assert-rlms-canary.sh --status-file FILE [options]
#
# Asserts that an analysis ran and found something: the gate of continuous integration
# over the loop rlms-canary. Tells every assertion that does not hold, with its threshold.
#
#   --status-file FILE                   status.json of a role's analysis
#   --result-file FILE                   its result (default: FILE without .status; result.json beside status.json)
#   --require-should-run true|false      the trigger asked for the analysis
#   --min-citations N                    citations, those that do not verify left out
#   --min-non-fallback-citations N       the same without those that only point at a file
#   --fallback-signals A,B               the signals of such citations
#   --require-highlight-pattern REGEX    a highlight that matches
#
# Defaults from the environment: RLMS_CANARY_REQUIRE_SHOULD_RUN (true),
# RLMS_CANARY_MIN_CITATIONS (1), RLMS_CANARY_MIN_NON_FALLBACK_CITATIONS (1),
# RLMS_CANARY_FALLBACK_SIGNALS (file_reference), RLMS_CANARY_REQUIRE_HIGHLIGHT_PATTERN.
#
# Exit status: 0 all hold; 1 one does not; 2 wrong use.
set -euo pipefail

status_file="" result_file=""
require_should_run=${RLMS_CANARY_REQUIRE_SHOULD_RUN:-true}
min_citations=${RLMS_CANARY_MIN_CITATIONS:-1}
min_non_fallback_citations=${RLMS_CANARY_MIN_NON_FALLBACK_CITATIONS:-1}
fallback_signals=${RLMS_CANARY_FALLBACK_SIGNALS-file_reference}
require_highlight_pattern=${RLMS_CANARY_REQUIRE_HIGHLIGHT_PATTERN-}

main() {
  read_flags "$@"
  check_flags
  local failures failure
  if ! failures=$(judge 2>/dev/null); then
    jq empty "${status_file}" || usage_error "${status_file} is no JSON"
    jq empty "${result_file}" || usage_error "${result_file} is no JSON"
    usage_error "--require-highlight-pattern is no regular expression: ${require_highlight_pattern}"
  fi
  if [[ ${failures} == passed:* ]]; then
    printf 'RLMS canary assertions passed: %s\n' "${failures#passed: }"
    return
  fi
  while IFS= read -r failure; do tell "${failure}"; done <<<"${failures}"
  return 1
}

read_flags() {
  local flag name value
  while (($# > 0)); do
    flag=$1
    shift
    if [[ ${flag} == -h || ${flag} == --help ]]; then
      help
      exit 0
    fi
    name=${flag%%=*}
    if [[ ${flag} == *=* ]]; then
      value=${flag#*=}
    else
      (($# > 0)) || usage_error "${name} needs a value"
      value=$1
      shift
    fi
    case ${name} in
      --status-file) status_file=${value} ;;
      --result-file) result_file=${value} ;;
      --require-should-run) require_should_run=${value} ;;
      --min-citations) min_citations=${value} ;;
      --min-non-fallback-citations) min_non_fallback_citations=${value} ;;
      --fallback-signals) fallback_signals=${value} ;;
      --require-highlight-pattern) require_highlight_pattern=${value} ;;
      *) usage_error "there is no flag ${name}" ;;
    esac
  done
}

check_flags() {
  local pair
  [[ -n ${status_file} ]] || usage_error "--status-file is missing"
  if [[ -z ${result_file} ]]; then
    case ${status_file} in
      *.status.json) result_file=${status_file%.status.json}.json ;;
      *) result_file=$(dirname "${status_file}")/result.json ;;
    esac
  fi
  for pair in "status file=${status_file}" "result file=${result_file}"; do
    if [[ ! -f ${pair#*=} ]]; then
      tell "${pair%%=*} not found: ${pair#*=}"
      exit 1
    fi
  done
  [[ ${require_should_run} == true || ${require_should_run} == false ]] \
    || usage_error "--require-should-run must be true or false, not '${require_should_run}'"
  for pair in "min-citations=${min_citations}" "min-non-fallback-citations=${min_non_fallback_citations}"; do
    [[ ${pair#*=} =~ ^[0-9]+$ ]] || usage_error "--${pair%%=*} must be a whole number, not '${pair#*=}'"
  done
}

# A line for each assertion that does not hold, or one that begins with "passed: ".
judge() {
  jq -rn --arg status_file "${status_file}" --arg result_file "${result_file}" \
    --arg should_run "${require_should_run}" --argjson citations "${min_citations}" \
    --argjson others "${min_non_fallback_citations}" --arg signals "${fallback_signals}" \
    --arg pattern "${require_highlight_pattern}" --slurpfile status "${status_file}" --slurpfile result "${result_file}" '
    ($status[0] // {}) as $status | ($result[0] // {}) as $result
    | ($signals | split(",") | map(gsub("^\\s+|\\s+$"; "")) | map(select(length > 0))) as $fallback
    | ($result.citations // [] | map(select(.verified != false))) as $found
    | ($found | map(select(.signal as $signal | $fallback | index([$signal]) | not))) as $own
    | [
        (select($status.status != "ok") | "expected status=ok, got \($status.status // "none") in \($status_file)"),
        (select($should_run == "true" and $status.should_run != true) | "expected should_run=true in \($status_file)"),
        (select($result.ok != true) | "expected ok=true in \($result_file)"),
        (select(($found | length) < $citations)
          | "citation threshold failed: expected >= \($citations) (--min-citations), got \($found | length)"),
        (select(($own | length) < $others)
          | "non-fallback citation threshold failed: expected >= \($others) (--min-non-fallback-citations), got \($own | length) (fallback signals: \($signals))"),
        (select($pattern != "" and ($result.highlights // [] | map(tostring | select(test($pattern))) | length) == 0)
          | "required highlight pattern not found: \($pattern) (--require-highlight-pattern)")
      ]
    | if length > 0 then .[]
      else "passed: status=ok, should_run=\($status.should_run), citations=\($found | length), non_fallback_citations=\($own | length)" end'
}

tell() {
  printf 'RLMS canary assertion failed: %s\n' "$1" >&2
  if [[ -n ${GITHUB_ACTIONS-} ]]; then printf '::error::RLMS canary: %s\n' "$1" >&2; fi
}

usage_error() {
  printf 'assert-rlms-canary: error: %s\n  fix: %s\n' "$1" "${2:-See scripts/assert-rlms-canary.sh --help.}" >&2
  exit 2
}

# The comment at the head of this file.
help() {
  sed -n -e '1d' -e '/^#/!q' -e 's/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

main "$@"
