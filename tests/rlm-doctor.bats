#!/usr/bin/env bats
# rlm's own help: doctor, completions, --help, --version.

setup() {
  load helpers/rlm
  set_up_rlm
}

@test "doctor tells what is there, each problem with its fix" {
  rlm doctor
  assert_equal "${status}" 0
  assert_line --regexp '^ok +node +[0-9.]+, '
  assert_line --regexp '^ok +python +CPython 3\.[0-9]+, /'
  assert_line --regexp '^ok +sandbox +all layers: language, process, kernel$'
  assert_line --regexp '^note +agents +no agent program found$'
  assert_line --regexp '^ok +configuration +no file; defaults hold$'
  assert_line --regexp '^note +model +rlms:offline \(default\)$'
  rlm doctor --json
  assert_json '[.ok, ([.checks[] | select(.state != "ok") | has("fix")] | all)]' '[true,true]'
}

@test "doctor names the programs it found with their versions, and those that do not answer" {
  printf '#!/bin/sh\necho "2.1.0 (Claude Code)"\n' >"${TMP}/bin/claude"
  printf '#!/bin/sh\nexit 3\n' >"${TMP}/bin/codex"
  chmod +x "${TMP}/bin/claude" "${TMP}/bin/codex"
  rlm doctor --json
  assert_equal "${status}" 1
  assert_json '[.checks[] | select(.name == "claude" or .name == "codex") | [.name, .state]]' '[["claude","ok"],["codex","problem"]]'
  assert_json '.checks[] | select(.name == "claude").found' "\"2.1.0 (Claude Code), ${TMP}/bin/claude\""
  assert_json '.checks[] | select(.name == "model").found' '"rlms:claude (default)"'
}

@test "doctor finds a broken configuration, an unusable Python, a state folder that cannot be written" {
  echo 'max_uds: 3' >rlm.config.yaml
  SUPERLOOP_RLMS_PYTHON=/bin/false rlm doctor --json
  assert_equal "${status}" 1
  assert_json '[.checks[] | select(.state == "problem").name]' '["python","configuration"]'
  assert_json '.checks[] | select(.name == "configuration").fix' '"Did you mean max_usd?"'
}

@test "every command tells its help, examples first, without doing anything" {
  local command
  for command in run goal list status resume config doctor completions; do
    rlm "${command}" --help
    assert_equal "${status} ${stderr}" "0 "
    assert_line --index 0 --regexp "^rlm ${command}: "
    assert_line --index 1 "Examples:"
    local longest
    longest=$(awk '{ if (length($0) > n) n = length($0) } END { print n }' <<<"${output}")
    assert [ "${longest}" -le 120 ]
  done
  assert [ ! -e "${XDG_STATE_HOME}" ]
}

@test "the whole is told by rlm --help, the version by --version" {
  rlm
  assert_equal "${status}" 0
  assert_line --regexp '^  rlm run +answer a question'
  rlm --version
  assert_equal "${output}" "$(jq -r .version "${PROJECT_ROOT}/package.json")"
  rlm rnu
  assert_refused 2 "there is no command rnu" "Did you mean run?"
}

@test "--help behind a question is no question" {
  rlm run "what?" --help
  assert_line --index 0 --regexp '^rlm run: '
  replies "42"
  rlm run --quiet "${MODEL[@]}" -- --help
  assert_equal "${output}" 42
}

# complete WORD…: what bash offers for the last word.
complete_words() {
  bash -c 'source <("$1" completions bash); shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _rlm; printf "%s\n" "${COMPREPLY[@]}"' \
    complete "${PROJECT_ROOT}/dist/rlm.cjs" "$@" | tr '\n' ' '
}

@test "bash completes commands, flags, their values, files" {
  assert_equal "$(complete_words rlm re)" "resume "
  assert_equal "$(complete_words rlm run --max-s)" "--max-steps --max-subcalls "
  assert_equal "$(complete_words rlm run --format "")" "text json yaml "
  assert_equal "$(complete_words rlm config s)" "show set "
  assert_equal "$(complete_words rlm list --limit "" | tr -d " ")" ""
  assert_equal "$(complete_words rlm run --schema no)" "notes.txt "
  assert_equal "$(complete_words rlm goal --agent o)" "opencode offline "
  assert_equal "$(complete_words rlm goal re)" "resume "
}

@test "completions of zsh and fish are what those shells read" {
  rlm completions zsh
  assert_line --index 0 "#compdef rlm"
  if command -v zsh >/dev/null; then zsh -n <<<"${output}"; fi
  rlm completions fish
  assert_regex "${output}" $'\n'"complete -c rlm -n '__fish_seen_subcommand_from run' -l format -x -a 'text json yaml' -d "
  if command -v fish >/dev/null; then
    assert_equal "$(fish -c 'source; complete -C "rlm goal --agent o"' <<<"${output}" | cut -f1 | tr '\n' ' ')" "offline opencode "
  fi
  rlm completions tcsh
  assert_refused 2 'the shell must be one of bash, zsh, fish, not "tcsh"' "Correct the shell."
}
