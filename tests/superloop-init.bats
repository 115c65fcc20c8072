#!/usr/bin/env bats
# superloop.sh init.

setup() {
  load helpers/host
  host::setup
  mkdir -p "${REPO}" "${TMP}/bin"
  git -C "${REPO}" init -q
  HOME_FOLDER=${REPO}/.superloop
  # a PATH with the system's programs and no agent but those that a test makes
  local name
  for name in bash sh env cat cp mv mkdir rm dirname readlink date git jq node head sed sort awk tr grep find ls; do
    ln -s "$(command -v "${name}")" "${TMP}/bin/${name}"
  done
}

init() {
  run --separate-stderr env PATH="${TMP}/bin" bash "${PROJECT_ROOT}/superloop.sh" init --repo "${REPO}" "$@"
}

# What there is, in order.
made() {
  (cd "${HOME_FOLDER}" && find . | LC_ALL=C sort | paste -sd ' ' -)
}

agent_program() {
  printf '#!/bin/sh\n' >"${TMP}/bin/$1"
  chmod +x "${TMP}/bin/$1"
}

@test "init makes a configuration and its README, the roles, a first spec, and what git is to ignore" {
  agent_program claude
  init
  assert_success
  assert_output "Initialized .superloop in ${HOME_FOLDER}
Agent programs found: claude; the first plays every role
Next: write ${HOME_FOLDER}/specs/initiation.md, then superloop.sh run --repo ${REPO}"
  assert_equal "${stderr}" ""
  assert_equal "$(made)" '. ./.gitignore ./README.md ./config.json ./loops ./roles ./roles/implementer.md ./roles/planner.md ./roles/reviewer.md ./roles/tester.md ./specs ./specs/initiation.md'
}

@test "what init makes is a valid configuration, statically as well" {
  init
  echo '# A counter' >"${HOME_FOLDER}/specs/initiation.md"
  host::run validate --static
  assert_success
  assert_output $'ok: the configuration fits the schema\nok: static analysis passed'
  assert_equal "${stderr}" ""
}

@test "the configuration has the agent programs that are installed, the first plays every role; codex where none is" {
  init
  host::assert_json "${HOME_FOLDER}/config.json" '[(.runners | keys), ([.loops[0].roles[].runner] | unique)]' '[["codex"],["codex"]]'
  assert_line --index 1 "No agent program found (codex, claude, opencode, gemini); the configuration names codex: install it, or name yours"
  agent_program gemini
  agent_program claude
  init --force
  host::assert_json "${HOME_FOLDER}/config.json" '[(.runners | keys), ([.loops[0].roles[].runner] | unique)]' '[["claude","gemini"],["claude"]]'
}

@test "analyses are made by the first agent program without its tools" {
  agent_program gemini
  init
  host::assert_json "${HOME_FOLDER}/config.json" .loops[0].rlms.models '{"root":{"command":["rlms:gemini"]}}'
}

@test "a second init keeps what is there, says so, and adds what is missing" {
  init
  rm "${HOME_FOLDER}/roles/tester.md" "${HOME_FOLDER}/specs/initiation.md"
  printf 'mine\n' | tee "${HOME_FOLDER}/config.json" "${HOME_FOLDER}/README.md" >"${HOME_FOLDER}/roles/planner.md"
  init
  assert_success
  assert_output "Initialized .superloop in ${HOME_FOLDER}
Kept as they are: roles/planner.md roles/implementer.md roles/reviewer.md README.md config.json"
  assert_equal "$(cat "${HOME_FOLDER}/config.json" "${HOME_FOLDER}/README.md" "${HOME_FOLDER}/roles/planner.md")" $'mine\nmine\nmine'
  assert [ -s "${HOME_FOLDER}/roles/tester.md" ]
  assert [ ! -e "${HOME_FOLDER}/specs/initiation.md" ]
  init
  assert_success
  assert_line --index 0 "Nothing to do: .superloop is set up in ${HOME_FOLDER}"
}

@test "what is there without a configuration is kept, and the rest is added" {
  mkdir -p "${HOME_FOLDER}/roles" "${HOME_FOLDER}/specs"
  printf 'mine\n' | tee "${HOME_FOLDER}/specs/initiation.md" >"${HOME_FOLDER}/roles/planner.md"
  init
  assert_success
  assert_line "Kept as they are: roles/planner.md specs/initiation.md"
  assert_equal "$(cat "${HOME_FOLDER}/roles/planner.md" "${HOME_FOLDER}/specs/initiation.md")" $'mine\nmine'
  host::run validate --static
  assert_success
}

@test "with --force the old files are kept as .bak" {
  local file
  init
  for file in config.json roles/planner.md roles/reviewer.md specs/initiation.md; do printf 'my %s\n' "${file}" >"${HOME_FOLDER}/${file}"; done
  init --force
  assert_success
  for file in config.json roles/planner.md roles/reviewer.md specs/initiation.md; do
    assert_equal "$(cat "${HOME_FOLDER}/${file}.bak")" "my ${file}"
    run cat "${HOME_FOLDER}/${file}"
    refute_output "my ${file}"
  done
  host::run validate --static
  assert_success
}

@test "a backup is never overwritten, and what would not change is not replaced" {
  init
  printf 'first\n' >"${HOME_FOLDER}/config.json"
  init --force
  assert_line "Replaced, the old ones kept: config.json (config.json.bak)"
  assert_line "Kept as they are: roles/planner.md roles/implementer.md roles/tester.md roles/reviewer.md README.md specs/initiation.md"
  printf 'second\n' >"${HOME_FOLDER}/config.json"
  init --force
  assert_line "Replaced, the old ones kept: config.json (config.json.bak.2)"
  init --force
  assert_line --index 0 "Nothing to do: .superloop is set up in ${HOME_FOLDER}"
  assert_equal "$(cat "${HOME_FOLDER}/config.json.bak" "${HOME_FOLDER}/config.json.bak.2")" $'first\nsecond'
  assert_equal "$(made | tr ' ' '\n' | grep -c 'bak')" 2
}

@test "git ignores what loops leave behind, and nothing else; lines of the user's stay" {
  mkdir -p "${HOME_FOLDER}"
  printf '# mine\n*.tmp\n/logs/' >"${HOME_FOLDER}/.gitignore"
  init
  assert_equal "$(cat "${HOME_FOLDER}/.gitignore")" $'# mine\n*.tmp\n/logs/\n/loops/\n/state.json'
  init
  assert_equal "$(cat "${HOME_FOLDER}/.gitignore")" $'# mine\n*.tmp\n/logs/\n/loops/\n/state.json'
  host::file .superloop/loops/work/plan.md
  host::file .superloop/logs/x.log
  host::file .superloop/state.json
  assert_equal "$(git -C "${REPO}" status --short --untracked-files=all | cut -c 4- | paste -sd ' ' -)" \
    ".superloop/.gitignore .superloop/README.md .superloop/config.json .superloop/roles/implementer.md .superloop/roles/planner.md .superloop/roles/reviewer.md .superloop/roles/tester.md .superloop/specs/initiation.md"
}

@test "the README explains every key of the configuration" {
  local key
  init
  while IFS= read -r key; do
    grep -qF "\`${key}" "${HOME_FOLDER}/README.md" || fail "nothing on ${key}"
  done < <(jq -r '"runners.NAME", "loops", (.loops[0] | keys[] | "loops[].\(.)")' "${HOME_FOLDER}/config.json")
  while IFS= read -r key; do
    jq -e --arg key "${key}" '.properties.loops.items.properties | has($key)' "${PROJECT_ROOT}/schema/config.schema.json" >/dev/null \
      || fail "there is no ${key}"
  done < <(sed -n 's/^| `loops\[\]\.\([a-z_]*\).*/\1/p' "${HOME_FOLDER}/README.md")
}

@test "what stands in the way is told, and nothing is written" {
  host::file .superloop/roles "no folder"
  init
  assert_failure 1
  assert_equal "${stderr}" "error: cannot write ${HOME_FOLDER}/roles: it is no folder
  code: FILE_NOT_WRITTEN
  fix: Free some space, or correct what is in its place and the permissions of its folder."
  assert_equal "$(made)" ". ./roles"
  rm "${HOME_FOLDER}/roles"
  mkdir "${HOME_FOLDER}/config.json"
  init --force
  assert_failure 1
  assert_equal "${stderr_lines[0]}" "error: cannot write ${HOME_FOLDER}/config.json: it is a folder"
  assert_equal "$(made)" ". ./config.json"
}

@test "a copy that fails on the way leaves nothing half-written" {
  rm "${TMP}/bin/cp"
  printf '#!/bin/sh\ncase "$*" in *spec.md*) exit 1 ;; *) exec %q "$@" ;; esac\n' "$(command -v cp)" >"${TMP}/bin/cp"
  chmod +x "${TMP}/bin/cp"
  init
  assert_failure 1
  assert_equal "${stderr_lines[1]}" "  code: FILE_NOT_WRITTEN"
  assert_equal "$(made)" ". ./loops ./roles ./specs"
}

@test "init without jq says so and leaves no blank configuration behind" {
  rm "${TMP}/bin/jq"
  init
  assert_failure 1
  assert_equal "${stderr}" $'error: jq is not installed\n  code: JQ_MISSING\n  fix: Install jq.'
  run ! test -e "${HOME_FOLDER}/config.json"
}

@test "init works in a folder that git does not know" {
  rm -rf "${REPO}/.git"
  init
  assert_success
  host::run validate --static
  assert_success
}

@test "a spec that is still the template is warned of, by validate and by run" {
  local warning="warning: loops[0].spec_file: .superloop/specs/initiation.md is still the template that init wrote: it says nothing of what is wanted
  code: SPEC_FILE_TEMPLATE
  fix: Write what is wanted, its title first."
  init
  jq '.loops[0] |= (.completion_promise = "DONE" | .max_iterations = 1 | .roles = {planner: {runner: "a"}} | .rlms.enabled = false) | .runners.a.command = ["true"]' \
    "${HOME_FOLDER}/config.json" >"${TMP}/config.json"
  mv "${TMP}/config.json" "${HOME_FOLDER}/config.json"
  host::run validate --static
  assert_success
  assert_equal "$(head -n 3 <<<"${stderr}")" "${warning}"
  host::run run
  assert_equal "$(head -n 3 <<<"${stderr}")" "${warning}"
  sed -i.bak '1s/.*/# Feature: a counter/' "${HOME_FOLDER}/specs/initiation.md"
  host::run run
  refute_regex "${stderr}" SPEC_FILE_TEMPLATE
}

@test "init works in paths of every kind" {
  local name
  for name in "a b" "it's" $'two\nlines' 'R&D' é "\$HOME"; do
    REPO=${TMP}/${name} HOME_FOLDER=${TMP}/${name}/.superloop
    mkdir "${REPO}"
    init
    assert_success
    host::run validate --static
    assert_success
  done
}

@test "the command that comes next can be pasted, whatever the folder is called" {
  mkdir "${TMP}/my project"
  run "${PROJECT_ROOT}/superloop.sh" init --repo "${TMP}/my project"
  assert_success
  assert_line "Next: write ${TMP}/my project/.superloop/specs/initiation.md, then superloop.sh run --repo ${TMP}/my\\ project"
}
