#!/usr/bin/env bats
# Rules of the Bash code that a machine can hold.

setup() {
  load helpers/common
  cd "${PROJECT_ROOT}" || return
}

# Every Bash file of the product.
bash_files() {
  git ls-files --cached --others --exclude-standard superloop.sh 'src/*.sh' scripts .ci | while IFS= read -r file; do
    if [[ ${file} == *.sh ]] || head -n 1 "${file}" | grep -q '^#!.*bash'; then printf '%s\n' "${file}"; fi
  done
}

# Lines of the files on standard input that hold a construct which fails on Bash 3.2, as file:line:text.
newer_bash() {
  local file
  while IFS= read -r file; do
    grep -nHE \
      -e '\b(declare|local|typeset|readonly) -[a-zA-Z]*[Anlu]' \
      -e '\b(mapfile|readarray|coproc)\b' \
      -e '\$\{[A-Za-z_][A-Za-z0-9_]*(\[[^]]*\])?(\^\^?|,,?)[^}]*\}' \
      -e '\|&|&>>' \
      -e '\[\[ -v ' \
      -e '\bwait -[nfp]' \
      -e '\$\{[A-Za-z_][A-Za-z0-9_]*:[^}:]*:-[0-9]' \
      -e '\$\{[A-Za-z_][A-Za-z0-9_]*@[QEPAaKk]\}' \
      -e 'printf .*%\([^)]*\)T' \
      -e 'inherit_errexit|EPOCHREALTIME|EPOCHSECONDS|SRANDOM|BASH_ARGV0' \
      -e 'exec \{[A-Za-z_]+\}' \
      "${file}" | grep -vE '^[^:]*:[0-9]+:[[:space:]]*(#|-e )' || :
  done
}

# Arrays that are never empty; of any other, "${name[@]}" fails under set -u on Bash 3.2.
NEVER_EMPTY='SL_ROLES|SL_LOOP_IDS|SL_LOOP_SETTINGS|RUNNER_COMMAND|RUNNER_ARGV|flags|fixed|arguments|patterns|words|_files|_rlms_models|_GIT_NOT_OURS|BASH_SOURCE|install|wanted|shell_files|python_files|bats_files|SL_RLMS_CONTEXT_INCLUDE|left_out|SL_RLMS_MODELS_ROOT_COMMAND|SL_RLMS_MODELS_SUBCALL_COMMAND|SL_TESTS_COMMANDS'

# Lines of the files on standard input that expand an array which may be empty, as file:line:text.
unsafe_arrays() {
  local file
  while IFS= read -r file; do
    grep -nHE '"\$\{[A-Za-z_]+\[@\]\}"' "${file}" \
      | sed -E -e 's/\$\{[A-Za-z_]+\[@\]\+"\$\{[A-Za-z_]+\[@\]\}"\}//g' -e "s/\"\\\$\{(${NEVER_EMPTY})\[@\]\}\"//g" \
      | grep -E '"\$\{[A-Za-z_]+\[@\]\}"' || :
  done
}

@test "no file uses what Bash 3.2 does not have" {
  run newer_bash < <(bash_files)
  assert_output ""
}

@test "a file that uses newer Bash would be found" {
  local sample=${BATS_TEST_TMPDIR}/sample.sh line
  while IFS= read -r line; do
    printf '%s\n' "${line}" >"${sample}"
    run newer_bash <<<"${sample}"
    assert_output --partial "${line}"
  done <<'LINES'
declare -A map
local -n ref=$1
mapfile -t lines
echo "${name,,}"
echo "${name^^}"
command |& tee log
command &>> log
if [[ -v name ]]; then :; fi
wait -n
echo "${text:0:-1}"
printf '%(%F)T' -1
exec {fd}>file
LINES
}

@test "an array that may be empty is expanded so that set -u allows it on Bash 3.2" {
  run unsafe_arrays < <(bash_files)
  assert_output ""
}

@test "an array that is expanded without care would be found" {
  local sample=${BATS_TEST_TMPDIR}/sample.sh
  # shellcheck disable=SC2016 # the sample is code
  printf '%s\n' 'good ${some[@]+"${some[@]}"}' 'bad "${some[@]}"' >"${sample}"
  run unsafe_arrays <<<"${sample}"
  assert_output "${sample}:2:bad \"\${some[@]}\""
}

@test "every Bash file parses" {
  local file
  while IFS= read -r file; do
    run bash -n "${file}"
    assert_success
  done < <(bash_files)
}

@test "a module defines only functions of its own name, and private ones with a leading underscore" {
  local file module line
  local -a wrong=()
  while IFS= read -r file; do
    module=${file#src/}
    module=${module%.sh}
    module=${module#lib/}
    module=${module//\//::}
    module=${module//-/_}
    while IFS= read -r line; do
      line=${line%%()*}
      if [[ ${line} != "${module}::"* && ${line} != _* ]]; then wrong+=("${file}: ${line}"); fi
    done < <(grep -E '^[A-Za-z_:]+\(\)' "${file}")
  done < <(git ls-files 'src/*.sh')
  printf '%s\n' ${wrong[@]+"${wrong[@]}"}
  ((${#wrong[@]} == 0))
}

@test "no function is longer than 60 lines" {
  run bash -c "$(declare -f bash_files); bash_files | xargs awk 'FNR == 1 { start = 0 } /^[A-Za-z_:]+\(\) \{/ { start = FNR; name = \$1 } /^\}/ && start { if (FNR - start > 60) print FILENAME \": \" name \" \" FNR - start; start = 0 }'"
  assert_success
  assert_output ""
}

@test "a script that changes its folder forgets CDPATH first" {
  local file first
  while IFS= read -r file; do
    first=$(grep -nE -m 1 '^unset CDPATH|(^|\$\()cd ' "${file}") || continue
    [[ ${first} == *'unset CDPATH'* ]] || fail "${file}:${first}"
  done < <({ bash_files && printf 'tests/corpus/run\n'; } | xargs grep -l '^#!')
}

@test "eval stands in lib/json.sh alone" {
  run bash -c "$(declare -f bash_files); bash_files | xargs grep -nHE '(^|[;&|(]|then|do)[[:space:]]*eval ' | grep -v '^src/lib/json.sh:' || :"
  assert_output ""
}

# Lines of the files that write, make or remove without lib/file, and may talk in the words of Bash when that fails.
writes_by_itself() {
  grep -nHE '(^ *|[;&|({] *|then |do )(mkdir|cp|mv|rm|mkfifo) |[^0-9&>]>>?"\$' "$@" \
    | grep -vE '2>/dev/null|file::attempt|:[0-9]+: *#' || : # there are none
}

@test "what the host writes, makes or removes outside lib goes through lib/file" {
  local file
  local -a files=()
  while IFS= read -r file; do files+=("${file}"); done < <(git ls-files 'src/*.sh' | grep -v '^src/lib/')
  # handed to file::attempt; what goes when init ends; an index whose errors are told from its log
  run bash -c "$(declare -f writes_by_itself); writes_by_itself \"\$@\" | grep -vF -e '} >>\"\${output}\"' -e '\${_INIT_STAGE-}' -e '\${index}' || :" - "${files[@]}"
  assert_output ""
}

@test "a line that writes by itself would be found" {
  cat >"${BATS_TEST_TMPDIR}/sample.sh" <<'EOF'
  mkdir -p "$1"
if x; then rm -f "$1"; fi
echo x >"$1"
echo x >>"${file}"
echo x 2>"$1"
cp a b 2>/dev/null
EOF
  run writes_by_itself "${BATS_TEST_TMPDIR}/sample.sh"
  assert_equal "${#lines[@]}" 4
}

@test "every setting that the host reads is assigned somewhere or comes from the configuration" {
  local name known
  known=$(node dist/host-config.cjs resolve --config src/templates/config.json --loop initiation | sed 's/=.*//')
  known+=$'\n'$(node dist/host-config.cjs resolve --config src/templates/config.json | sed 's/=.*//')
  known+=$'\n'$(grep -ohE '\bSL_[A-Za-z_]+=|_into SL_[A-Za-z_]+' superloop.sh src/*.sh src/*/*.sh | sed -e 's/=//' -e 's/.* //')
  # what only some configurations have
  known+=$'\nSL_RLMS_LIMITS_MAX_TOKENS\nSL_RLMS_LIMITS_MAX_USD\nSL_FLAG_BY\nSL_FLAG_DRY_RUN\nSL_FLAG_FAST\nSL_FLAG_FRESH\nSL_FLAG_FORCE\nSL_FLAG_NOTE\nSL_FLAG_PROBE\nSL_FLAG_REJECT\nSL_FLAG_SKIP_VALIDATE\nSL_FLAG_STATIC\nSL_FLAG_SUMMARY\nSL_FLAG_JSON\nSL_FLAG_OUT\nSL_BUDGET_MAX_USD\nSL_BUDGET_MAX_TOKENS'
  while IFS= read -r name; do
    if [[ ${name} == *_ || ${name} == SL_ROLE_* || ${name} == SL_RLMS_MODELS_* ]]; then continue; fi
    grep -qx "${name}" <<<"${known}" || fail "nothing assigns ${name}"
  done < <(grep -ohE '\bSL_[A-Za-z_]+' superloop.sh src/*.sh src/*/*.sh | sort -u)
}
