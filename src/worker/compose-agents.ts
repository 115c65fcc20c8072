// Which provider a model's choice means for agents: agent programs with their tools, or a model without any, which is given
// the text of its variables.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ExecuteParams, ExecutionResult, LLMProvider } from './agents/agent-types.ts'
import { ClaudeCodeProvider } from './agents/providers/claude-provider.ts'
import { CommandProvider, type ProgramAnswer } from './agents/providers/command-provider.ts'
import { ExecutionError, tokens } from './agents/usage.ts'
import { fieldsOf, textOf } from './lib/fields.ts'
import { cutText } from './lib/whole-text.ts'
import { agentPresets, agentVector } from './models/agent-presets.ts'
import { createModel, type ModelChoice } from './models/create-model.ts'
import type { PriceTable } from './models/profiles.ts'
import { parseReply } from './models/replies/formats.ts'
import { type Model, ModelFailure, type Usage } from './rlm/ports.ts'

export interface ProviderSurroundings {
  readonly cwd: string
  /** For what is in flight. */
  readonly folder: string
  readonly timeoutMs: number
  readonly prices: PriceTable
}

export async function createAgentProvider(
  choice: ModelChoice,
  { cwd, folder, timeoutMs, prices }: ProviderSurroundings,
): Promise<LLMProvider> {
  const [name = '', ...extra] = choice.argv
  if (name === 'rlms:claude' && (extra.length === 0 || extra[0] === '--model'))
    return new ClaudeCodeProvider({ cwd, timeout: timeoutMs })
  const preset = agentPresets.find((entry) => name === `rlms:${entry}`)
  if (preset !== undefined) {
    const { argv, env } = agentVector(preset, extra)
    return new CommandProvider({ name: preset, argv, env, cwd, timeout: timeoutMs, read })
  }
  if (!name.startsWith('rlms:'))
    return new CommandProvider({
      name: name.split('/').at(-1) ?? name,
      // As the user named it; the agent may work elsewhere.
      argv: [name.includes('/') ? resolve(name) : name, ...extra],
      cwd,
      timeout: timeoutMs,
      read,
    })
  const model = await createModel(choice, { repo: cwd, callsDir: folder, prices })
  return { execute: (params) => ask(model, params, timeoutMs) }
}

/** The model that agents of this choice use, where they name none. */
export function modelNameOf({ argv: [name = '', ...extra] }: ModelChoice): string {
  const at = extra.indexOf('--model')
  if (at >= 0) return extra[at + 1] ?? name
  return name === 'rlms:claude' ? 'opus' : name.replace(/^rlms:/, '')
}

/** What any agent program printed, in whichever of the known formats. */
function read(stdout: string): ProgramAnswer {
  const { text, usage, error } = parseReply(stdout)
  return { text: text.trimEnd(), ...reportOf(usage), ...(error === null ? {} : { error: error.message }) }
}

function reportOf(usage: Usage | null): Omit<ExecutionResult, 'result'> {
  if (usage === null) return {}
  const { inputTokens, outputTokens, costUsd } = usage
  return { tokenUsage: tokens(inputTokens, outputTokens), ...(costUsd === null ? {} : { costUsd }) }
}

async function ask(
  model: Model,
  { prompt, signal }: ExecuteParams,
  timeoutMs: number,
): Promise<ExecutionResult> {
  const limit = AbortSignal.timeout(timeoutMs)
  const ended = signal ? AbortSignal.any([signal, limit]) : limit
  const { task, text } = await withVariables(prompt)
  try {
    const reply = await model.complete({
      purpose: 'sub',
      prompt: text,
      task,
      language: 'python',
      sequence: 0,
      id: 'agent',
      signal: ended,
    })
    return { result: reply.text, ...reportOf(reply.usage) }
  } catch (error) {
    if (limit.aborted) throw new ExecutionError(`${model.name} timed out after ${timeoutMs}ms`)
    if (error instanceof ModelFailure) throw new ExecutionError(error.message, reportOf(error.usage))
    throw error
  }
}

const manifestLine = /\n\nContext manifest: Read (.+)/
const mostChars = 400_000

/** A model without tools reads no files: their text stands in its prompt, as much as it may take. */
async function withVariables(prompt: string): Promise<{ task: string; text: string }> {
  const path = manifestLine.exec(prompt)?.[1]
  if (path === undefined) return { task: prompt, text: prompt }
  const task = prompt.replace(manifestLine, '')
  const manifest = fieldsOf(JSON.parse(await readFile(path, 'utf8')))
  const share = Math.floor(mostChars / Math.max(1, Object.keys(manifest).length))
  const parts = await Promise.all(
    Object.entries(manifest).map(async ([name, entry]) => {
      const file = textOf(fieldsOf(entry).filePath)
      const content = file === '' ? String(entry) : await readFile(file, 'utf8')
      const cut = content.length > share ? `\n[${content.length - share} more characters are left out]` : ''
      return `# ${name}\n${cutText(content, share)}${cut}`
    }),
  )
  return { task, text: `${task}\n---\n${parts.join('\n\n')}` }
}
