// The host's configuration: read once, checked against the schema, defaults filled in.
import { readFileSync } from 'node:fs'
import type { AnySchema, ValidateFunction } from 'ajv'
import { isSystemError, RlmsError } from '../contract/errors.ts'
import type { Finding } from './findings.ts'

const roleNames = ['planner', 'implementer', 'tester', 'reviewer'] as const
export type RoleName = (typeof roleNames)[number]

export interface Runner {
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly fast_args: readonly string[]
  readonly prompt_mode: 'stdin' | 'file'
}

export interface RoleChoice {
  readonly runner?: string
  readonly model?: string
  readonly thinking?: string
}

export type Settings = { readonly [key: string]: unknown }

export interface Loop extends Settings {
  readonly id: string
  readonly spec_file: string
  readonly roles?: readonly RoleName[] | Partial<Record<RoleName, RoleChoice>>
  readonly rlms: Settings & { readonly policy: { readonly force_on: boolean; readonly force_off: boolean } }
  readonly timeouts: Settings
}

export interface HostConfig {
  readonly runners: Readonly<Record<string, Runner>>
  readonly runner?: Runner
  readonly role_defaults: Partial<Record<RoleName, RoleChoice>>
  readonly loops: readonly Loop[]
}

export type CheckedConfig =
  | { readonly config: HostConfig; readonly findings: [] }
  | { readonly config: null; readonly findings: Finding[] }

/** Reads and checks; `customSchema` is a file to check against instead of ours. Throws `invalid_config` when there is no JSON. */
export async function readHostConfig(file: string, customSchema?: string): Promise<CheckedConfig> {
  const value = readJson(file, 'the configuration', 'Run superloop.sh init, or name one with --config.')
  const { default: validate } = await import('./generated/host-config-validator.js')
  if (customSchema) {
    const findings = await checkAgainst(customSchema, structuredClone(value))
    if (findings.length > 0) return { config: null, findings }
  }
  if (validate(value)) return { config: value as HostConfig, findings: [] }
  const { schemaFindings } = await import('./findings.ts')
  const { default: schema } = await import('../../../schema/config.schema.json', { with: { type: 'json' } })
  return { config: null, findings: schemaFindings(validate.errors ?? [], schema) }
}

async function checkAgainst(file: string, value: unknown): Promise<Finding[]> {
  const schema = readJson(file, 'the schema', 'Correct --schema.')
  const validate = await compileSchema(file, schema)
  if (validate(value)) return []
  const { schemaFindings } = await import('./findings.ts')
  return schemaFindings(validate.errors ?? [], schema)
}

async function compileSchema(file: string, schema: unknown): Promise<ValidateFunction> {
  const Validator = await validatorFor(schema)
  try {
    const ajv = new Validator({ allErrors: true, strict: false, useDefaults: true, logger: false })
    return ajv.compile(schema as AnySchema)
  } catch (error) {
    throw new RlmsError(
      'invalid_config',
      `the schema cannot be used: ${file}: ${(error as Error).message}`,
      'Correct the schema, or leave --schema out.',
    )
  }
}

/** By the draft that the schema names; ours without a name. */
async function validatorFor(schema: unknown) {
  const draft = String((schema as { $schema?: unknown } | null)?.$schema)
  if (draft.includes('draft-07')) return (await import('ajv')).Ajv
  return (await import('ajv/dist/2020.js')).Ajv2020
}

/** Which roles a loop runs, in their fixed order. */
export function loopRoles(loop: Loop): RoleName[] {
  const named = Array.isArray(loop.roles) ? loop.roles : Object.keys(loop.roles ?? {})
  return named.length === 0 ? [...roleNames] : roleNames.filter((role) => named.includes(role))
}

export function roleChoice(config: HostConfig, loop: Loop, role: RoleName): RoleChoice {
  const own = Array.isArray(loop.roles)
    ? undefined
    : (loop.roles as Partial<Record<RoleName, RoleChoice>> | undefined)?.[role]
  return { ...config.role_defaults[role], ...own }
}

/** The runner of a role; undefined when the one it names does not exist, or none is configured. */
export function runnerOf(config: HostConfig, choice: RoleChoice): Runner | undefined {
  const { runner: name } = choice
  if (name !== undefined) return Object.hasOwn(config.runners, name) ? config.runners[name] : undefined
  const only = Object.values(config.runners)
  return config.runner ?? (only.length === 1 ? only[0] : undefined)
}

function readJson(file: string, what: string, fixIfMissing: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (!isSystemError(error)) throw error
    const missing = error.code === 'ENOENT'
    throw new RlmsError(
      'invalid_config',
      `${what} cannot be read: ${missing ? `there is no file ${file}` : error.message}`,
      missing ? fixIfMissing : 'Correct the path or its permissions.',
    )
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new RlmsError(
      'invalid_config',
      `${what} is no JSON: ${file}: ${(error as Error).message}`,
      'Correct the file at the place that the message names.',
    )
  }
}
