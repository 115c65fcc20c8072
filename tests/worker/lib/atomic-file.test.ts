import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { writeFileWhole, writeJsonWhole } from '../../../src/worker/lib/atomic-file.ts'
import { nodeProgram, runToEnd } from '../helpers/processes.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

test('the text is written as UTF-8, in place of what was there, and nothing stands beside it', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'result.json')
  writeFileSync(file, 'an older text that is longer than the new one')
  writeFileWhole(file, 'Größe 10 €\r\n\u2028 🙂')
  expect(readFileSync(file)).toEqual(Buffer.from('Größe 10 €\r\n\u2028 🙂', 'utf8'))
  expect(readdirSync(folder)).toEqual(['result.json'])
})

test('a value is written as indented JSON with a newline at its end', () => {
  const file = join(temporaryFolder(), 'value.json')
  writeJsonWhole(file, { a: [1], b: 'x' })
  expect(readFileSync(file, 'utf8')).toBe('{\n  "a": [\n    1\n  ],\n  "b": "x"\n}\n')
})

test('where the target cannot be replaced, the error is thrown and no temporary file stays', () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'taken'))
  expect(() => writeFileWhole(join(folder, 'taken'), 'x')).toThrow(/EISDIR|ENOTEMPTY|EEXIST/)
  expect(readdirSync(folder)).toEqual(['taken'])
})

test('a folder that is not there is the error of the system', () => {
  expect(() => writeFileWhole(join(temporaryFolder(), 'none', 'x'), 'x')).toThrow(/^ENOENT/)
})

test('a write that fails half-way leaves the old file as it was and no temporary file', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'result.json')
  writeFileSync(file, 'the old text')
  const program = nodeProgram(`
    import { writeFileWhole } from './lib/atomic-file.ts'
    try { writeFileWhole(process.argv[2], 'x'.repeat(1 << 20)) } catch (error) { console.log(error.code) }`)
  const limited = ['/bin/sh', '-c', 'ulimit -f 64 && exec "$@"', 'sh', process.execPath, program, file]
  expect(await runToEnd(limited)).toMatchObject({ status: 0, stdout: 'EFBIG\n', stderr: '' })
  expect(readFileSync(file, 'utf8')).toBe('the old text')
  expect(readdirSync(folder)).toEqual(['result.json'])
})

test('a reader sees the old file or the new one, whole, however often it is replaced', async () => {
  const file = join(temporaryFolder(), 'busy')
  const size = 300_000
  writeFileWhole(file, 'a'.repeat(size))
  const program = nodeProgram(`
    import { writeFileWhole } from './lib/atomic-file.ts'
    for (let round = 0; round < 40; round++)
      writeFileWhole(process.argv[2], (round % 2 ? 'a' : 'b').repeat(${size}))`)
  const writer = spawn(process.execPath, [program, file], { stdio: 'ignore' })
  const ended = once(writer, 'exit')
  for (; writer.exitCode === null; await nextTurn()) {
    const text = readFileSync(file, 'latin1')
    expect(text.length).toBe(size)
    expect(new Set([text[0], text[size / 2], text[size - 1]]).size).toBe(1)
  }
  expect(await ended).toEqual([0, null])
})
