// What holds in the end: defaults, the user's file, the project's file, a profile, the environment, an earlier part of
// the run, flags; each later one wins, and every value knows where it came from.
import { dirname, resolve } from 'node:path'
import { nearest } from '../../lib/nearest.ts'
import type { PriceTable } from '../../models/profiles.ts'
import { usage } from '../flags.ts'
import { type CheckedConfig, checkConfig } from './config-check.ts'
import { findProjectFile, findUserFile, readConfigFile } from './config-file.ts'
import { flagOf, type SettingKey, type Settings, settingKeys, settingTable, variableOf } from './table.ts'

export interface Surroundings {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** By the name of the flag, without dashes. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>
  /** Settings that an earlier part of a resumed run had. */
  readonly earlier?: Readonly<Record<string, unknown>>
}

export interface Resolved {
  readonly settings: Settings
  /** Where each value came from: `default`, a file, `profile ci in FILE`, `RLM_MODEL`, `--model`. */
  readonly origins: Readonly<Record<SettingKey, string>>
  /** From the lowest to the highest. */
  readonly files: readonly string[]
  readonly profile: string | null
  readonly profiles: readonly string[]
  readonly models: Readonly<Record<string, string>>
  readonly prices: PriceTable
}

interface Layer {
  readonly values: Readonly<Record<string, unknown>>
  /** How the user gave a key. */
  readonly origin: (key: string) => string
  /** What a message calls it. */
  readonly label?: (key: string) => string
}

export async function resolveSettings(around: Surroundings): Promise<Resolved> {
  const configs = await loadConfigs(around)
  const { env, flags, earlier = {} } = around
  const profile =
    stringOf(flags.profile) ??
    (env.RLM_PROFILE || configs.findLast((config) => config.profile !== null)?.profile) ??
    null
  const layers: Layer[] = [
    ...configs.map(({ path, values }) => ({ values, origin: () => path })),
    ...profileLayers(configs, profile),
    { values: fromEnvironment(env), origin: variableOf },
    { values: earlier, origin: () => 'the run' },
    { values: fromFlags(flags), origin: (key) => `--${flagOf(key)}` },
  ]
  const settings: Record<string, unknown> = {}
  const origins: Record<string, string> = {}
  for (const key of settingKeys) {
    const layer = layers.findLast(({ values }) => values[key] !== undefined)
    const { read, fallback } = settingTable[key]
    origins[key] = layer?.origin(key) ?? 'default'
    settings[key] = layer ? read(layer.values[key], nameFor(layer, key)) : fallback
  }
  return {
    settings: settings as unknown as Settings,
    origins: origins as Record<SettingKey, string>,
    files: configs.map(({ path }) => path),
    profile,
    profiles: [...new Set(configs.flatMap(({ profiles }) => Object.keys(profiles)))],
    models: Object.assign({}, ...configs.map(({ models }) => models)) as Record<string, string>,
    prices: Object.assign({}, ...configs.map(({ prices }) => prices)) as PriceTable,
  }
}

/** A flag and a variable are known by their own names, a key of a file by its place. */
function nameFor({ origin }: Layer, key: string): string {
  const from = origin(key)
  return from.startsWith('--') || from.startsWith('RLM_') ? from : key
}

async function loadConfigs({ cwd, env, flags }: Surroundings): Promise<CheckedConfig[]> {
  const named = stringOf(flags.config) ?? (env.RLM_CONFIG || undefined)
  if (named === 'none') return []
  const found = named === undefined ? [findUserFile(env), findProjectFile(cwd)] : [resolve(cwd, named)]
  const configs: CheckedConfig[] = []
  for (const path of new Set(found)) if (path !== undefined) configs.push(...(await loadChain(path, [])))
  return configs
}

/** A file behind those that it extends. */
async function loadChain(path: string, below: readonly string[]): Promise<CheckedConfig[]> {
  refuseCircle([...below, path], 'the configuration files extend each other in a circle')
  const config = checkConfig(await readConfigFile(path))
  const chain: CheckedConfig[] = []
  for (const base of config.bases)
    chain.push(...(await loadChain(resolve(dirname(path), base), [...below, path])))
  return [...chain, config]
}

function profileLayers(configs: readonly CheckedConfig[], name: string | null): Layer[] {
  if (name === null || name === '') return []
  return profileChain(configs, name, []).flatMap((profile) =>
    configs.flatMap(({ path, profiles }) => {
      const { values } = ownProfile(profiles, profile) ?? {}
      return values ? [{ values, origin: () => `profile ${profile} in ${path}` }] : []
    }),
  )
}

// A name like `constructor` is no profile by itself.
function ownProfile(profiles: CheckedConfig['profiles'], name: string) {
  return Object.hasOwn(profiles, name) ? profiles[name] : undefined
}

function profileChain(configs: readonly CheckedConfig[], name: string, below: readonly string[]): string[] {
  refuseCircle([...below, name], 'the profiles extend each other in a circle')
  const found = configs.flatMap(({ profiles }) => ownProfile(profiles, name) ?? [])
  if (found.length === 0) throw unknownProfile(configs, name)
  const bases = found.flatMap(({ bases: names }) => names)
  return [...bases.flatMap((base) => profileChain(configs, base, [...below, name])), name]
}

function refuseCircle(names: readonly string[], message: string): void {
  const last = names.at(-1)
  if (last === undefined || names.indexOf(last) === names.length - 1) return
  const circle = names.slice(names.indexOf(last))
  throw usage(`${message}: ${circle.join(' -> ')}`, 'Take one of the extends away.')
}

function unknownProfile(configs: readonly CheckedConfig[], name: string): Error {
  const known = [...new Set(configs.flatMap(({ profiles }) => Object.keys(profiles)))]
  const near = nearest(name, known)
  const list = known.length === 0 ? 'The configuration has none.' : `There are ${known.join(', ')}.`
  return usage(`there is no profile ${name}`, near ? `Did you mean ${near}?` : list)
}

function fromEnvironment(env: NodeJS.ProcessEnv): Record<string, unknown> {
  return Object.fromEntries(settingKeys.map((key) => [key, env[variableOf(key)] || undefined]))
}

function fromFlags(flags: Surroundings['flags']): Record<string, unknown> {
  return Object.fromEntries(settingKeys.map((key) => [key, flags[flagOf(key)]]))
}

function stringOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
