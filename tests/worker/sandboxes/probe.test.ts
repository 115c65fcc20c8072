// What is told of the layers that a machine gives. The built program is asked, in places where parts of it are missing.
import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import type { SandboxProbe } from '../../../src/worker/sandboxes/probe.ts'
import { temporaryFolder } from './helpers/python-session.ts'

const root = resolve(import.meta.dirname, '../../..')

/** A copy of the installation, with or without Pyodide beside it. */
function install({ withPyodide }: { withPyodide: boolean }): string {
  const place = temporaryFolder()
  cpSync(join(root, 'dist'), join(place, 'dist'), { recursive: true })
  if (withPyodide) symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'))
  return place
}

function probeIn(place: string, env: Record<string, string> = {}): SandboxProbe[] {
  const program = `import(${JSON.stringify(join(place, 'dist/parts.cjs'))}).then(async ({ probeSandboxes }) =>
    console.log(JSON.stringify(await probeSandboxes())))`
  const options = { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', ...env } } as const
  return JSON.parse(execFileSync(process.execPath, ['-e', program], options))
}

const all = { language: true, process: true, kernel: true }

test('each sandbox is told with its engine and the layers that hold', () => {
  const probes = probeIn(install({ withPyodide: true }))
  expect(probes).toEqual([
    {
      backend: 'python',
      engine: expect.stringMatching(/^CPython 3\.\d+, \//),
      layers: { backend: 'python', ...all },
      lacking: null,
    },
    {
      backend: 'javascript',
      engine: `QuickJS in Node ${process.versions.node}, ${process.execPath}`,
      layers: { backend: 'javascript', ...all },
      lacking: null,
    },
    {
      backend: 'pyodide',
      engine: expect.stringMatching(/^Pyodide 314\.\d+\.\d+ in Node [\d.]+, \//),
      layers: { backend: 'pyodide', ...all },
      lacking: null,
    },
  ])
})

test('what is not there is told with its fix', () => {
  const place = install({ withPyodide: false })
  const [python, , pyodide] = probeIn(place, { SUPERLOOP_RLMS_PYTHON: '/no/python' })
  expect(python).toMatchObject({
    engine: null,
    layers: null,
    lacking: {
      code: 'sandbox_unavailable',
      fix: 'Name a python3 of version 3.9 to 3.13, or unset SUPERLOOP_RLMS_PYTHON.',
    },
  })
  expect(pyodide).toMatchObject({
    engine: null,
    layers: null,
    lacking: {
      code: 'sandbox_unavailable',
      fix: `Install it: npm install --prefix ${place} pyodide@314; or install python3.`,
    },
  })
})

test('a sandbox that the kernel layer is missing for is told with the layers that are left', () => {
  const place = install({ withPyodide: true })
  for (const folder of ['javascript', 'pyodide'])
    for (const name of readdirSync(join(place, 'dist', folder)))
      if (name.endsWith('.node')) rmSync(join(place, 'dist', folder, name))
  const [, javascript, pyodide] = probeIn(place)
  for (const probe of [javascript, pyodide]) {
    expect(probe?.layers).toMatchObject({ language: true, process: true, kernel: false })
    expect(probe?.lacking?.fix).toMatch(/^Run on Linux .* or allow less with --sandbox-require process\.$/)
  }
})
