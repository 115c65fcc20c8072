// What the rows share: a scratch folder, contexts, the door's flags, a sandbox opened as the product opens it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const root = new URL('..', import.meta.url).pathname
export const door = join(root, 'scripts', 'rlms')
export const host = join(root, 'superloop.sh')
const { default: parts } = await import('../dist/parts.cjs')

export { parts }

export const scratch = mkdtempSync(join(tmpdir(), 'rlms-bench-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

/** A text file of about `bytes`, lines of 70 characters, "ERROR" in one of 10,000. */
export function writeLog(name, bytes) {
  const path = join(scratch, name)
  const lines = []
  for (let at = 0, size = 0; size < bytes; at++) {
    const line = `2026-01-01T00:00:00Z service-${at % 97} ${at % 10_000 === 0 ? 'ERROR' : 'info'} request ${at} took ${at % 997} ms\n`
    lines.push(line)
    size += line.length
  }
  writeFileSync(path, lines.join(''))
  return path
}

export function doorFlags(listFile, outputDir, script) {
  const model = JSON.stringify(['rlms:scripted', script])
  return [
    ...['--repo', scratch, '--loop-id', 'bench', '--role', 'reviewer', '--iteration', '1'],
    ...['--context-file-list', listFile, '--output-dir', outputDir],
    ...['--max-steps', '5', '--max-depth', '2', '--timeout-seconds', '120', '--root-command-json', model],
  ]
}

export function writeScript(name, ...codes) {
  const path = join(scratch, name)
  writeFileSync(path, JSON.stringify(codes.map((code) => `\`\`\`python\n${code}\n\`\`\``)))
  return path
}

export function writeList(name, ...paths) {
  const path = join(scratch, name)
  writeFileSync(path, `${paths.join('\n')}\n`)
  return path
}

/** A sandbox over files, locked down, host functions answered at once. */
export async function openSandbox(paths, backend = parts.nativePython) {
  const folder = mkdtempSync(join(scratch, 'pack-'))
  const pack = join(folder, 'documents.pack')
  const sources = paths.map((path) => ({ name: path.split('/').at(-1), path }))
  const documents = parts.openDocuments(pack, parts.packDocuments(sources, pack))
  const { signal } = new AbortController()
  const open = backend({ require: 'kernel', timeoutSeconds: 300 })
  const sandbox = await open({ documents, functions: parts.hostFunctions, call: async () => 'ok', signal })
  return {
    async run(code) {
      const { error } = await sandbox.execute(code, 120_000, signal)
      if (error) throw new Error(error.message)
    },
    runFor: (code, limitMs) => sandbox.execute(code, limitMs, signal),
    async close() {
      await sandbox.close()
      documents.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A repository with a loop of four roles that answer at once, an analysis in each; `changes` are to that loop's settings. */
export function makeRepository(changes = {}) {
  const repo = mkdtempSync(join(scratch, 'repo-'))
  mkdirSync(join(repo, '.superloop', 'specs'), { recursive: true })
  writeFileSync(join(repo, '.superloop', 'specs', 'spec.md'), '# Spec\n\n- [ ] one thing\n')
  const runner = {
    command: ['/bin/sh', '-c', 'cat >/dev/null; echo "<promise>DONE</promise>" >"{last_message_file}"'],
  }
  const script = writeScript('one-step.json', 'set_final("ok")')
  const config = {
    runners: { shell: runner },
    loops: [
      {
        id: 'bench',
        spec_file: '.superloop/specs/spec.md',
        max_iterations: 10,
        completion_promise: 'DONE',
        evidence: { enabled: true },
        rlms: {
          enabled: true,
          policy: { force_on: true },
          models: { root: { command: ['rlms:scripted', script] } },
        },
        ...changes,
      },
    ],
  }
  writeFileSync(join(repo, '.superloop', 'config.json'), JSON.stringify(config))
  return repo
}
