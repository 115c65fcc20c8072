// The examples run as they stand, and print what they promise.
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { expect, test } from 'vitest'
import { runToEnd } from '../helpers/processes.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** What an example prints, with the library made from its sources. */
async function outputOf(name: string): Promise<string> {
  const outfile = join(temporaryFolder(), basename(name))
  buildSync({
    entryPoints: [join(root, 'examples/agents', name)],
    alias: { 'superloop-rlms': join(root, 'src/worker/agents/index.ts') },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
  })
  const { status, stdout, stderr } = await runToEnd([process.execPath, outfile])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

test('variables', async () => {
  expect(await outputOf('context-store.mjs')).toBe(
    [
      'logs/today: text, 27 bytes of JSON',
      'first li... [truncated, 27 bytes total, type: text]',
      'true',
      "{ result: 'fine' }",
      "[ 'logs/today' ]",
      '',
    ].join('\n'),
  )
})

test('functions', async () => {
  expect(await outputOf('function-registry.mjs')).toBe(
    [
      'abab',
      'Missing required parameter: text for function repeat',
      'Invalid type of parameter: times for function repeat: expected number, got string',
      '',
    ].join('\n'),
  )
})

test('memory', async () => {
  expect(await outputOf('memory-manager.mjs')).toBe(
    [
      "[ 'fix the parser', 'fix the lexer' ]",
      'npm test',
      '[',
      String.raw`  '[Summary of 3 entries]\nFrom "read the parser" to "test the lexer".',`,
      "  'fix the lexer'",
      ']',
      '{ working: 0, episodic: 2, semantic: 0, procedural: 0, knowledge: 1 }',
      '',
    ].join('\n'),
  )
})

test('parts of a text', async () => {
  expect(await outputOf('split-text.mjs')).toBe(
    [
      String.raw`lines 1-5, bytes 0-36: "# Install\nRun setup.\n\n# Use\nRun it.\n"`,
      String.raw`lines 7-8, bytes 37-64: "# Remove\nDelete the folder."`,
      String.raw`[ 'id,name', '1,"one\nline"\n2,two' ]`,
      "[ 'id,name', '3,three' ]",
      '',
    ].join('\n'),
  )
})
