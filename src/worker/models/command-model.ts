// A model that is a program: run once for each prompt, its output read as the answer.
import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isSystemError, RlmsError } from '../contract/errors.ts'
import { findProgram } from '../lib/find-program.ts'
import { cutText, wholeAt } from '../lib/whole-text.ts'
import { charsPerToken } from '../rlm/budget.ts'
import { type Model, ModelFailure, type ModelReply, type ModelRequest } from '../rlm/ports.ts'
import {
  adoptProgram,
  type CallFolder,
  type CallOutput,
  callFolder,
  type Exit,
  OutputTooLarge,
  prepareFolder,
  readOutput,
  removeFolder,
  runProgram,
} from './call-folder.ts'
import { type CommandVector, fillPlaceholders, passesByArgument } from './command-vector.ts'
import { tellLate } from './late.ts'
import { parseReply } from './replies/formats.ts'
import { findRetryAfterMs, looksRetryable } from './replies/reply.ts'

export interface CommandModelOptions {
  readonly name: string
  readonly vector: CommandVector
  /** The program's working directory, and what `{repo}` stands for. */
  readonly repo: string
  /** Where calls keep their folders while they run. */
  readonly callsDir: string
  /** How long a program that must end may take to clean up; then it is killed. */
  readonly graceMs?: number
}

export function createCommandModel(options: CommandModelOptions): Model {
  const { name } = options
  const repo = resolve(options.repo)
  const folderOf = ({ id }: Pick<ModelRequest, 'id'>) => callFolder(join(options.callsDir, id))
  return {
    name,
    async complete(request) {
      const folder = folderOf(request)
      try {
        const exit =
          (await adoptProgram(folder, request.signal, options.graceMs)) ??
          (await start({ ...options, repo }, folder, request))
        return readReply(name, request, exit, readOutput(folder))
      } catch (error) {
        if (!(error instanceof ModelFailure)) removeFolder(folder)
        throw describe(name, error)
      }
    },
    settled: (request) => removeFolder(folderOf(request)),
  }
}

async function start(options: CommandModelOptions, folder: CallFolder, request: ModelRequest): Promise<Exit> {
  const { name, vector, repo } = options
  const [program, ...args] = fillPlaceholders(vector, { repo, ...folder })
  if (!statSync(repo, { throwIfNoEntry: false })?.isDirectory())
    throw new RlmsError('invalid_config', `the repository ${repo} is no folder`, 'Correct --repo.')
  const env = { ...process.env, ...certificates(process.env), ...vector.env }
  const file = findProgram(program, repo, env.PATH)
  if (file === undefined) {
    throw new ModelFailure(`${name}: there is no program ${JSON.stringify(program)}`, {
      fix: `Install ${program}, or correct the command.`,
    })
  }
  const byArgument = passesByArgument(vector, request.prompt)
  const stdin = vector.promptMode === 'file' || byArgument ? 'closed' : 'prompt'
  const argv: [string, ...string[]] = [file, ...args, ...(byArgument ? [request.prompt] : [])]
  prepareFolder(folder, request.prompt)
  const { graceMs } = options
  return runProgram(folder, { argv, cwd: repo, env, stdin, graceMs }, request.signal)
}

/** What went wrong around a program, in words about it. */
function describe(name: string, error: unknown): unknown {
  if (error instanceof OutputTooLarge) return new ModelFailure(`${name} ${error.message}`)
  if (isSystemError(error) && error.syscall?.startsWith('spawn'))
    return new ModelFailure(`${name} cannot be started: ${error.message}`)
  return tellLate(error, `${name} had not answered`)
}

/** scripts/rlms keeps them from our own start, not from a model program's. */
function certificates({ SUPERLOOP_NODE_EXTRA_CA_CERTS: file }: NodeJS.ProcessEnv): Record<string, string> {
  return file === undefined ? {} : { NODE_EXTRA_CA_CERTS: file }
}

function readReply(name: string, request: ModelRequest, exit: Exit, output: CallOutput): ModelReply {
  // On failure Gemini prints its JSON on standard error, and nothing on standard output.
  const { format, text, usage, error } = parseReply(
    output.stdout.trim() === '' && exit.status !== 0 ? output.stderr : output.stdout,
  )
  const answer = output.lastMessage.trim() === '' ? text : output.lastMessage
  if (error) {
    const retryAfterMs = findRetryAfterMs(`${error.message}\n${output.stderr}`)
    throw new ModelFailure(`${name} answered with an error: ${firstOf(error.message)}`, {
      usage,
      retryable: error.retryable,
      retryAfterMs,
    })
  }
  if (exit.status !== 0) {
    const said = output.stderr.trim() || (format === 'text' ? output.stdout.trim() : '')
    throw new ModelFailure(
      `${name} failed (${describeExit(exit)}): ${lastOf(said) || 'it printed nothing'}`,
      {
        usage,
        retryable: looksRetryable(said),
        retryAfterMs: findRetryAfterMs(said),
      },
    )
  }
  const inputTokens = Math.ceil(request.prompt.length / charsPerToken)
  const outputTokens = Math.ceil(answer.length / charsPerToken)
  return { text: answer, usage: usage ?? { inputTokens, outputTokens, costUsd: null } }
}

function describeExit({ status, signal }: Exit): string {
  if (signal !== null) return `ended by ${signal}`
  return status !== null && status > 128
    ? `exit status ${status}, perhaps signal ${status - 128}`
    : `exit status ${status}`
}

const toldChars = 500

function firstOf(text: string): string {
  const line = oneLine(text)
  return line.length > toldChars ? `${cutText(line, toldChars - 1)}…` : line
}

/** The end of what a program printed, where the reason stands. */
function lastOf(text: string): string {
  const line = oneLine(text.slice(-4 * toldChars))
  return line.length > toldChars ? `…${line.slice(wholeAt(line, line.length - toldChars + 1))}` : line
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
