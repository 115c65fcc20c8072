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

type Schema = Record<string, unknown>

/** Schema errors as findings; a key of `anyOf` is told once. */
export function schemaFindings(errors: readonly ErrorObject[], schema: Schema): Finding[] {
  const inUnion = new Set(
    errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath),
  )
  return errors
    .filter(
      ({ keyword, instancePath }) =>
        keyword === 'anyOf' || !isBelowUnion(instancePath, inUnion) || keyword === 'additionalProperties',
    )
    .map((error) => toFinding(error, schema))
}

function isBelowUnion(path: string, unions: ReadonlySet<string>): boolean {
  return [...unions].some((union) => path === union || path.startsWith(`${union}/`))
}

function toFinding(error: ErrorObject, schema: Schema): Finding {
  const place = placeOf(error.instancePath)
  const { message, fix } = explain(error, place, schema)
  return { severity: 'error', code: sectionCode(error.instancePath), place, message, fix }
}

function explain(
  { keyword, params, message, instancePath }: ErrorObject,
  place: string,
  schema: Schema,
): { message: string; fix: string } {
  switch (keyword) {
    case 'additionalProperties': {
      const key = String(params.additionalProperty)
      const known = knownKeys(schema, instancePath)
      const near = nearest(key, known)
      return {
        message: `unknown key ${JSON.stringify(key)}`,
        fix: near ? `Did you mean ${JSON.stringify(near)}?` : `Known here: ${known.join(', ')}.`,
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
    default:
      return {
        message: `the value ${message ?? 'is not valid'}`,
        fix: 'Correct the value; schema/config.schema.json describes it.',
      }
  }
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

function knownKeys(schema: Schema, path: string): string[] {
  let here: unknown = schema
  for (const part of path.split('/').slice(1)) here = descend(here, part)
  return branches(here).flatMap((branch) => Object.keys((branch.properties as Schema | undefined) ?? {}))
}

function descend(node: unknown, part: string): unknown {
  for (const branch of branches(node)) {
    const properties = branch.properties as Schema | undefined
    const next = /^\d+$/.test(part) ? branch.items : (properties?.[part] ?? branch.additionalProperties)
    if (typeof next === 'object' && next !== null) return next
  }
  return {}
}

function branches(node: unknown): Schema[] {
  if (typeof node !== 'object' || node === null) return []
  const { anyOf } = node as { anyOf?: Schema[] }
  return anyOf ?? [node as Schema]
}
