// Which interpreter the sandbox takes: the named one, else the first real one on PATH, else a version manager's newest.
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import { findPython } from '../../../src/worker/sandboxes/find-python.ts'
import { temporaryFolder } from './helpers/python-session.ts'

/** While it is set, nothing outside this folder is there. */
const visible = vi.hoisted(() => ({ root: '' }))
vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs')>()
  return {
    ...real,
    realpathSync(path: string) {
      if (!path.startsWith(visible.root)) throw new Error(`ENOENT: ${path}`)
      return real.realpathSync(path)
    },
  }
})
afterEach(() => {
  visible.root = ''
})

const here = findPython({ PATH: process.env.PATH })

/** A folder for PATH in which these names are: a program's name that says its version, a link to one, or a script. */
function folderWith(names: Record<string, 'binary' | 'script' | { link: string }>): string {
  const folder = realpathSync(temporaryFolder())
  for (const [name, kind] of Object.entries(names)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    if (kind === 'binary') copyFileSync(realpathSync('/bin/true'), path)
    else if (kind === 'script') writeFileSync(path, '#!/bin/sh\nexec python3 "$@"\n')
    else symlinkSync(kind.link, path)
    if (typeof kind === 'string') chmodSync(path, 0o755)
  }
  return folder
}

describe('the interpreter on PATH', () => {
  test('is a real binary, its links resolved, of the version that it is', () => {
    expect(realpathSync(here.path)).toBe(here.path)
    const asked = execFileSync(here.path, ['-c', 'import sys; print(*sys.version_info[:2])'], {
      encoding: 'utf8',
    })
    expect(here.version).toEqual(asked.trim().split(' ').map(Number))
  })

  test('is not a shim, whatever stands first', () => {
    const shims = folderWith({ python3: 'script', 'python3.12': 'script' })
    const links = folderWith({ python3: { link: here.path } })
    expect(findPython({ PATH: `${shims}:${links}` })).toEqual(here)
  })

  test('is the first that is new enough', () => {
    const old = folderWith({ python3: { link: 'python3.8' }, 'python3.8': 'binary' })
    const good = folderWith({ python3: { link: 'python3.10' }, 'python3.10': 'binary' })
    visible.root = dirname(old)
    expect(findPython({ PATH: `${old}:${good}` })).toEqual({
      path: join(good, 'python3.10'),
      version: [3, 10],
    })
  })

  test('may be there under its version only, the newest of them', () => {
    const folder = folderWith({
      python3: { link: 'python3.8' },
      'python3.8': 'binary',
      'python3.9': 'binary',
      'python3.12': 'binary',
    })
    visible.root = folder
    expect(findPython({ PATH: folder })).toEqual({ path: join(folder, 'python3.12'), version: [3, 12] })
  })

  test('is not looked for in folders that depend on where one stands', () => {
    const folder = folderWith({ python3: { link: 'python3.12' }, 'python3.12': 'binary' })
    visible.root = folder
    expect(() => findPython({ PATH: `:.:bin:${folder}x` })).toThrow(
      'no CPython 3.9 or newer was found on PATH',
    )
  })

  test('is no program that only has the name', () => {
    const folder = folderWith({ python3: 'binary' })
    visible.root = folder
    expect(() => findPython({ PATH: folder })).toThrow('no CPython 3.9 or newer was found on PATH')
  })

  test('when there is none, is the newest of a version manager', () => {
    const versions = ['3.9.1', '3.12.4', '3.10.2', '3.8.9', 'miniconda3', '2.7.18']
    const names = versions.flatMap((version) => {
      const program = `versions/${version}/bin/python${version.split('.').slice(0, 2).join('.')}`
      return [
        [program, 'binary'] as const,
        [`versions/${version}/bin/python3`, { link: program.split('/').at(-1)! }] as const,
      ]
    })
    const root = folderWith(Object.fromEntries(names))
    visible.root = root
    expect(findPython({ PATH: '', PYENV_ROOT: root })).toEqual({
      path: join(root, 'versions/3.12.4/bin/python3.12'),
      version: [3, 12],
    })
  })

  test('when there is none at all, is asked for by name', () => {
    visible.root = temporaryFolder()
    const find = () => findPython({ PATH: process.env.PATH, PYENV_ROOT: visible.root })
    expect(find).toThrow(RlmsError)
    expect(find).toThrow(
      expect.objectContaining({
        code: 'sandbox_unavailable',
        message: 'no CPython 3.9 or newer was found on PATH',
        fix: 'Install python3 (apt-get install python3, brew install python), name it with SUPERLOOP_RLMS_PYTHON, or install Pyodide (npm install pyodide@314) for --sandbox auto.',
      }),
    )
  })
})

describe('the interpreter that SUPERLOOP_RLMS_PYTHON names', () => {
  test('is taken, its links resolved, and PATH is not looked at', () => {
    const folder = folderWith({ mine: { link: here.path } })
    expect(findPython({ PATH: folderWith({}), SUPERLOOP_RLMS_PYTHON: join(folder, 'mine') })).toEqual(here)
  })

  const unusable: Record<string, () => string> = {
    'is not there': () => join(temporaryFolder(), 'python3'),
    'is a shim': () => join(folderWith({ python3: 'script' }), 'python3'),
    'is a link to a shim': () => join(folderWith({ shim: 'script', python3: { link: 'shim' } }), 'python3'),
    'is too old': () => join(folderWith({ 'python3.8': 'binary' }), 'python3.8'),
    'is no Python': () => join(folderWith({ python3: 'binary' }), 'python3'),
    'is a folder': () => temporaryFolder(),
    'is a text': () => {
      const path = join(temporaryFolder(), 'python3')
      writeFileSync(path, 'not a program')
      return path
    },
  }
  test.each(Object.entries(unusable))('and that %s is refused by name, with the fix', (_what, make) => {
    const named = make()
    const find = () => findPython({ PATH: process.env.PATH, SUPERLOOP_RLMS_PYTHON: named })
    expect(find).toThrow(
      expect.objectContaining({
        code: 'sandbox_unavailable',
        message: `SUPERLOOP_RLMS_PYTHON names ${named}, which is no CPython 3.9 or newer`,
        fix: 'Name a python3 of version 3.9 to 3.13, or unset SUPERLOOP_RLMS_PYTHON.',
      }),
    )
  })

  test('and that is empty counts as not named', () => {
    expect(findPython({ PATH: process.env.PATH, SUPERLOOP_RLMS_PYTHON: '' })).toEqual(here)
  })
})
