import { mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { findProgram } from '../../../src/worker/lib/find-program.ts'
import { fakeProgram } from '../helpers/fake-program.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

test('a name without a slash is looked for on the PATH, the first folder that has it wins', () => {
  const [first, second] = [temporaryFolder(), temporaryFolder()]
  const path = [first, second].join(delimiter)
  const inSecond = fakeProgram(second, 'agent', ':')
  expect(findProgram('agent', '/', path)).toBe(inSecond)
  const inFirst = fakeProgram(first, 'agent', ':')
  expect(findProgram('agent', '/', path)).toBe(inFirst)
})

test('a folder of that name on the PATH is passed over', () => {
  const [first, second] = [temporaryFolder(), temporaryFolder()]
  mkdirSync(join(first, 'agent'))
  const program = fakeProgram(second, 'agent', ':')
  expect(findProgram('agent', '/', [first, second].join(delimiter))).toBe(program)
})

test('a name without a slash is not looked for in the working directory', () => {
  const folder = temporaryFolder()
  fakeProgram(folder, 'agent', ':')
  expect(findProgram('agent', folder, '/nowhere')).toBeUndefined()
})

test('a name with a slash counts from the working directory, an absolute one from nowhere', () => {
  const folder = temporaryFolder()
  const program = fakeProgram(folder, 'bin/agent', ':')
  expect(findProgram('bin/agent', folder, undefined)).toBe(program)
  expect(findProgram('./bin/agent', folder, undefined)).toBe(program)
  expect(findProgram(program, '/nowhere', undefined)).toBe(program)
})

test('without a PATH the usual folders are looked through', () => {
  expect(findProgram('sh', '/', undefined)).toMatch(/\/bin\/sh$/)
})

test('a relative folder on the PATH counts from the working directory too', () => {
  const folder = temporaryFolder()
  const program = fakeProgram(folder, 'tools/agent', ':')
  expect(findProgram('agent', folder, 'tools')).toBe(program)
  expect(findProgram('agent', join(folder, 'tools'), '')).toBe(program)
})
