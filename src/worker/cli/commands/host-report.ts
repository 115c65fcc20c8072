// For superloop.sh: writes a loop's last run as one HTML page.
import { dirname, join, resolve } from 'node:path'
import { isSystemError, RlmsError } from '../../contract/errors.ts'
import { version } from '../../contract/version.ts'
import { writeFileWhole } from '../../lib/atomic-file.ts'
import { makeFolder } from '../../lib/make-folder.ts'
import { readGateReasons } from '../../records/gate-reasons.ts'
import { readText } from '../../records/read-text.ts'
import { type RunRecord, readRunRecord } from '../../records/run-record.ts'
import { openGates } from '../../report/open-gates.ts'
import { renderPage } from '../../report/page.ts'
import { type FlagTable, parseFlags, usage } from '../flags.ts'
import { type Command, printError } from '../main.ts'

const flags: FlagTable = { repo: 'text', 'loop-dir': 'text', out: 'text' }

/** `host-report --repo DIR --loop-dir DIR --out FILE` */
export const hostReport: Command = async (argv) => {
  const { values } = parseFlags(argv, flags)
  const text = (name: string) => {
    const value = values[name]
    if (typeof value !== 'string' || value === '')
      throw usage('host-report --repo DIR --loop-dir DIR --out FILE')
    return value
  }
  const repo = resolve(text('repo'))
  const loopDir = resolve(text('loop-dir'))
  const outFile = resolve(text('out'))
  const run = readRunRecord(repo, loopDir, process.env)
  if (run === undefined)
    throw new RlmsError('invalid_config', `there are no events in ${loopDir}`, 'Run the loop first.')
  const page = renderPage({
    run,
    repo,
    outFile,
    messages: readMessages(run, loopDir),
    openGates: readOpenGates(run, loopDir),
    generatedAt: new Date().toISOString(),
    version,
  })
  return writePage(outFile, page)
}

function writePage(file: string, page: string): number {
  try {
    makeFolder(dirname(file))
    writeFileWhole(file, page)
    return 0
  } catch (error) {
    if (!isSystemError(error)) throw error
    const why = error.message.replace(/^[A-Z]+: |, [a-z]+ '.*$/gs, '')
    const fix = 'Free some space, correct the permissions of its folder, or name another file with --out.'
    printError('superloop', { code: 'FILE_NOT_WRITTEN', message: `cannot write ${file}: ${why}`, fix })
    return 1
  }
}

function readMessages(run: RunRecord, loopDir: string): Map<string, string> {
  const roles = run.iterations.at(-1)?.roles ?? []
  return new Map(
    roles.map(({ role }) => [role, readText(join(loopDir, 'last_messages', `${role}.txt`)).trim()]),
  )
}

const linesShown = 60

function readOpenGates(run: RunRecord, loopDir: string): Map<string, string> {
  return new Map(
    openGates(run).map((name) => [
      name,
      readGateReasons(name, loopDir).split('\n').slice(-linesShown).join('\n'),
    ]),
  )
}
