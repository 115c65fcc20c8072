import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { presets } from '../../../src/worker/models/presets.ts'

const ours = ['OPENCODE_CONFIG_CONTENT', 'GEMINI_CLI_SYSTEM_DEFAULTS_PATH'] as const
beforeEach(() => {
  for (const name of ours) vi.stubEnv(name, undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const instruction = 'Follow the instructions in the message exactly and answer with nothing else.'
const extra = ['--further', 'a b']

/** The file that an argument or a variable names, behind `prefix`. */
function fileBehind(prefix: string, values: readonly string[]): string {
  const value = values.find((entry) => entry.startsWith(prefix)) ?? ''
  return readFileSync(value.slice(prefix.length), 'utf8')
}

test('claude: no tools, no settings, no session, a system prompt of one line, its own retries off', () => {
  const lean = ['claude', '-p', '--output-format', 'json', '--tools', '', '--strict-mcp-config']
  lean.push('--setting-sources', '', '--no-session-persistence', '--system-prompt', instruction)
  expect(presets.claude([], null)).toEqual({
    argv: lean,
    env: { CLAUDE_CODE_MAX_RETRIES: '0', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
    promptMode: 'stdin',
    model: null,
  })
  expect(presets.claude(extra, 'haiku').argv).toEqual([...lean, '--model', 'haiku', ...extra])
})

test('codex: nothing kept, read-only, every feature and notice off that costs tokens or time', () => {
  const features = [
    'plugins',
    'remote_plugin',
    'apps',
    'shell_snapshot',
    'shell_tool',
    'unified_exec',
    'multi_agent',
  ]
  features.push('goals', 'view_image', 'skill_search')
  const settings = [
    'web_search=disabled',
    'include_permissions_instructions=false',
    'include_environment_context=false',
  ]
  settings.push(
    'skills.bundled.enabled=false',
    'skills.include_instructions=false',
    'analytics.enabled=false',
  )
  settings.push('check_for_update_on_startup=false')
  const { argv, ...rest } = presets.codex([], null)
  expect(argv.slice(0, 9)).toEqual(
    'codex exec --json --ephemeral --skip-git-repo-check -s read-only --ignore-user-config --ignore-rules'.split(
      ' ',
    ),
  )
  expect(pairs(argv, '--disable')).toEqual(features)
  expect(pairs(argv, '-c').slice(0, -1)).toEqual(settings)
  expect(fileBehind('model_instructions_file=', pairs(argv, '-c'))).toBe(`${instruction}\n`)
  expect(argv).toHaveLength(9 + 2 * features.length + 2 * settings.length + 2 + 1)
  expect(rest).toEqual({ env: {}, promptMode: 'stdin', model: null })
})

test('codex: the model and further elements stand before the dash that means standard input', () => {
  const { argv } = presets.codex(extra, 'gpt-5')
  expect(argv.slice(-5)).toEqual(['-m', 'gpt-5', ...extra, '-'])
})

/** The values of a flag that is given several times. */
function pairs(argv: readonly string[], flag: string): string[] {
  return argv.filter((_, at) => argv[at - 1] === flag)
}

test('opencode: a title, so that it does not pay for one, and an agent without tools', () => {
  const { argv, env, ...rest } = presets.opencode([], null)
  expect(argv).toEqual('opencode run --format json --title rlms --pure --agent ask'.split(' '))
  const { OPENCODE_CONFIG_CONTENT: config = '', ...others } = env
  expect(JSON.parse(config)).toEqual({
    agent: { ask: { mode: 'primary', prompt: instruction, tools: { '*': false } } },
  })
  expect(others).toEqual({
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
  })
  expect(rest).toEqual({ promptMode: 'stdin', model: null })
  expect(presets.opencode(extra, 'prov/model').argv).toEqual([...argv, '-m', 'prov/model', ...extra])
})

test('opencode: what the user configured inline stays, our agent is added', () => {
  const provider = {
    mine: { npm: '@ai-sdk/openai-compatible', options: { baseURL: 'http://127.0.0.1:1/v1' } },
  }
  vi.stubEnv('OPENCODE_CONFIG_CONTENT', JSON.stringify({ provider, agent: { mine: { mode: 'subagent' } } }))
  const config = JSON.parse(presets.opencode([], null).env.OPENCODE_CONFIG_CONTENT ?? '')
  expect(config).toMatchObject({
    provider,
    agent: { mine: { mode: 'subagent' }, ask: { tools: { '*': false } } },
  })
})

test('opencode: a blank inline configuration is none, a broken one is told by the name of its variable', () => {
  vi.stubEnv('OPENCODE_CONFIG_CONTENT', ' \n')
  expect(JSON.parse(presets.opencode([], null).env.OPENCODE_CONFIG_CONTENT ?? '')).toHaveProperty('agent.ask')
  vi.stubEnv('OPENCODE_CONFIG_CONTENT', '{"provider":')
  expect(() => presets.opencode([], null)).toThrow(
    expect.objectContaining({
      code: 'invalid_config',
      message: expect.stringContaining('OPENCODE_CONFIG_CONTENT'),
    }),
  )
})

test('opencode: an inline configuration that is no object is refused, without its text', () => {
  vi.stubEnv('OPENCODE_CONFIG_CONTENT', '["sk-secret"]')
  expect(() => presets.opencode([], null)).toThrow('OPENCODE_CONFIG_CONTENT is no JSON object')
})

test('opencode: agents that are no table are left out', () => {
  vi.stubEnv('OPENCODE_CONFIG_CONTENT', '{"agent":"all"}')
  const { agent } = JSON.parse(presets.opencode([], null).env.OPENCODE_CONFIG_CONTENT ?? '')
  expect(Object.keys(agent)).toEqual(['ask'])
})

test('gemini: JSON output, no question of trust, a system prompt of one line, no tools', () => {
  const { argv, env, ...rest } = presets.gemini([], null)
  expect(argv).toEqual(['gemini', '-o', 'json', '--skip-trust'])
  expect(Object.keys(env).sort()).toEqual(['GEMINI_CLI_SYSTEM_DEFAULTS_PATH', 'GEMINI_SYSTEM_MD'])
  expect(fileBehind('', [env.GEMINI_SYSTEM_MD ?? ''])).toBe(`${instruction}\n`)
  expect(JSON.parse(fileBehind('', [env.GEMINI_CLI_SYSTEM_DEFAULTS_PATH ?? '']))).toMatchObject({
    tools: { core: ['none'] },
  })
  expect(rest).toEqual({ promptMode: 'stdin', model: null })
  expect(presets.gemini(extra, 'flash').argv).toEqual([...argv, '-m', 'flash', ...extra])
})

test('gemini: system defaults that a company set are left alone', () => {
  vi.stubEnv('GEMINI_CLI_SYSTEM_DEFAULTS_PATH', '/etc/gemini/defaults.json')
  expect(presets.gemini([], null).env).not.toHaveProperty('GEMINI_CLI_SYSTEM_DEFAULTS_PATH')
})

test.each(['claude', 'codex', 'opencode', 'gemini'] as const)('%s: without a model none is named', (name) => {
  const { argv } = presets[name]([], null)
  expect(argv).not.toContain('-m')
  expect(argv).not.toContain('--model')
  expect(presets[name]([], 'x').model).toBe('x')
})
