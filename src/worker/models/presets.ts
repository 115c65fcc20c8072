// The agent programs as lean models: no tools, no project instructions, no session kept. Measured vectors; each turns a
// request of 30 to 75 kB for a two-character prompt into one of 0.5 to 3 kB.
import { join } from 'node:path'
import { RlmsError } from '../contract/errors.ts'
import { type Fields, fieldsOf, isFields } from '../lib/fields.ts'
import type { CommandVector } from './command-vector.ts'

/** Files that programs want by path; beside this one in the sources and in the build. */
const asset = (name: string) => join(import.meta.dirname, 'assets', name)
const instruction = 'Follow the instructions in the message exactly and answer with nothing else.'

export const presets = {
  claude: (extra: readonly string[], model: string | null): CommandVector => ({
    argv: [
      'claude',
      '-p',
      '--output-format',
      'json',
      '--tools',
      '',
      '--strict-mcp-config',
      '--setting-sources',
      '',
      '--no-session-persistence',
      '--system-prompt',
      instruction,
      ...named('--model', model),
      ...extra,
    ],
    // Its own eleven requests in three minutes would multiply with ours.
    env: { CLAUDE_CODE_MAX_RETRIES: '0', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
    promptMode: 'stdin',
    model,
  }),
  codex: (extra: readonly string[], model: string | null): CommandVector => ({
    argv: [
      'codex',
      'exec',
      '--json',
      '--ephemeral',
      '--skip-git-repo-check',
      '-s',
      'read-only',
      '--ignore-user-config',
      '--ignore-rules',
      ...codexDisabled.flatMap((feature) => ['--disable', feature]),
      ...codexSettings.flatMap((setting) => ['-c', setting]),
      '-c',
      `model_instructions_file=${asset('instructions.md')}`,
      ...named('-m', model),
      ...extra,
      '-',
    ],
    env: {},
    promptMode: 'stdin',
    model,
  }),
  opencode: (extra: readonly string[], model: string | null): CommandVector => ({
    // Without a title it makes a second paid call to invent one.
    argv: [
      'opencode',
      'run',
      '--format',
      'json',
      '--title',
      'rlms',
      '--pure',
      '--agent',
      'ask',
      ...named('-m', model),
      ...extra,
    ],
    env: {
      OPENCODE_CONFIG_CONTENT: opencodeConfig(process.env.OPENCODE_CONFIG_CONTENT),
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    },
    promptMode: 'stdin',
    model,
  }),
  gemini: (extra: readonly string[], model: string | null): CommandVector => ({
    argv: ['gemini', '-o', 'json', '--skip-trust', ...named('-m', model), ...extra],
    // Defaults, the lowest of its settings: they take its tools away without touching what the user or a company set.
    env: {
      GEMINI_SYSTEM_MD: asset('instructions.md'),
      ...(process.env.GEMINI_CLI_SYSTEM_DEFAULTS_PATH
        ? {}
        : { GEMINI_CLI_SYSTEM_DEFAULTS_PATH: asset('gemini-defaults.json') }),
    },
    promptMode: 'stdin',
    model,
  }),
}

const codexDisabled = [
  'plugins',
  'remote_plugin',
  'apps',
  'shell_snapshot',
  'shell_tool',
  'unified_exec',
  'multi_agent',
  'goals',
  'view_image',
  'skill_search',
]
// Analytics alone cost five seconds at exit where the network is blocked.
const codexSettings = [
  'web_search=disabled',
  'include_permissions_instructions=false',
  'include_environment_context=false',
  'skills.bundled.enabled=false',
  'skills.include_instructions=false',
  'analytics.enabled=false',
  'check_for_update_on_startup=false',
]

function named(flag: string, model: string | null): string[] {
  return model === null ? [] : [flag, model]
}

/** The user's inline configuration, if any, with our agent without tools added. */
function opencodeConfig(given: string | undefined): string {
  const config = readInlineConfig(given)
  const ask = { mode: 'primary', prompt: instruction, tools: { '*': false } }
  return JSON.stringify({ ...config, agent: { ...fieldsOf(config.agent), ask } })
}

function readInlineConfig(given: string | undefined): Fields {
  if (given === undefined || given.trim() === '') return {}
  let value: unknown
  try {
    value = JSON.parse(given)
  } catch {
    // told below, without its text: keys of providers may stand in it
  }
  if (isFields(value)) return value
  throw new RlmsError(
    'invalid_config',
    'OPENCODE_CONFIG_CONTENT is no JSON object',
    'Correct the variable, or unset it.',
  )
}
