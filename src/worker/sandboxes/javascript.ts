// JavaScript as the sandbox: QuickJS in WebAssembly, in a locked-down Node process for each run.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { RlmsError } from '../contract/errors.ts'
import { functionTable } from '../rlm/host-functions.ts'
import type { FunctionSpec, OpenSandbox, SandboxRequest } from '../rlm/ports.ts'
import type { FunctionRow } from './javascript/guest/functions.ts'
import type { RunnerSetup } from './javascript/runner.ts'
import { holdToLayers, type LayerSettings, openLocked } from './locked-sandbox.ts'
import { startNodeRunner } from './node-runner.ts'
import type { RunnerProcess } from './runner-process.ts'

export interface JavaScriptSettings extends LayerSettings {
  readonly timeoutSeconds: number
  /** Where the build has put the runner; by default beside this program's bundle. */
  readonly folder?: string
}

const builtFolder = join(import.meta.dirname, 'javascript')

const flags = [
  // a pattern of grep that backtracks without an end is taken over by an engine that does not
  '--enable-experimental-regexp-engine-on-excessive-backtracks',
  // the engine is compiled anew where it computes at length, not for a start: half of a start's CPU
  '--wasm-tiering-budget=200000000',
]

const leastMemory = 512 << 20
const mostMemory = 2 ** 31

export function javascript(settings: JavaScriptSettings): OpenSandbox {
  return (request) => {
    const start = (signal: AbortSignal) => startLocked(settings, request, signal)
    return openLocked('javascript', settings, start, request.signal)
  }
}

async function startLocked(
  settings: JavaScriptSettings,
  request: SandboxRequest,
  signal: AbortSignal,
): Promise<RunnerProcess> {
  const { documents, functions } = request
  const entry = join(settings.folder ?? builtFolder, 'runner.cjs')
  if (!existsSync(entry)) {
    throw new RlmsError(
      'sandbox_unavailable',
      `the JavaScript sandbox is not part of this installation: ${entry} is missing`,
      'Build it (scripts/build), or use --sandbox python.',
    )
  }
  const bytes = documents.list.reduce((sum, { length }) => sum + length, 0)
  const memoryBytes = Math.min(mostMemory, Math.max(leastMemory, leastMemory / 2 + 4 * bytes))
  const setup: RunnerSetup = {
    documents: documents.list,
    pack_size: documents.packSize,
    functions: functionTable.map(describeRow),
    asked: functions.map(({ name }) => name),
    language: !settings.without?.includes('language'),
    kernel: !settings.without?.includes('kernel'),
    memory_bytes: memoryBytes,
  }
  const { timeoutSeconds } = settings
  const runner = { entry: [entry], flags, memoryBytes, timeoutSeconds, setup } as const
  return holdToLayers(await startNodeRunner(runner, request, signal), settings)
}

function describeRow({ name, parameters, aliases = [] }: FunctionSpec): FunctionRow {
  return {
    name,
    aliases,
    parameters: parameters.map((parameter) => ({
      name: parameter.name,
      optional: parameter.default !== undefined,
      value: parameter.default ?? null,
    })),
  }
}
