// A variable and its forms: the JSON that is kept, the text that is in memory, the reference that is passed around.
import { nameOf } from '../segments/live-lines.ts'
import type { Place } from '../segments/segment.ts'
import type { Sequence } from '../segments/segment-log.ts'
import type { VariableMeta, VariableRef, VariableType } from '../types.ts'
import type { Span } from './spill-file.ts'

/** Where the JSON of a value stands when it is not only in memory. */
export type Kept =
  | { readonly in: 'log'; readonly place: Place }
  /** A file of its own; the record of it stands at `place`. */
  | { readonly in: 'file'; readonly name: string; readonly checksum: number; readonly place: Place }
  | { readonly in: 'spill'; readonly span: Span }
  /** A file of the user's, whose text is the value. */
  | { readonly in: 'source'; readonly path: string | Buffer }

export interface Variable {
  readonly key: string
  readonly scope: string
  readonly type: VariableType
  readonly sizeBytes: number
  readonly createdAt: number
  readonly persist: boolean
  readonly sequence: Sequence
  kept?: Kept
}

/** A value as it is held: a string itself, anything else as JSON, so that nobody changes what others will get. */
export interface Held {
  readonly isString: boolean
  readonly text: string
}

/** The JSON of a value. Throws when it has none. */
export function jsonOf(key: string, value: unknown): string {
  let json: string | undefined
  let why = `a value of type ${typeof value} has none`
  try {
    json = JSON.stringify(value)
  } catch (error) {
    why = (error as Error).message
  }
  if (json !== undefined) return json
  throw new TypeError(
    `Variable has no JSON form: ${key}: ${why}. Set a string, or what JSON.stringify takes.`,
  )
}

export function heldOf(value: unknown, json: string): Held {
  return typeof value === 'string' ? { isString: true, text: value } : { isString: false, text: json }
}

export function heldOfJson(json: string): Held {
  return json.startsWith('"')
    ? { isString: true, text: JSON.parse(json) as string }
    : { isString: false, text: json }
}

export function valueFrom({ isString, text }: Held): unknown {
  return isString ? text : JSON.parse(text)
}

export function jsonOfHeld({ isString, text }: Held): string {
  return isString ? JSON.stringify(text) : text
}

export function inferType(value: unknown): VariableType {
  if (typeof value === 'string') return 'text'
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'json'
  if ('entries' in value || 'memories' in value) return 'memory'
  return 'result' in value || 'output' in value ? 'result' : 'json'
}

export function refOf({ sequence, key, scope, type, sizeBytes, createdAt }: Variable): VariableRef {
  return { id: nameOf(sequence), key, scope, type, sizeBytes, createdAt }
}

export function metaOf({ key, type, scope, sizeBytes, createdAt, persist }: Variable): VariableMeta {
  return { key, type, scope, sizeBytes, createdAt, persist }
}
