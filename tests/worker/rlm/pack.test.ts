import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openDocuments } from '../../../src/worker/rlm/documents.ts'
import { packDocuments } from '../../../src/worker/rlm/pack.ts'
import { anyBytes } from '../helpers/arbitrary-bytes.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const nothingSkipped = { missing: 0, repeated: 0, not_a_file: 0, unreadable: 0, binary: 0 }
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** Writes the files, then packs them and `more` in order. */
function pack(contents: Record<string, Buffer | string>, more: string[] = []) {
  const folder = temporaryFolder()
  for (const [name, bytes] of Object.entries(contents)) writeFileSync(join(folder, name), bytes)
  const names = [...Object.keys(contents), ...more]
  const packFile = join(folder, 'documents.pack')
  const report = packDocuments(
    names.map((name) => ({ name, path: join(folder, name) })),
    packFile,
  )
  return { report, packed: readFileSync(packFile), packFile, folder }
}

function skipped(prepare: (folder: string) => void, ...names: string[]) {
  const folder = temporaryFolder()
  prepare(folder)
  const sources = names.map((name) => ({ name, path: join(folder, name) }))
  const report = packDocuments(sources, join(folder, 'documents.pack'))
  expect(report.list).toEqual([])
  expect(report.packSize).toBe(0)
  return report.skipped
}

describe('a pack', () => {
  it('holds the bytes of its files unchanged, end to end, in order', () => {
    const b = Buffer.from('\ufeffb\r\n\xff')
    const { report, packed } = pack({ a: 'one\n', empty: '', b, c: 'no end' })
    expect(packed).toEqual(Buffer.concat([Buffer.from('one\n'), b, Buffer.from('no end')]))
    expect(report.packSize).toBe(packed.length)
    expect(report.list.map(({ name, offset, length }) => [name, offset, length])).toEqual([
      ['a', 0, 4],
      ['empty', 4, 0],
      ['b', 4, b.length],
      ['c', 4 + b.length, 6],
    ])
    expect(report.skipped).toEqual(nothingSkipped)
  })

  it('can be read by its owner only', () => {
    expect(statSync(pack({ a: 'x' }).packFile).mode & 0o777).toBe(0o600)
  })

  it('knows hash and shape of each document', () => {
    const bytes = Buffer.from('ä\nb')
    const [document] = pack({ a: bytes }).report.list
    expect(document).toEqual({
      name: 'a',
      source: 'a',
      sha256: sha256(bytes),
      offset: 0,
      length: 4,
      firstLine: 1,
      lineCount: 2,
      charCount: 3,
      ascii: false,
      lineOffsets: [0],
    })
  })

  it('is byte for byte what the files hold, whatever that is', () => {
    const folder = temporaryFolder()
    fc.assert(
      fc.property(fc.array(anyBytes, { maxLength: 5 }), (files) => {
        const texts = files.filter((bytes) => !bytes.includes(0))
        const sources = files.map((bytes, number) => {
          writeFileSync(join(folder, `${number}`), bytes)
          return { name: `${number}`, path: join(folder, `${number}`) }
        })
        const packFile = join(folder, 'documents.pack')
        const report = packDocuments(sources, packFile)
        expect(readFileSync(packFile)).toEqual(Buffer.concat(texts))
        expect(report.list.map((document) => document.sha256)).toEqual(texts.map(sha256))
        expect(report.skipped.binary).toBe(files.length - texts.length)
      }),
      { numRuns: 100 },
    )
  })

  // 1 MiB is what is read at once: every way a character or a line end can lie across its edge.
  it.each([-4, -3, -2, -1, 0, 1])('counts a character %i bytes from the edge of a chunk as one', (shift) => {
    const bytes = Buffer.from(`${'x'.repeat((1 << 20) + shift)}🙂\r\né${'y\n'.repeat(600_000)}`)
    const { report, packed } = pack({ a: bytes })
    expect(packed.equals(bytes)).toBe(true)
    expect(report.list[0]).toMatchObject({
      charCount: [...bytes.toString()].length,
      lineCount: 600_001,
      sha256: sha256(bytes),
    })
  })

  it('larger than a chunk gives the lines at its end', () => {
    const lines = Array.from({ length: 200_000 }, (_, number) => `line ${number + 1} ü`)
    const { report, packFile } = pack({ first: 'x', a: lines.join('\n') })
    const documents = openDocuments(packFile, report)
    const [, document] = report.list
    expect(documents.readLines(document!, 199_999, 200_000)).toBe('line 199999 ü\nline 200000 ü')
    expect(documents.readLines(document!, 104_857, 104_857)).toBe('line 104857 ü\n')
    documents.close()
  })

  it('takes a path that is no UTF-8', () => {
    const folder = temporaryFolder()
    const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x66, 0xff])])
    writeFileSync(path, 'text')
    const report = packDocuments([{ name: 'f\ufffd', path }], join(folder, 'documents.pack'))
    expect(report.list).toMatchObject([{ name: 'f\ufffd', length: 4 }])
  })

  it('follows a symbolic link to a file', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'a'), 'text')
    symlinkSync('a', join(folder, 'link'))
    const report = packDocuments(
      [{ name: 'link', path: join(folder, 'link') }],
      join(folder, 'documents.pack'),
    )
    expect(report.list).toMatchObject([{ name: 'link', length: 4 }])
  })
})

describe('what is listed but no document', () => {
  it('is counted as missing when it is not there', () => {
    const prepare = (folder: string) => {
      writeFileSync(join(folder, 'file'), 'x')
      symlinkSync('nowhere', join(folder, 'dangling'))
    }
    expect(skipped(prepare, 'gone', 'file/below', 'dangling')).toEqual({ ...nothingSkipped, missing: 3 })
  })

  it('is counted as no file when it is a folder or a device', () => {
    const folder = temporaryFolder()
    const sources = [
      { name: 'folder', path: folder },
      { name: 'null', path: '/dev/null' },
    ]
    const report = packDocuments(sources, join(folder, 'documents.pack'))
    expect(report.skipped).toEqual({ ...nothingSkipped, not_a_file: 2 })
  })

  it('is counted as no file when it is a named pipe, without waiting for a writer', () => {
    const writeLater = "setTimeout(() => require('node:fs').openSync(process.argv[1], 'w'), 10_000)"
    const prepare = (folder: string) => {
      const path = join(folder, 'pipe')
      execFileSync('sh', ['-c', 'mkfifo "$0"', path])
      // ends the wait of an opening that does wait
      const writer = spawn(process.execPath, ['-e', writeLater, path], { stdio: 'ignore' })
      onTestFinished(() => void writer.kill('SIGKILL'))
    }
    const started = performance.now()
    expect(skipped(prepare, 'pipe')).toEqual({ ...nothingSkipped, not_a_file: 1 })
    expect(performance.now() - started).toBeLessThan(8000)
  })

  it('is counted as no file when it is a socket', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 's')
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(path, resolve))
    const report = packDocuments([{ name: 's', path }], join(folder, 'documents.pack'))
    await new Promise((resolve) => server.close(resolve))
    expect(report.skipped).toEqual({ ...nothingSkipped, not_a_file: 1 })
  })

  it.each<[title: string, at: number, binary: number]>([
    ['the first byte', 0, 1],
    ['byte 7999', 7999, 1],
    ['byte 8000', 8000, 0],
  ])('is counted as binary for a NUL among the first 8000 bytes: %s', (_title, at, binary) => {
    const bytes = Buffer.alloc(9000, 'x')
    bytes[at] = 0
    const { report, packed } = pack({ a: bytes })
    expect(report.skipped).toEqual({ ...nothingSkipped, binary })
    expect(packed.length).toBe(binary === 1 ? 0 : 9000)
  })

  it('is a document for a NUL at the beginning of a later chunk', () => {
    const bytes = Buffer.alloc((1 << 20) + 5000, 'x')
    bytes[(1 << 20) + 100] = 0
    expect(pack({ a: bytes }).report).toMatchObject({ packSize: bytes.length, skipped: nothingSkipped })
  })

  it('leaves its neighbours in place', () => {
    const { report, packed } = pack({ a: 'one', 'b.bin': '\0', c: 'two' }, ['gone', '.'])
    expect(packed.toString()).toBe('onetwo')
    expect(report.list.map(({ name, offset }) => [name, offset])).toEqual([
      ['a', 0],
      ['c', 3],
    ])
    expect(report.skipped).toEqual({ ...nothingSkipped, missing: 1, not_a_file: 1, binary: 1 })
  })

  it('is counted as unreadable when its mode forbids reading, which it does to all but root', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'a'), 'x')
    chmodSync(join(folder, 'a'), 0)
    const report = packDocuments([{ name: 'a', path: join(folder, 'a') }], join(folder, 'documents.pack'))
    const unreadable = process.getuid?.() === 0 ? 0 : 1
    expect(report.skipped).toEqual({ ...nothingSkipped, unreadable })
    expect(report.list.length).toBe(1 - unreadable)
  })

  it('is counted as unreadable when its links go in a circle', () => {
    const prepare = (folder: string) => symlinkSync('loop', join(folder, 'loop'))
    expect(skipped(prepare, 'loop')).toEqual({ ...nothingSkipped, unreadable: 1 })
  })
})
