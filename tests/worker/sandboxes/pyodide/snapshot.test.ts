// The file that Pyodide starts from: made when it is missing, for each version of what is in it.
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RlmsError } from '../../../../src/worker/contract/errors.ts'
import { findPyodide } from '../../../../src/worker/sandboxes/pyodide.ts'
import { keepSnapshot } from '../../../../src/worker/sandboxes/pyodide-snapshot.ts'
import { openPyodide } from '../helpers/backends.ts'
import { builtPyodide } from '../helpers/built.ts'
import { temporaryFolder } from '../helpers/python-session.ts'

const found = findPyodide()!

function copyRunner(): string {
  const place = temporaryFolder()
  for (const name of ['pyodide', 'python'])
    cpSync(join(builtPyodide, '..', name), join(place, name), {
      recursive: true,
      filter: (path) => !path.endsWith('.snapshot'),
    })
  return join(place, 'pyodide')
}

const snapshotsIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.snapshot'))

test('it is made once, also when it is asked for twice at a time, and those of other versions go', async () => {
  const folder = copyRunner()
  writeFileSync(join(folder, 'pyodide-314.0.0-0123.snapshot'), 'older')
  const [first, second] = await Promise.all([keepSnapshot(folder, found), keepSnapshot(folder, found)])
  expect(first).toBe(second)
  expect(snapshotsIn(folder)).toEqual([first.split('/').at(-1)])
  const { output } = await openPyodide({}, { folder })
  expect(await output('print("runs")')).toBe('runs\n')
}, 60_000)

test('another source makes another one', async () => {
  const folder = copyRunner()
  const first = await keepSnapshot(folder, found)
  writeFileSync(join(folder, 'entry.py'), '# no entry\n')
  const error = (await keepSnapshot(folder, found).catch((cause) => cause)) as RlmsError
  expect(error).toMatchObject({
    code: 'sandbox_unavailable',
    message: expect.stringMatching(/^Pyodide cannot be started: /),
    fix: 'Install it anew (npm install pyodide@314), or try another version of Node.js (20.19 or newer).',
  })
  expect(existsSync(first)).toBe(true)
}, 60_000)
