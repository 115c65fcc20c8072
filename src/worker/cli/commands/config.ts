// rlm config: what holds and where it comes from; changes that keep the rest of a file as it is.

import { nearest } from '../../lib/nearest.ts'
import { type CommandSpec, specify } from '../command-spec.ts'
import { type ParsedFlags, readChoice, usage } from '../flags.ts'
import { printValue } from '../print-value.ts'
import { findProjectFile, findUserFile } from '../settings/config-file.ts'
import { initConfig, setInConfig } from '../settings/config-write.ts'
import { resolveSettings } from '../settings/resolve.ts'
import { outputFormats, settingKeys } from '../settings/table.ts'

type Action = (words: readonly string[], flags: ParsedFlags) => Promise<number>

const actions: Record<string, Action> = { show, get, set, path, init }

const spec: CommandSpec = {
  name: 'rlm config',
  summary: 'what is configured, where each value comes from, and changing it',
  operands: 'show | get KEY | set KEY VALUE | path | init',
  actions: Object.keys(actions),
  examples: [
    'rlm config init                       # a commented rlm.config.yaml, here',
    'rlm config set max_usd 0.5            # in the file that holds here; comments stay',
    'rlm config set profiles.ci.timeout 60',
    'rlm config show --profile ci',
    'rlm config get model',
  ],
  flags: [
    { name: 'format', value: 'WORD', choices: outputFormats, help: 'text, json or yaml (default text)' },
    { name: 'profile', value: 'NAME', help: 'settings under profiles.NAME' },
    { name: 'config', value: 'FILE', help: 'this file in place of those found' },
    { name: 'user', help: 'the file of the user, in place of that of the project' },
    { name: 'force', help: 'init: replace a file that is there' },
  ],
  notes: [
    'A project has one of rlm.config.{json,yaml,js,ts}, .rlmrc[.json|.yaml] or package.json#rlm, found upwards from here; the user has config.{json,yaml,js,ts} in $XDG_CONFIG_HOME/rlm/. Flags win over RLM_… variables, those over the profile, that over the project, that over the user.',
  ],
}

export const config = specify(spec, async (flags) => {
  const [name = 'show', ...words] = flags.positionals
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined
  if (action) return action(words, flags)
  const near = nearest(name, Object.keys(actions))
  throw usage(`rlm config has no ${name}`, near ? `Did you mean ${near}?` : 'See rlm config --help.')
})

async function show(words: readonly string[], flags: ParsedFlags): Promise<number> {
  if (words.length > 0) throw usage('rlm config show takes no words', 'See rlm config get KEY.')
  const { settings, origins, files, profile, models, prices } = await resolved(flags)
  const format = readChoice('--format', String(flags.values.format ?? 'text'), outputFormats)
  const rows = settingKeys.map((key) => ({ key, value: settings[key], from: origins[key] }))
  if (format !== 'text') {
    const told = Object.fromEntries(rows.map(({ key, value, from }) => [key, { value, from }]))
    await printValue({ files, profile, settings: told, models, prices }, format)
    return 0
  }
  const width = Math.max(...rows.map(({ value }) => showValue(value).length))
  const lines = rows.map(
    ({ key, value, from }) => `${key.padEnd(16)}${showValue(value).padEnd(width)}  ${from}`,
  )
  const named = Object.entries(models).map(([name, model]) => `models.${name}  ${model}`)
  const priced = Object.entries(prices).map(([name, price]) => `prices.${name}  ${JSON.stringify(price)}`)
  process.stdout.write(`${[...lines, ...named, ...priced].join('\n')}\n`)
  return 0
}

async function get([key, ...more]: readonly string[], flags: ParsedFlags): Promise<number> {
  if (key === undefined || more.length > 0)
    throw usage('rlm config get takes one key', 'See rlm config show.')
  const { settings } = await resolved(flags)
  const known = settingKeys.find((entry) => entry === key)
  const near = nearest(key, settingKeys)
  if (!known)
    throw usage(
      `there is no setting ${key}`,
      near ? `Did you mean ${near}?` : `There are ${settingKeys.join(', ')}.`,
    )
  process.stdout.write(`${showValue(settings[known])}\n`)
  return 0
}

async function set([key, value, ...more]: readonly string[], flags: ParsedFlags): Promise<number> {
  if (key === undefined || value === undefined || more.length > 0)
    throw usage('rlm config set takes a key and a value', 'Such as rlm config set max_usd 0.5')
  const file = await setInConfig(target(flags), key, value)
  process.stderr.write(`rlm: ${key} is set in ${file}\n`)
  return 0
}

async function path(words: readonly string[], flags: ParsedFlags): Promise<number> {
  if (words.length > 0) throw usage('rlm config path takes no words')
  const { files } = await resolved(flags)
  process.stdout.write(files.map((file) => `${file}\n`).join(''))
  return 0
}

async function init(words: readonly string[], flags: ParsedFlags): Promise<number> {
  if (words.length > 0) throw usage('rlm config init takes no words')
  const file = await initConfig({ ...target(flags), force: flags.values.force === true })
  process.stderr.write(`rlm: wrote ${file}\n`)
  return 0
}

function resolved({ values }: ParsedFlags) {
  return resolveSettings({ cwd: process.cwd(), env: process.env, flags: values })
}

function target({ values }: ParsedFlags) {
  const named = typeof values.config === 'string' ? values.config : undefined
  const found = values.user ? findUserFile(process.env) : findProjectFile(process.cwd())
  return { cwd: process.cwd(), env: process.env, user: values.user === true, file: named ?? found }
}

function showValue(value: unknown): string {
  return value === null ? '-' : String(value)
}
