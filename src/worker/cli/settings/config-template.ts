// What `rlm config init` writes: every setting with its help and default, commented out.
import { settingKeys, settingTable } from './table.ts'

export function configTemplate(): string {
  const settings = settingKeys.map((key) => {
    const { help, fallback } = settingTable[key]
    return `# ${help}\n# ${key}: ${fallback === null ? '' : String(fallback)}`.trimEnd()
  })
  return `# Settings of rlm. Flags and RLM_… variables win over this file; rlm config show tells what holds, and why.

${settings.join('\n\n')}

# Models by names of your own, for --model NAME. Keys stand in the environment or in a file, never here.
# models:
#   fast: claude:haiku
#   local: { url: http://127.0.0.1:11434/v1, model: qwen3 }
#   own: { url: https://llm.example.com, model: m-1, api: anthropic, key_env: EXAMPLE_KEY }

# What models cost, in US dollars per million tokens; a * stands for anything. What is not known is shown as unknown.
# prices:
#   qwen3*: { input: 0.1, output: 0.3 }

# Settings that are chosen together, with --profile NAME; extends names others that they begin with.
# profiles:
#   careful: { max_usd: 0.5, timeout: 120 }
#   ci: { extends: careful, format: json, progress: none }
`
}
