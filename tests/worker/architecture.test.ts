// The house as a test: who imports whom, how large a file may be, what the documentation must hold.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { agentErrors } from '../../src/worker/agents/errors.ts'
import { errorTable } from '../../src/worker/contract/errors.ts'
import { goalErrors } from '../../src/worker/goal/errors.ts'

const root = resolve(import.meta.dirname, '../..')
const worker = join(root, 'src/worker')

/** Each folder (or file) of the worker, and what it may import beside itself. */
const mayImport: Record<string, readonly string[]> = {
  contract: [],
  lib: [],
  rlm: ['contract', 'lib'],
  models: ['contract', 'lib', 'rlm'],
  sandboxes: ['contract', 'lib', 'rlm'],
  agents: ['contract', 'lib', 'rlm'],
  runs: ['contract', 'lib', 'rlm'],
  daemon: ['contract', 'lib', 'rlm', 'sandboxes', 'runs'],
  gates: ['contract', 'lib'],
  config: ['contract', 'lib', 'gates'],
  records: ['lib', 'models'],
  report: ['lib', 'records'],
  'compose-agents.ts': ['agents', 'contract', 'lib', 'rlm', 'models'],
  'compose.ts': ['contract', 'lib', 'rlm', 'models', 'sandboxes', 'daemon', 'runs'],
  goal: ['compose.ts', 'contract', 'lib', 'rlm', 'models', 'runs', 'config'],
  cli: [
    'agents',
    'compose-agents.ts',
    'compose.ts',
    'contract',
    'lib',
    'rlm',
    'models',
    'sandboxes',
    'daemon',
    'runs',
    'config',
    'gates',
    'goal',
    'records',
    'report',
  ],
  bin: ['agents', 'cli', 'rlm', 'sandboxes', 'daemon'],
}

interface Import {
  readonly file: string
  readonly from: string
  readonly to: string
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'generated' ? [] : sourceFiles(path)
    return entry.name.endsWith('.ts') ? [path] : []
  })
}

function roomOf(path: string): string {
  return relative(worker, path).split('/')[0]!
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)]
    .map((match) => resolve(dirname(file), match[1]!))
    .filter((target) => target.startsWith(`${worker}/`))
    .map((target) => ({ file: relative(root, file), from: roomOf(file), to: roomOf(target) }))
}

function forbiddenImports(imports: readonly Import[]): Import[] {
  return imports.filter(({ from, to }) => from !== to && !mayImport[from]?.includes(to))
}

describe('the worker', () => {
  const files = sourceFiles(worker)
  const imports = files.flatMap(importsOf)

  test('imports only in the directions of ARCHITECTURE.md', () => {
    expect(imports.length).toBeGreaterThan(100)
    expect(forbiddenImports(imports)).toEqual([])
  })

  test('would be refused an import in another direction', () => {
    const sideways = { file: 'rlm/run.ts', from: 'rlm', to: 'models' }
    expect(forbiddenImports([sideways])).toEqual([sideways])
  })

  test('has a rule for every one of its rooms', () => {
    expect([...new Set(files.map(roomOf))].sort()).toEqual(Object.keys(mayImport).sort())
  })

  test('has code for inside the engine that imports only what runs there too', () => {
    const guest = join(worker, 'sandboxes/javascript/guest')
    const imported = sourceFiles(guest).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/from '([^']+)'/g)].map((match) =>
        resolve(dirname(file), match[1]!),
      ),
    )
    expect(imported.length).toBeGreaterThan(10)
    expect(imported.filter((target) => dirname(target) !== guest)).toEqual([])
  })

  test('has the engines of other sandboxes in bundles of their own', () => {
    const bundles = ['rlm.cjs', 'rlms.cjs', 'host-config.cjs'].map((name) =>
      readFileSync(join(root, 'dist', name), 'utf8'),
    )
    expect(bundles.filter((text) => /QTS_NewRuntime|isIdentifierStart/.test(text))).toEqual([])
  })

  test('loads parts on demand only where they are chosen', () => {
    const dynamic = files
      .filter((file) => /\bimport\('\./.test(readFileSync(file, 'utf8')))
      .map((file) => relative(worker, file))
    const choosers = [
      'cli/commands/goal-start.ts',
      'cli/commands/rlm.ts',
      'compose.ts',
      'config/host-config.ts',
      'goal/agents/create-agent.ts',
      'models/create-model.ts',
    ]
    expect(dynamic.sort()).toEqual(choosers)
  })

  test('prints and ends the process only in its command line, and as a library where verbose asks for it', () => {
    const loud = files
      .filter((file) => !file.endsWith('/agents/listeners.ts'))
      .filter((file) => /\bconsole\.|process\.(?:stdout|stderr|exit)\b/.test(readFileSync(file, 'utf8')))
      .map(roomOf)
    expect([...new Set(loud)]).toEqual(['cli'])
  })
})

function trackedFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  return listed.split('\0').filter((name) => name !== '' && !name.startsWith('.demo/'))
}

const tracked = trackedFiles()

describe('the repository', () => {
  test('keeps every source file within 250 lines', () => {
    const isSource = (name: string) =>
      /\.(?:ts|mjs|py|sh|bash|bats)$/.test(name) || /^(?:scripts\/(?:lib\/)?[a-z-]+|\.ci\/run)$/.test(name)
    const long = tracked
      .filter(isSource)
      .map((name) => ({ name, lines: readFileSync(join(root, name), 'utf8').split('\n').length - 1 }))
      .filter(({ lines }) => lines > 250)
    expect(long).toEqual([])
  })

  test('names no registry host in its lock file, and no folder of one machine anywhere', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved"/)
    const named = tracked.filter(
      (name) =>
        /\.(?:ts|mjs|py|sh|md|json|bats)$/.test(name) &&
        /(?:^|["'\s=(])\/(?:work|root|home\/[a-z]+)\//m.test(readFileSync(join(root, name), 'utf8')),
    )
    expect(named.filter((name) => name !== 'tests/worker/architecture.test.ts')).toEqual([])
  })
})

describe('the documentation', () => {
  const errors = readFileSync(join(root, 'docs/errors.md'), 'utf8')

  test.each(Object.entries({ ...errorTable, ...goalErrors, ...agentErrors }))(
    'explains the error %s as the worker does',
    (code, { meaning, fix }) => {
      const row = errors.split('\n').find((line) => line.startsWith(`| \`${code}\` |`))
      expect(row).toBeDefined()
      expect(plain(row!)).toContain(plain(meaning))
      expect(plain(row!)).toContain(plain(fix).split(/[;,]/)[0])
    },
  )

  test('explains every code of the host and of the configuration', () => {
    const shell = tracked
      .filter((name) => name.endsWith('.sh'))
      .map((name) => readFileSync(join(root, name), 'utf8'))
      .join('\n')
    const raised = [...shell.matchAll(/^[^#]*failure::raise ([A-Z_]+)/gm)].map((match) => match[1]!)
    const config = sourceFiles(join(worker, 'config'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n')
    const found = [...config.matchAll(/'([A-Z]{3,}_[A-Z_]+)'/g)].map((match) => match[1]!)
    const codes = [...new Set([...raised, ...found])]
    expect(codes.length).toBeGreaterThan(10)
    expect(codes.filter((code) => !errors.includes(`\`${code}\``))).toEqual([])
  })

  test('lists the host functions as the table has them (else: node scripts/lib/host-functions-doc.mjs --write)', () => {
    const made = execFileSync('node', [join(root, 'scripts/lib/host-functions-doc.mjs')], {
      encoding: 'utf8',
    })
    expect(readFileSync(join(root, 'docs/host-functions.md'), 'utf8')).toBe(made)
  })

  test('gives each decision a number of its own', () => {
    const numbers = tracked.flatMap((name) => /^docs\/decisions\/(\d{4})-/.exec(name)?.[1] ?? [])
    expect(numbers).toEqual([...new Set(numbers)])
  })

  test('links only to files that are there', () => {
    const pages = tracked.filter((name) => name.endsWith('.md') && !name.startsWith('src/'))
    const broken = pages.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)[^)]*\)/g)]
        .map((match) => join(dirname(page), match[1]!))
        .filter((target) => !tracked.some((name) => name === target || name.startsWith(`${target}/`)))
        .map((target) => `${page} -> ${target}`),
    )
    expect(broken).toEqual([])
  })
})

function plain(text: string): string {
  return text.replaceAll('`', '')
}
