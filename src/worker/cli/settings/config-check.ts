// A configuration file as a whole: every key known, every value one that its setting takes. All that is wrong is told at
// once.
import { asRlmsError, type RlmsError } from '../../contract/errors.ts'
import { isFields } from '../../lib/fields.ts'
import { nearest } from '../../lib/nearest.ts'
import { type PriceTable, readPrice } from '../../models/profiles.ts'
import { usage } from '../flags.ts'
import type { ConfigFile } from './config-file.ts'
import { readNamedModel } from './named-models.ts'
import { type SettingKey, settingKeys, settingTable } from './table.ts'

export interface CheckedConfig {
  readonly path: string
  /** Settings that stand at the top of the file. */
  readonly values: Readonly<Record<string, unknown>>
  /** Files that this one extends, as they are named in it. */
  readonly bases: readonly string[]
  readonly profile: string | null
  readonly profiles: Readonly<Record<string, Profile>>
  /** A model by its name: a word or a JSON vector. */
  readonly models: Readonly<Record<string, string>>
  readonly prices: PriceTable
}

interface Profile {
  readonly bases: readonly string[]
  readonly values: Readonly<Record<string, unknown>>
}

const sections = ['extends', 'profile', 'profiles', 'models', 'prices']

/** Throws one `invalid_config` that names every problem of the file. */
export function checkConfig({ path, content }: ConfigFile): CheckedConfig {
  const problems: RlmsError[] = []
  const attempt = attempting(problems)
  const entries = (name: string) => attempt(() => readEntries(content[name], name), [])
  const checked: CheckedConfig = {
    path,
    values: readSettings(content, '', sections, attempt),
    bases: attempt(() => readNames(content.extends, 'extends'), []),
    profile: attempt(() => readNames(content.profile, 'profile')[0] ?? null, null),
    profiles: Object.fromEntries(
      entries('profiles').map(([name, value]) => [name, readProfile(value, `profiles.${name}`, attempt)]),
    ),
    models: Object.fromEntries(
      entries('models').map(([name, value]) => [
        name,
        attempt(() => readNamedModel(value, `models.${name}`), ''),
      ]),
    ),
    prices: Object.fromEntries(
      entries('prices').flatMap(([name, value]) => {
        const price = attempt(() => readPrice(value, `prices.${name}`), null)
        return price ? [[name, price]] : []
      }),
    ),
  }
  if (problems.length > 0) throw asOne(path, problems)
  return checked
}

/** What `read` gives; where it fails the problem is noted, and the fallback stands in. */
type Attempt = <T>(read: () => T, fallback: T) => T

function attempting(problems: RlmsError[]): Attempt {
  return (read, fallback) => {
    try {
      return read()
    } catch (error) {
      problems.push(asRlmsError(error))
      return fallback
    }
  }
}

function readProfile(value: unknown, place: string, attempt: Attempt): Profile {
  const fields = attempt(() => Object.fromEntries(readEntries(value, place)), {})
  return {
    bases: attempt(() => readNames(fields.extends, `${place}.extends`), []),
    values: readSettings(fields, `${place}.`, ['extends'], attempt),
  }
}

function readSettings(
  fields: Record<string, unknown>,
  place: string,
  others: readonly string[],
  attempt: Attempt,
): Record<string, unknown> {
  const known = [...settingKeys, ...others]
  for (const [key, value] of Object.entries(fields)) {
    if (others.includes(key)) continue
    attempt(() => {
      if (!Object.hasOwn(settingTable, key)) throw unknownKey(place + key, key, known)
      settingTable[key as SettingKey].read(value, place + key)
    }, undefined)
  }
  return fields
}

function asOne(path: string, problems: readonly RlmsError[]): Error {
  const [first] = problems
  if (problems.length === 1 && first) return usage(`${path}: ${first.message}`, first.fix)
  const list = problems.map(({ message, fix }) => `\n  ${message}. ${fix}`).join('')
  return usage(
    `${path} has ${problems.length} mistakes:${list}`,
    'Correct each; rlm config show tells what holds then.',
  )
}

function unknownKey(name: string, key: string, known: readonly string[]): Error {
  if (/key|token|secret|password/i.test(key) && !/max/.test(key))
    return usage(
      `there is no setting ${name}`,
      'Keys stand in the environment or in a file: models.NAME.key_env, key_file.',
    )
  const near = nearest(key.replaceAll('-', '_'), known)
  return usage(
    `there is no setting ${name}`,
    near ? `Did you mean ${near}?` : `There are ${known.join(', ')}.`,
  )
}

function readNames(value: unknown, name: string): string[] {
  if (value === undefined || value === null) return []
  const names = Array.isArray(value) ? value : [value]
  if (names.every((entry): entry is string => typeof entry === 'string' && entry !== '')) return names
  throw usage(`${name} must be a name or a list of names`, `Correct ${name}.`)
}

function readEntries(value: unknown, name: string): [string, unknown][] {
  if (value === undefined || value === null) return []
  if (isFields(value)) return Object.entries(value)
  throw usage(`${name} must hold keys and values`, `Correct ${name}.`)
}
