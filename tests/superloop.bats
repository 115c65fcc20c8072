#!/usr/bin/env bats
# superloop.sh as a user calls it: version, help, wrong use.

setup() {
  load helpers/host
  host::setup
  cd "${TMP}" || return
}

superloop() {
  run --separate-stderr "${PROJECT_ROOT}/superloop.sh" "$@"
}

@test "the version is printed with the semver first" {
  local version flag
  version=$(jq -r .version "${PROJECT_ROOT}/package.json")
  for flag in --version -v version; do
    superloop "${flag}"
    assert_success
    assert_output "${version} superloop-rlms"
    assert_equal "${stderr}" ""
  done
}

@test "help tells every command and the exit statuses" {
  local flag word
  for flag in --help -h help; do
    superloop "${flag}"
    assert_success
    assert_line --index 0 "Usage: superloop.sh COMMAND --repo DIR [options]"
    for word in init run list status validate --repo --config --schema --version --help --force --dry-run --fast --summary --static --probe; do
      assert_output --partial "${word}"
    done
    assert_line --partial "Exit status: 0 done; 1 the run failed or stopped; 2 wrong use or configuration;"
    assert_equal "${stderr}" ""
  done
}

@test "no command at all is answered with the usage, status 1" {
  superloop
  assert_failure 1
  assert_output ""
  assert_equal "${stderr_lines[0]}" "Usage: superloop.sh COMMAND --repo DIR [options]"
}

@test "each command has its own help, without a repository" {
  local command
  for command in init run list status validate; do
    superloop "${command}" --help
    assert_success
    assert_line --index 0 --partial "Usage: superloop.sh ${command} --repo DIR"
    superloop "${command}" --repo none -h
    assert_success
    assert_line --index 0 --partial "Usage: superloop.sh ${command} --repo DIR"
  done
}

# assert_usage MESSAGE FIX ARGUMENT…
assert_usage() {
  local message=$1 fix=$2
  shift 2
  superloop "$@"
  assert_failure 2
  assert_output ""
  assert_equal "${stderr}" "error: ${message}"$'\n'"  code: USAGE"$'\n'"  fix: ${fix}"
}

@test "wrong use is refused by name, status 2" {
  local help="See superloop.sh --help."
  assert_usage "there is no command 'bake'; there are init, run, list, status, validate, approve, cancel, usage and report" "${help}" bake
  assert_usage "there is no command '--repo'; there are init, run, list, status, validate, approve, cancel, usage and report" "${help}" --repo . list
  assert_usage "there is no flag --colour for list" "See superloop.sh list --help." list --colour
  assert_usage "there is no flag --force for run" "See superloop.sh run --help." run --force
  assert_usage "there is no flag --fast=yes for run" "See superloop.sh run --help." run --fast=yes
  assert_usage "'here' is not a flag of validate" "${help}" validate here
  assert_usage "'-x' is not a flag of validate" "${help}" validate -x
  assert_usage "'' is not a flag of validate" "${help}" validate ""
  assert_usage "--repo needs a value" "${help}" status --repo
  assert_usage "--loop needs a value" "${help}" run --repo . --loop
  assert_usage "there is no folder none" "Give --repo the repository's folder." list --repo none
  assert_usage "there is no folder none" "Give --repo the repository's folder." list --repo=none
}

@test "an argument of two dashes alone is wrong use" {
  superloop list --
  assert_failure 2
  assert_output ""
  assert_equal "${stderr_lines[1]}" "  code: USAGE"
}

@test "a flag's value may stand behind an equals sign, and may hold one" {
  mkdir "a=b"
  superloop list "--repo=a=b"
  assert_failure 2
  assert_equal "${stderr_lines[0]}" "superloop: error: the configuration cannot be read: there is no file ${TMP}/a=b/.superloop/config.json"
}

@test "without --repo the working directory is the repository" {
  superloop status
  assert_success
  assert_output "No state file found."
}

@test "a link to superloop.sh works as the script itself, from anywhere" {
  mkdir bin repo
  ln -s "${PROJECT_ROOT}/superloop.sh" bin/first
  ln -s first bin/superloop
  run --separate-stderr bin/superloop --version
  assert_success
  assert_output --partial superloop-rlms
  cd bin
  run --separate-stderr ./superloop status --repo ../repo
  assert_success
}

@test "a user's CDPATH changes nothing" {
  mkdir -p repo/.superloop other/repo "${TMP}/bin"
  printf '{"active":false}\n' >repo/.superloop/state.json
  ln -s "${PROJECT_ROOT}/superloop.sh" bin/superloop
  export CDPATH=${TMP}/other:.:${TMP}
  superloop status --repo repo
  assert_success
  assert_output '{"active":false}'
  run --separate-stderr bin/superloop --version
  assert_success
  assert_output --partial superloop-rlms
  cd "${PROJECT_ROOT}"
  export CDPATH=${PROJECT_ROOT}
  run --separate-stderr scripts/rlms --version
  assert_success
  assert_equal "${stderr}" ""
}

@test "a program that is missing is named with what to do" {
  local name
  host::make_repo
  mkdir path
  for name in bash dirname cat git readlink mkdir; do ln -s "$(command -v "${name}")" "path/${name}"; done
  run --separate-stderr env PATH="${TMP}/path" bash "${PROJECT_ROOT}/superloop.sh" run --repo "${REPO}"
  assert_failure 1
  assert_equal "${stderr}" $'error: jq is not installed\n  code: JQ_MISSING\n  fix: Install jq.'
  run --separate-stderr env PATH="${TMP}/path" bash "${PROJECT_ROOT}/superloop.sh" list --repo "${REPO}"
  assert_failure 1
  assert_equal "${stderr}" $'error: Node.js is not installed\n  code: NODE_MISSING\n  fix: Install Node.js 20.19 or newer.'
}
