// A JSON Schema that the final value must match. Ajv is loaded only where one is given.
import { readFileSync } from 'node:fs'
import type { AnySchema } from 'ajv'
import { isFields } from '../lib/fields.ts'
import type { AnswerShape, Json } from '../rlm/ports.ts'
import { usage } from './flags.ts'

const toldErrors = 5

/** Throws `invalid_config` when the file is no schema. */
export async function readAnswerShape(file: string): Promise<AnswerShape> {
  const schema = readSchema(file)
  const { Ajv2020 } = await import('ajv/dist/2020.js')
  try {
    const ajv = new Ajv2020({ allErrors: true, strict: false, logger: false })
    const validate = ajv.compile(schema)
    return {
      schema: JSON.stringify(schema),
      check: (value: Json) =>
        validate(value)
          ? null
          : (validate.errors ?? [])
              .slice(0, toldErrors)
              .map(({ instancePath: at, message }) => `${at === '' ? 'the value' : at} ${message}`)
              .join('; '),
    }
  } catch (error) {
    throw usage(`${file} is no JSON Schema: ${(error as Error).message}`, 'Correct the schema.')
  }
}

function readSchema(file: string): AnySchema {
  try {
    const schema: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (!isFields(schema)) return schema as boolean
    // other drafts differ in little that matters here, but their names are unknown to this one
    const { $schema: _, ...rest } = schema
    return rest
  } catch (error) {
    throw usage(
      `the schema cannot be read: ${file}: ${(error as Error).message}`,
      'Give --schema a JSON file.',
    )
  }
}
