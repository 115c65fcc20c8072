// What is wrong with a host configuration: each finding with a code, its place, why, and what to do.
import type { ErrorObject } from 'ajv'
import { nearest } from '../lib/nearest.ts'

export interface Finding {
  readonly severity: 'error' | 'warning'
  /** Stable, such as TESTS_CONFIG_INVALID. */
  readonly code: string
  /** Such as `loops[0].rlms.mode`; empty for the whole file. */
  readonly place: string
  readonly message: string
  readonly fix: string
}

export function problem(
  severity: Finding['severity'],
  code: string,
  place: string,
  message: string,
  fix: string,
): Finding {
  return { severity, code, place, message, fix }
}

type Schema = Record<string, unknown>

/** Schema errors as findings. Of a union only what is wrong in the branch of the value's own type is told. */
export function schemaFindings(errors: readonly ErrorObject[], schema: unknown): Finding[] {
  const unions = errors
    .filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
    .map((union) => readUnion(union, errors))
  const hidden = new Set(unions.flatMap((union) => union.hidden))
  const told = [...errors.filter((error) => !hidden.has(error)), ...unions.flatMap((union) => union.instead)]
  return told.map((error) => toFinding(error, schema))
}

interface Union {
  readonly hidden: readonly ErrorObject[]
  /** Told in their place, where no branch takes a value of this type. */
  readonly instead: readonly ErrorObject[]
}

function readUnion(union: ErrorObject, errors: readonly ErrorObject[]): Union {
  const below = errors.filter(
    ({ schemaPath, instancePath }) =>
      schemaPath.startsWith(`${union.schemaPath}/`) &&
      (instancePath === union.instancePath || instancePath.startsWith(`${union.instancePath}/`)),
  )
  const branchOf = (error: ErrorObject) => error.schemaPath.slice(union.schemaPath.length + 1).split('/')[0]
  const ofOtherType = below.filter(
    ({ keyword, instancePath }) => keyword === 'type' && instancePath === union.instancePath,
  )
  const otherBranches = new Set(ofOtherType.map(branchOf))
  const own = below.filter((error) => !otherBranches.has(branchOf(error)))
  if (own.length > 0)
    return { hidden: [union, ...below.filter((error) => !own.includes(error))], instead: [] }
  if (ofOtherType.length === 0) return { hidden: [], instead: [] }
  const types = ofOtherType.map(({ params }) => String(params.type)).join(' or ')
  return { hidden: [union, ...below], instead: [{ ...union, keyword: 'type', message: `must be ${types}` }] }
}

function toFinding(error: ErrorObject, schema: unknown): Finding {
  const place = placeOf(error.instancePath)
  const { message, fix } = explain(error, place, schema)
  return { severity: 'error', code: sectionCode(error.instancePath), place, message, fix }
}

function explain(
  { keyword, params, message, instancePath }: ErrorObject,
  place: string,
  schema: unknown,
): { message: string; fix: string } {
  switch (keyword) {
    case 'additionalProperties': {
      const key = String(params.additionalProperty)
      const known = knownKeys(schema, instancePath)
      const near = nearest(key, known)
      return {
        message: `unknown key ${JSON.stringify(key)}`,
        fix: near ? `Did you mean ${JSON.stringify(near)}?` : knownHere(known),
      }
    }
    case 'enum': {
      const allowed = (params.allowedValues as unknown[]).map((value) => JSON.stringify(value)).join(', ')
      return { message: 'this value is not one of those allowed', fix: `Use one of ${allowed}.` }
    }
    case 'required':
      return {
        message: `the key ${JSON.stringify(params.missingProperty)} is missing`,
        fix: `Add ${JSON.stringify(params.missingProperty)}${place ? ` to ${place}` : ''}.`,
      }
    case 'minItems':
      return { message: 'the list is empty', fix: 'Add an entry; schema/config.schema.json describes it.' }
    case 'maxLength':
      return { message: `it has more than ${params.limit} characters`, fix: 'Choose a shorter one.' }
    default:
      return {
        message: `the value ${message ?? 'is not valid'}`,
        fix: 'Correct the value; schema/config.schema.json describes it.',
      }
  }
}

function knownHere(keys: readonly string[]): string {
  return keys.length === 0 ? 'Remove it.' : `Known here: ${keys.join(', ')}.`
}

/** `/loops/0/rlms/mode` as `loops[0].rlms.mode`. */
function placeOf(path: string): string {
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(
      (text, part) => (/^\d+$/.test(part) ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
      '',
    )
}

/** The section of a loop or of the file that a path lies in, as a code. */
function sectionCode(path: string): string {
  const [, top = '', , section = ''] = path.split('/')
  const name = top === 'loops' && section !== '' ? section : top
  return name === '' ? 'CONFIG_INVALID' : `${name.replace(/[^A-Za-z]/g, '_').toUpperCase()}_CONFIG_INVALID`
}

function knownKeys(schema: unknown, path: string): string[] {
  let here = schema
  for (const part of path.split('/').slice(1)) here = descend(here, part)
  return branches(here).flatMap((branch) => Object.keys((branch.properties as Schema | undefined) ?? {}))
}

function descend(node: unknown, part: string): unknown {
  for (const { properties, items, additionalProperties } of branches(node)) {
    const own = (properties as Schema | undefined)?.[part]
    const next = own ?? (/^\d+$/.test(part) && items ? items : additionalProperties)
    if (typeof next === 'object' && next !== null) return next
  }
  return {}
}

function branches(node: unknown): Schema[] {
  if (typeof node !== 'object' || node === null) return []
  const { anyOf, oneOf } = node as { anyOf?: Schema[]; oneOf?: Schema[] }
  return anyOf ?? oneOf ?? [node as Schema]
}
