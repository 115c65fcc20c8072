#!/usr/bin/env bats
# scripts/rlms with its built-in models: the lean presets of the agent programs, HTTP, and what their environment holds.

setup() {
  load helpers/door
  set_up_door
}

teardown() {
  if [[ -n ${SERVER_PID-} ]]; then kill "${SERVER_PID}"; fi
  tear_down_door
}

# An agent program of this name on PATH that notes its arguments and standard input.
agent() {
  fake_program "$1" <<'END'
printf '%s\n' "$@" >"${LOG}.argv"
cat >"${LOG}.stdin"
env >"${LOG}.env"
echo 'set_final("preset")'
END
  PATH=${TMP}/bin:${PATH}
}

@test "a preset asks its program leanly, with the model by name, further elements passed on and the prompt on standard input" {
  local row name expected
  for row in 'claude|^-p .*--output-format json .*--tools  .*--model fast --extra$' \
    'codex|^exec --json --ephemeral .* -m fast --extra -$' \
    'opencode|^run --format json --title .* -m fast --extra$' \
    'gemini|^-o json --skip-trust -m fast --extra$'; do
    IFS='|' read -r name expected <<<"${row}"
    agent "${name}"
    door --root-command-json "[\"rlms:${name}\",\"--extra\"]" --root-model fast
    assert_done '"preset"'
    assert_regex "$(paste -sd ' ' "${LOG}.argv")" "${expected}"
    assert_equal "$(head -n 1 "${LOG}.stdin")" "# You answer a task about documents that are too large to read at once"
    assert_equal "$(jq -rs '[.[] | select(.type == "call") | .model] | unique[]' "${OUT}/journal.jsonl")" "${name}"
  done
}

@test "files that a preset names for its program are there" {
  local file
  agent codex
  door --root-command-json '["rlms:codex"]'
  file=$(sed -n 's/^model_instructions_file=//p' "${LOG}.argv")
  assert [ -s "${file}" ]
  agent gemini
  door --root-command-json '["rlms:gemini"]'
  file=$(sed -n 's/^GEMINI_SYSTEM_MD=//p' "${LOG}.env")
  assert [ -s "${file}" ]
}

@test "a preset whose program is not installed says what to install" {
  ln -s "$(command -v node)" "$(command -v bash)" "$(command -v dirname)" "$(command -v python3)" "${TMP}/bin/"
  run --separate-stderr env PATH="${TMP}/bin" bash "${PROJECT_ROOT}/scripts/rlms" "${DOOR_FLAGS[@]}" --root-command-json '["rlms:claude"]'
  assert_error 1 model_invocation_failed 'claude: there is no program "claude"' 'Install claude, or correct the command.'
}

@test "the environment of the door reaches a model program, extra certificates included" {
  agent claude
  : >"${TMP}/ca.pem"
  MY_SETTING=kept NODE_EXTRA_CA_CERTS=${TMP}/ca.pem door --root-command-json '["rlms:claude"]'
  assert_done '"preset"'
  assert_equal "$(grep -E '^(MY_SETTING|NODE_EXTRA_CA_CERTS)=' "${LOG}.env" | LC_ALL=C sort)" "MY_SETTING=kept
NODE_EXTRA_CA_CERTS=${TMP}/ca.pem"
}

# A chat API on a free loopback port; URL is its address. It notes requests and answers from ${LOG}.answers, one a line.
start_server() {
  # shellcheck disable=SC2016 # not for this shell
  node -e '
    const fs = require("node:fs")
    const answers = fs.readFileSync(process.argv[1] + ".answers", "utf8").trim().split("\n")
    const server = require("node:http").createServer((request, response) => {
      let body = ""
      request.on("data", (part) => { body += part })
      request.on("end", () => {
        fs.appendFileSync(process.argv[1] + ".requests", `${request.method} ${request.url} ${request.headers.authorization} ${JSON.parse(body).model}\n`)
        const [status, ...rest] = answers.shift().split(" ")
        response.writeHead(Number(status), { "content-type": "application/json" }).end(rest.join(" "))
      })
    })
    server.listen(0, "127.0.0.1", () => fs.writeFileSync(process.argv[1] + ".port", `${server.address().port}\n`))
  ' "${LOG}" 3>&- &
  SERVER_PID=$!
  wait_until has_lines "${LOG}.port" 1
  URL=http://127.0.0.1:$(<"${LOG}.port")
}

@test "an HTTP model is asked at its chat address with the key of the environment, which is written nowhere" {
  echo '200 {"choices":[{"message":{"content":"set_final(\"by http\")"},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":5,"cost":0.125}}' >"${LOG}.answers"
  start_server
  RLMS_HTTP_API_KEY=s3cret door --root-command-json "$(vector rlms:http "${URL}/v1/" tiny)"
  assert_done '"by http"'
  assert_result .usage '{"input_tokens":11,"output_tokens":5,"cost_usd":0.125}'
  assert_equal "$(<"${LOG}.requests")" "POST /v1/chat/completions Bearer s3cret tiny"
  refute grep -r s3cret "${OUT}"
}

@test "an HTTP model that is overloaded is asked again, one that refuses is not" {
  echo '503 {"error":{"message":"busy"}}
401 {"error":{"message":"no such key"}}
200 {}' >"${LOG}.answers"
  start_server
  door --root-command-json "$(vector rlms:http "${URL}" tiny)"
  assert_error 1 model_invocation_failed "tiny at ${URL#http://} answered with an error: HTTP 401 no such key"
  assert_equal "$(grep -c POST "${LOG}.requests")" 2
}
