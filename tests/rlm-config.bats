#!/usr/bin/env bats
# Where settings come from, which one wins, what is refused, and changes to files that keep what people wrote.

setup() {
  load helpers/rlm
  set_up_rlm
}

config() { rlm config "$@"; }

# assert_setting KEY VALUE ORIGIN [FLAG…]
assert_setting() {
  local key=$1 value=$2 origin=$3
  shift 3
  config show --format json "$@"
  assert_json "[.settings.${key}.value, .settings.${key}.from]" "[${value},\"${origin}\"]"
}

@test "each place wins over the one before: user, project, profile, environment, flag" {
  assert_setting timeout 600 default
  mkdir -p "${XDG_CONFIG_HOME}/rlm"
  echo 'timeout: 1' >"${XDG_CONFIG_HOME}/rlm/config.yaml"
  assert_setting timeout 1 "${XDG_CONFIG_HOME}/rlm/config.yaml"
  printf 'timeout: 2\nprofiles: {ci: {timeout: 3}}\n' >rlm.config.yaml
  assert_setting timeout 2 "${PWD}/rlm.config.yaml"
  assert_setting timeout 3 "profile ci in ${PWD}/rlm.config.yaml" --profile ci
  RLM_TIMEOUT=4 assert_setting timeout 4 RLM_TIMEOUT --profile ci
  replies "42"
  rlm run "?" "${MODEL[@]}" --timeout 5 --format json --profile ci
  assert_json .limits.timeout_seconds 5
}

@test "a project's file is found upwards, of every kind" {
  mkdir -p a/b
  cd a/b || return 1
  local name
  for name in rlm.config.json .rlmrc .rlmrc.json; do
    echo '{"max_steps": 7}' >"../${name}"
    assert_setting max_steps 7 "${PWD%/*}/${name}"
    rm "../${name}"
  done
  for name in rlm.config.yaml .rlmrc.yaml; do
    echo 'max_steps: 7' >"../${name}"
    assert_setting max_steps 7 "${PWD%/*}/${name}"
    rm "../${name}"
  done
  echo 'export default { max_steps: 3 + 4 }' >../rlm.config.mjs
  assert_setting max_steps 7 "${PWD%/*}/rlm.config.mjs"
  rm ../rlm.config.mjs
  echo 'module.exports = { max_steps: 7 }' >../rlm.config.js
  assert_setting max_steps 7 "${PWD%/*}/rlm.config.js"
  rm ../rlm.config.js
  echo '{"name": "x", "rlm": {"max_steps": 7}}' >../package.json
  assert_setting max_steps 7 "${PWD%/*}/package.json"
  echo '{"name": "y"}' >package.json
  assert_setting max_steps 7 "${PWD%/*}/package.json"
}

@test "two files in one folder are refused: neither could be meant" {
  echo '{}' >rlm.config.json
  echo '' >.rlmrc
  config show
  assert_refused 2 "${PWD} has 2 configuration files: .rlmrc, rlm.config.json" \
    "Keep one of them, or name one with --config."
}

@test "a file may be named, or none" {
  echo 'max_steps: 7' >rlm.config.yaml
  echo 'max_steps: 8' >other.yaml
  assert_setting max_steps 8 "${PWD}/other.yaml" --config other.yaml
  RLM_CONFIG=none assert_setting max_steps 20 default
  config show --config none.yaml
  assert_refused 2 "the configuration cannot be read: there is no file ${PWD}/none.yaml" \
    "Correct the path or its permissions."
}

@test "files extend files, profiles extend profiles, and a circle is an error" {
  printf 'max_steps: 5\nmax_errors: 2\n' >base.yaml
  cat >rlm.config.yaml <<'Y'
extends: base.yaml
max_steps: 6
profile: ci
profiles:
  careful: { max_usd: 0.5, timeout: 60 }
  ci: { extends: careful, timeout: 30 }
Y
  assert_setting max_errors 2 "${PWD}/base.yaml"
  assert_setting max_steps 6 "${PWD}/rlm.config.yaml"
  assert_setting max_usd 0.5 "profile careful in ${PWD}/rlm.config.yaml"
  assert_setting timeout 30 "profile ci in ${PWD}/rlm.config.yaml"
  echo 'extends: rlm.config.yaml' >base.yaml
  config show
  assert_refused 2 "the configuration files extend each other in a circle: ${PWD}/rlm.config.yaml -> ${PWD}/base.yaml -> ${PWD}/rlm.config.yaml" \
    "Take one of the extends away."
  echo 'profiles: { a: { extends: b }, b: { extends: [a] } }' >rlm.config.yaml
  config show --profile a
  assert_refused 2 "the profiles extend each other in a circle: a -> b -> a" "Take one of the extends away."
  config show --profile c
  assert_equal "${status}" 2
}

@test "all mistakes of a file are told at once, with the nearest of what is known" {
  cat >rlm.config.yaml <<'Y'
max_uds: 3
timeout: soon
api_key: sk-123
profiles: { ci: { formt: json } }
models: { own: { url: "http://x", modl: y } }
prices: { own: 3 }
Y
  config show
  assert_equal "${status}" 2
  assert_regex "${stderr}" 'rlm.config.yaml has 6 mistakes:'
  assert_regex "${stderr}" 'there is no setting max_uds. Did you mean max_usd\?'
  assert_regex "${stderr}" 'timeout must be a number from 0.1 to 2000000, not "soon"'
  assert_regex "${stderr}" 'there is no setting api_key. Keys stand in the environment or in a file'
  assert_regex "${stderr}" 'there is no setting profiles.ci.formt. Did you mean format\?'
  assert_regex "${stderr}" 'there is no models.own.modl. Did you mean model\?'
  assert_regex "${stderr}" 'prices.own must be \{input, output\} with US dollars per million tokens'
  refute_regex "${stderr}" 'sk-123'
}

@test "what cannot be read is told with its place" {
  printf 'a: 1\nb: [\n' >rlm.config.yaml
  config show
  assert_equal "${status}" 2
  assert_regex "${stderr}" 'rlm.config.yaml is no YAML: .*line 3'
  rm rlm.config.yaml
  echo '[1]' >.rlmrc.json
  config show
  assert_refused 2 "${PWD}/.rlmrc.json is no configuration: it holds no keys" \
    "Write it as \`key: value\`; see rlm config init."
  rm .rlmrc.json
  echo 'throw new Error("no luck")' >rlm.config.mjs
  config show
  assert_refused 2 "${PWD}/rlm.config.mjs cannot be run: no luck" "Correct the file."
}

@test "a wrong flag or variable is told by its own name" {
  RLM_MAX_STEPS=0 config show
  assert_refused 2 'RLM_MAX_STEPS must be a whole number from 1 up, not "0"' "Correct RLM_MAX_STEPS."
  rlm run "?" --max-depth deep
  assert_refused 2 '--max-depth must be auto or a number, not "deep"' "Correct --max-depth."
}

@test "models have names, and a price that is set is counted" {
  jq -n '{root: [{reply: "42", input_tokens: 1000000, output_tokens: 100000}]}' >"${SCRIPT}"
  cat >rlm.config.yaml <<Y
models:
  mine: ["rlms:scripted", "${SCRIPT}"]
  again: mine
model: again
Y
  rlm run "?" --format json --context rlm.config.yaml
  assert_json '[.ok, .final]' '[true,"42"]'
  cat >"${TMP}/bin/codex" <<'S'
#!/bin/sh
cat >/dev/null
echo '{"type":"thread.started","thread_id":"t"}'
echo '{"type":"item.completed","item":{"type":"agent_message","text":"hello"}}'
echo '{"type":"turn.completed","usage":{"input_tokens":1000000,"output_tokens":100000}}'
S
  chmod +x "${TMP}/bin/codex"
  rlm run "?" --format json --context rlm.config.yaml --model codex:gpt-x
  assert_json '.usage.cost_usd' null
  echo 'prices: { "gpt-*": { input: 2, output: 10 } }' >>rlm.config.yaml
  rlm run "?" --format json --context rlm.config.yaml --model codex:gpt-x
  assert_json '.usage.cost_usd' 3
}

@test "init writes a commented file that validates, and replaces none" {
  config init
  assert_equal "${status} ${stderr}" "0 rlm: wrote ${PWD}/rlm.config.yaml"
  config show
  assert_equal "${status}" 0
  # every line taken from its comment is valid too
  sed -E 's/^# ([a-z_]+:|  )/\1/' rlm.config.yaml | grep -vE '^(sub_)?model:' >all.yaml
  config show --config all.yaml
  assert_equal "${status} ${stderr}" "0 "
  config init
  assert_refused 2 "there is a configuration already: ${PWD}/rlm.config.yaml" \
    "Change it with rlm config set, or replace it with --force."
  config init --user
  assert [ -f "${XDG_CONFIG_HOME}/rlm/config.yaml" ]
}

@test "set keeps comments, order and layout of YAML" {
  cat >rlm.config.yaml <<'Y'
# ours
model: claude   # the good one

max_usd: 0.5
# for CI
profiles:
  ci: { timeout: 60 }
Y
  config set max_usd 2
  config set profiles.ci.max_steps 5
  config set model http://127.0.0.1:1/v1#m
  assert_equal "$(<rlm.config.yaml)" '# ours
model: http://127.0.0.1:1/v1#m # the good one

max_usd: 2
# for CI
profiles:
  ci: { timeout: 60, max_steps: 5 }'
}

@test "set keeps the indentation of JSON, and the rest of package.json" {
  printf '{\n    "max_usd": 1\n}\n' >rlm.config.json
  config set max_steps 5
  assert_equal "$(<rlm.config.json)" $'{\n    "max_usd": 1,\n    "max_steps": 5\n}'
  rm rlm.config.json
  printf '{\n\t"name": "x",\n\t"rlm": {}\n}\n' >package.json
  config set max_steps 5
  assert_equal "$(<package.json)" $'{\n\t"name": "x",\n\t"rlm": {\n\t\t"max_steps": 5\n\t}\n}'
}

@test "set writes nothing that would be refused" {
  echo 'max_usd: 0.5' >rlm.config.yaml
  config set max_uds 3
  assert_refused 2 "${PWD}/rlm.config.yaml: there is no setting max_uds" "Did you mean max_usd?"
  config set max_usd lots
  assert_equal "${status}" 2
  assert_equal "$(<rlm.config.yaml)" 'max_usd: 0.5'
  rm rlm.config.yaml
  echo 'export default {}' >rlm.config.mjs
  config set max_usd 3
  assert_refused 2 "${PWD}/rlm.config.mjs is a program: it cannot be changed from here" \
    "Edit it, or name a YAML or JSON file with --config."
}

@test "set begins a file where there is none, of the project or of the user" {
  config set max_usd 3
  assert_equal "$(<rlm.config.yaml)" 'max_usd: 3'
  config set --user max_usd 4
  assert_equal "$(<"${XDG_CONFIG_HOME}/rlm/config.yaml")" 'max_usd: 4'
  config path
  assert_equal "${output}" "${XDG_CONFIG_HOME}/rlm/config.yaml"$'\n'"${PWD}/rlm.config.yaml"
  config get max_usd
  assert_equal "${output}" 3
}
