// A turn as a recursive run: the root model reads the repository, or what it was given, by code in the sandbox, and
// answers with edits. They are applied here; the validator judges them as it does anyone's.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { analyse } from '../../compose.ts'
import { RlmsError } from '../../contract/errors.ts'
import type { ModelChoice } from '../../models/create-model.ts'
import type { SourceFile } from '../../rlm/pack.ts'
import { ModelFailure } from '../../rlm/ports.ts'
import { runPaths } from '../../runs/artifacts.ts'
import { withPath } from '../errors.ts'
import type { Agent, TurnRequest } from './agent.ts'
import { applyEdits, howToPropose, readProposal } from './edits.ts'
import { endWith } from './end-with.ts'

export interface SymbolicOptions {
  readonly root: string
  readonly model: readonly [string, ...string[]]
  readonly agentSeconds: number
  /** What the run is over, as it is now. */
  sources(): readonly SourceFile[]
}

const limits = { max_steps: 30, max_depth: 2, max_subcalls: 60, max_errors: 3, concurrency: 8 }

export function createSymbolicAgent(options: SymbolicOptions): Agent {
  const choice: ModelChoice = { argv: options.model, promptMode: 'stdin', model: null }
  return {
    name: `a recursive run with ${options.model[0].replace(/^rlms:/, '')}`,
    howToChange: howToPropose,
    async takeTurn(request) {
      const outputDir = join(request.folder, request.id)
      const ended = endWith(request.signal, (message) => new RlmsError('cancelled', message))
      const result = await run(options, choice, outputDir, { ...request, signal: ended.signal }).finally(
        ended.close,
      )
      request.signal.throwIfAborted()
      const usage = {
        inputTokens: result.usage.input_tokens,
        outputTokens: result.usage.output_tokens,
        costUsd: result.usage.cost_usd,
      }
      if (result.final === null)
        throw new ModelFailure(result.error ?? 'the recursive run gave no answer', { usage })
      if (!request.role.changesFiles) return { text: show(result.final), usage }
      const { summary, edits, problems } = readProposal(result.final)
      const refused = [...problems, ...applyEdits(options.root, edits)]
      const told = [summary, ...refused.map((problem) => `not applied: ${problem}`)].join('\n')
      withPath(request.log, 'written', () => writeFileSync(request.log, `${show(result.final)}\n\n${told}\n`))
      return { text: told, usage }
    },
  }
}

async function run(options: SymbolicOptions, choice: ModelChoice, outputDir: string, request: TurnRequest) {
  const { root, agentSeconds } = options
  const caps = { max_tokens: request.left.tokens, max_usd: request.left.usd }
  return analyse(
    {
      repo: root,
      outputDir,
      sources: options.sources(),
      repeated: 0,
      occasion: {
        loopId: 'goal',
        role: request.role.name,
        iteration: request.iteration,
        format: 'json',
        task: request.prompt,
        limits: { ...limits, ...caps, timeout_seconds: agentSeconds },
        requireCitations: false,
        metadata: null,
      },
      root: choice,
      sub: choice,
      sandbox: 'auto',
      sandboxRequire: 'kernel',
      stepLimitMs: Math.min(60, agentSeconds / 4) * 1000,
      resume: existsSync(runPaths(outputDir).journal),
    },
    () => {},
    request.signal,
  )
}

function show(final: unknown): string {
  return typeof final === 'string' ? final : JSON.stringify(final, null, 2)
}
