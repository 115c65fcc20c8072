// The daemon's own process, as `rlm daemon start` and clients of a dead one start it. A line on standard output says that
// it serves.
import { buildOf } from '../../daemon/record.ts'
import { serve } from '../../daemon/server.ts'
import { findPython } from '../../sandboxes/find-python.ts'
import { type FlagTable, parseFlags, readNumber, usage } from '../flags.ts'
import type { Command } from '../main.ts'

const flags: FlagTable = { folder: 'text', python: 'text', workers: 'text', 'idle-seconds': 'text' }

export const serveDaemon: Command = async (argv, signal) => {
  const { values } = parseFlags(argv, flags)
  const given = (name: string): string => {
    const value = values[name]
    if (typeof value === 'string') return value
    throw usage(`--${name} is missing`, 'Start it with rlm daemon start.')
  }
  const settings = {
    folder: given('folder'),
    build: buildOf(process.argv[1] ?? ''),
    python: findPython({ SUPERLOOP_RLMS_PYTHON: given('python') }),
    workers: readNumber('--workers', given('workers'), { min: 1, max: 64 }),
    idleSeconds: readNumber('--idle-seconds', given('idle-seconds'), { min: 1, max: 2_000_000 }),
  }
  await serve(settings, signal, () => process.stdout.write('ready\n'))
  return 0
}
