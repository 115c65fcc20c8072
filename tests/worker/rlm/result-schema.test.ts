import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { toJSONSchema } from 'zod/mini'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { resultSchema } from '../../../src/worker/contract/result.ts'
import { buildFailure, buildResult } from '../../../src/worker/rlm/result-builder.ts'
import { citation, occasion, treeEnd } from '../helpers/endings.ts'
import { openSnapshot } from '../helpers/snapshot.ts'

const file = 'schema/rlms-result.schema.json'
const path = join(import.meta.dirname, '../../..', file)
const regenerate =
  'RLMS_WRITE_SCHEMA=1 node_modules/.bin/vitest run tests/worker/rlm/result-schema.test.ts && node_modules/.bin/biome format --write schema'
const read = () => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>

describe(file, () => {
  it('is what the contract of the worker says', () => {
    const generated = toJSONSchema(resultSchema)
    if (process.env.RLMS_WRITE_SCHEMA === '1') writeFileSync(path, JSON.stringify(generated, null, 2))
    expect(read(), `${file} is out of date; write it anew with: ${regenerate}`).toEqual(
      JSON.parse(JSON.stringify(generated)),
    )
  })

  it('accepts results of runs that went well and that failed', () => {
    const validate = new Ajv2020().compile(read())
    const documents = openSnapshot({ 'a.md': '# Title' })
    const error = new RlmsError('code_error', 'why')
    for (const result of [
      buildResult(occasion(), documents, treeEnd({ citations: [citation()] })),
      buildResult(occasion(), documents, treeEnd({ error, final: null })),
      buildFailure(occasion({ metadata: null }), error),
    ]) {
      validate(JSON.parse(JSON.stringify(result)))
      expect(validate.errors).toBeNull()
    }
  })

  it('refuses what is no result', () => {
    const validate = new Ajv2020().compile(read())
    const result = buildFailure(occasion(), new RlmsError('code_error', 'why'))
    for (const change of [
      { ok: 'yes' },
      { error_code: 'unheard_of' },
      { schema_version: 2 },
      { stats: {} },
    ]) {
      expect(validate({ ...result, ...change })).toBe(false)
    }
  })
})
