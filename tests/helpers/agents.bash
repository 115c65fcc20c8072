# Shared by tests/rlm-agent*.bats: stand-ins for agent programs. Use: load helpers/agents, then set_up_agents in setup().

set_up_agents() {
  load helpers/rlm
  set_up_rlm
  export PROMPTS=${TMP}/prompts
  mkdir "${PROMPTS}"
}

# agent_program SCRIPT: an agent named ./agent that gets its task as ${task}, what stands before the manifest, and the
# manifest's file as ${manifest}; what it prints is its answer. Each prompt is kept.
agent_program() {
  cat >agent <<EOF
#!/usr/bin/env bash
prompt=\$(cat)
printf '%s' "\${prompt}" >"${PROMPTS}/\${RLM_AGENT_ID:-none}"
task=\${prompt%%\$'\\n'*}
manifest=\${prompt##*Context manifest: Read }
manifest=\${manifest%%\$'\\n'*}
given() { jq -r --arg name "\$1" '.[\$name].filePath' "\${manifest}"; }
$1
EOF
  chmod +x agent
}

# claude_program SCRIPT: the same, as Claude Code prints it: 10 tokens and 0.25 USD a run.
claude_program() {
  agent_program "answer=\$($1)
jq -cn --arg result \"\${answer}\" '{type: \"result\", is_error: false, \$result, session_id: \"s\", num_turns: 1,
  total_cost_usd: 0.25, modelUsage: {m: {inputTokens: 8, outputTokens: 2}}}'"
}

agents() { rlm agents run "$@" --model ./agent; }
