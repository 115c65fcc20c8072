// The host's configuration: read once, checked against the schema, defaults filled in.
import { readFileSync, statSync } from 'node:fs'
import type { AnySchema, ErrorObject, ValidateFunction } from 'ajv'
import { isSystemError, RlmsError } from '../contract/errors.ts'
import type { Finding } from './findings.ts'

export const roleNames = ['planner', 'implementer', 'tester', 'reviewer'] as const
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

export interface CheckedConfig {
  /** Null when it is not even an object with a list of loops. Only parts that are not broken are as their types say. */
  readonly config: HostConfig | null
  readonly findings: readonly Finding[]
  /** Whether an error lies in the part at a JSON pointer, such as `/loops/0`. */
  readonly isBroken: (pointer: string) => boolean
}

/** Reads and checks; `customSchema` is a file to check against beside ours. Throws `invalid_config` when there is no JSON. */
export async function readHostConfig(file: string, customSchema?: string): Promise<CheckedConfig> {
  const value = readJson(file, 'the configuration', 'Run superloop.sh init, or name one with --config.')
  const custom = customSchema ? await checkAgainst(customSchema, structuredClone(value)) : []
  const { default: validate } = await import('./generated/host-config-validator.js')
  const errors = validate(value) ? [] : (validate.errors ?? [])
  const own = errors.length > 0 ? await explain(errors) : []
  const told = new Set(own.map(({ place, message }) => `${place}: ${message}`))
  return {
    config: hasLoops(value) ? withLists(value) : null,
    findings: [...own, ...custom.filter(({ place, message }) => !told.has(`${place}: ${message}`))],
    isBroken: (pointer) =>
      errors.some(({ instancePath: path }) => path === pointer || path.startsWith(`${pointer}/`)),
  }
}

async function explain(errors: readonly ErrorObject[]): Promise<Finding[]> {
  const { schemaFindings } = await import('./findings.ts')
  const { default: schema } = await import('../../../schema/config.schema.json', { with: { type: 'json' } })
  return schemaFindings(errors, schema)
}

async function checkAgainst(file: string, value: unknown): Promise<Finding[]> {
  const schema = readJson(file, 'the schema', 'Correct --schema.')
  const validate = await compileSchema(file, schema)
  if (validate(value)) return []
  const { schemaFindings } = await import('./findings.ts')
  return schemaFindings(validate.errors ?? [], schema as Record<string, unknown>)
}

function hasLoops(value: unknown): value is HostConfig {
  return Array.isArray((value as { loops?: unknown } | null)?.loops)
}

// A single command may stand for a list of one; blank, it stands for none.
function withLists(config: HostConfig): HostConfig {
  for (const loop of config.loops as readonly ({ git?: { pre_commit_commands?: unknown } } | null)[]) {
    const git = loop?.git
    if (typeof git?.pre_commit_commands === 'string')
      git.pre_commit_commands = git.pre_commit_commands === '' ? [] : [git.pre_commit_commands]
  }
  return config
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

/** The role whose runner writes the messages of commits, where one does; it need not be one that runs. */
export function messageAuthor({ git }: Loop): RoleName | undefined {
  const { commit_strategy, commit_message } = git as {
    commit_strategy: string
    commit_message: { authoring: string; author_role: RoleName }
  }
  return commit_strategy !== 'never' && commit_message.authoring === 'llm'
    ? commit_message.author_role
    : undefined
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
  const text = readFile(file, what, fixIfMissing).replace(/^\uFEFF/, '')
  if (text.trim() === '') throw new RlmsError('invalid_config', `${what} is blank: ${file}`, fixIfMissing)
  try {
    return JSON.parse(text, refuseNul)
  } catch (error) {
    // It quotes the file, of which a terminal could take some characters as commands.
    const why = (error as Error).message.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')
    throw new RlmsError(
      'invalid_config',
      `${what} is no JSON: ${file}: ${why}`,
      'Correct the file at the place that the message names.',
    )
  }
}

function readFile(file: string, what: string, fixIfMissing: string): string {
  let kind: string | undefined
  try {
    kind = otherKind(file)
    if (kind === undefined) return readFileSync(file, 'utf8')
  } catch (error) {
    if (!isSystemError(error)) throw error
    const missing = error.code === 'ENOENT'
    throw new RlmsError(
      'invalid_config',
      `${what} cannot be read: ${missing ? `there is no file ${file}` : error.message}`,
      missing ? fixIfMissing : 'Correct the path or its permissions.',
    )
  }
  throw new RlmsError('invalid_config', `${what} cannot be read: ${file} is ${kind}`, 'Name a file.')
}

/** What is there in place of a file; a pipe or a device might never end. Those that a shell opened, as in `<(…)`, do. */
function otherKind(file: string): string | undefined {
  const found = statSync(file)
  if (found.isDirectory()) return 'a folder'
  return found.isFile() || /^\/(dev\/(fd\/|stdin$)|proc\/self\/fd\/)/.test(file) ? undefined : 'no file'
}

function refuseNul(key: string, value: unknown): unknown {
  if ([key, value].some((text) => typeof text === 'string' && text.includes('\0')))
    throw new Error(
      `a NUL character at ${JSON.stringify(key)}, which neither a command line nor a path can hold`,
    )
  return value
}
