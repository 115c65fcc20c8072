// One agent's life: its prompt, its run, its end. A run never rejects: what failed is in its result.
import { randomUUID } from 'node:crypto'
import { getEventListeners } from 'node:events'
import { cutText } from '../lib/whole-text.ts'
import { buildAgentPrompt, type PromptSources } from './agent-prompt.ts'
import type { Agent, AgentConfig, AgentResult, AgentStatus, LLMProvider } from './agent-types.ts'
import { quietly } from './listeners.ts'
import { countable, noTokens, type Reported, reportedBy } from './usage.ts'

export interface RuntimeOptions extends PromptSources {
  readonly provider: LLMProvider
  readonly onLog?: (agentId: string, message: string) => void
}

interface Run {
  readonly controller: AbortController
  /** Ends the wait for a provider that does not listen. */
  readonly abandon: (reason: Error) => void
  readonly over: Promise<unknown>
}

const recordedChars = 500

export class AgentRuntime {
  private readonly options: RuntimeOptions
  private readonly agents = new Map<string, Agent>()
  private readonly runs = new Map<string, Run>()

  constructor(options: RuntimeOptions) {
    const { onLog } = options
    this.options = onLog ? { ...options, onLog: quietly(onLog) } : options
  }

  get memory(): PromptSources['memory'] {
    return this.options.memory
  }

  get functions(): PromptSources['functions'] {
    return this.options.functions
  }

  create(config: AgentConfig): Agent {
    const agent: Agent = { id: config.id, config, status: 'idle', children: [] }
    this.agents.set(agent.id, agent)
    return agent
  }

  async run(agent: Agent): Promise<AgentResult> {
    if (agent.status !== 'cancelled') agent.status = 'running'
    const outcome = await this.execute(agent)
    const reported = countable(outcome.reported)
    const result: AgentResult = {
      agentId: agent.id,
      result: 'error' in outcome ? { error: outcome.error } : outcome.text,
      tokenUsage: reported.tokenUsage ?? noTokens,
      iterations: 1,
      children: agent.children,
      ...(reported.costUsd === undefined ? {} : { costUsd: reported.costUsd }),
      ...(reported.sessionId === undefined ? {} : { sessionId: reported.sessionId }),
      ...(reported.numTurns === undefined ? {} : { numTurns: reported.numTurns }),
    }
    agent.status = endingOf(agent, outcome)
    agent.result = result
    await this.remember(agent, result)
    if (agent.config.onComplete === 'store') await this.keep(agent, result)
    return result
  }

  /** Resolves when the agent's processes are gone. Nothing for one that does not run. */
  async cancel(agentId: string): Promise<void> {
    const agent = this.agents.get(agentId)
    if (agent?.status !== 'running' && agent?.status !== 'idle') return
    agent.status = 'cancelled'
    const run = this.runs.get(agentId)
    if (!run) return
    const reason = new Error(`Agent ${agentId} was cancelled`)
    const listens = getEventListeners(run.controller.signal, 'abort').length > 0
    run.controller.abort(reason)
    if (!listens) run.abandon(reason)
    await run.over
  }

  getStatus(agentId: string): AgentStatus | undefined {
    return this.agents.get(agentId)?.status
  }

  getAgent(agentId: string): Agent | undefined {
    return this.agents.get(agentId)
  }

  private async execute(agent: Agent): Promise<Outcome> {
    const { provider, onLog } = this.options
    const { id, config } = agent
    if (agent.status === 'cancelled') return { error: `Agent ${id} was cancelled`, reported: {} }
    const controller = new AbortController()
    let abandon: Run['abandon'] = () => {}
    const abandoned = new Promise<never>((_, reject) => {
      abandon = reject
    })
    const work = async (): Promise<Outcome> => {
      const answer = await provider.execute({
        prompt: await buildAgentPrompt(config, this.options, (message) => onLog?.(id, message)),
        model: config.model,
        signal: controller.signal,
        onOutput: (text) => {
          onLog?.(id, text.trimEnd())
          config.onOutput?.(text)
        },
        ...(config.maxBudgetUsd === undefined ? {} : { maxBudgetUsd: config.maxBudgetUsd }),
        ...(config.addDirs === undefined ? {} : { addDirs: config.addDirs }),
        ...(config.env === undefined ? {} : { env: config.env }),
      })
      const { result, ...reported } = answer ?? {}
      return result === undefined
        ? { error: 'the provider gave no result', reported }
        : { text: result, reported }
    }
    const outcome = Promise.race([work(), abandoned]).catch(
      (error: unknown): Outcome => ({ error: messageOf(error), reported: reportedBy(error) }),
    )
    this.runs.set(id, { controller, abandon, over: outcome })
    try {
      return await outcome
    } finally {
      this.runs.delete(id)
    }
  }

  private async remember({ id, config, status }: Agent, { result }: AgentResult): Promise<void> {
    const told = typeof result === 'string' ? result : JSON.stringify(result)
    try {
      await this.options.memory?.append('episodic', {
        id: randomUUID(),
        timestamp: Date.now(),
        content: `Task: ${cutText(config.prompt, recordedChars)}\nResult: ${cutText(told, recordedChars)}`,
        metadata: { agentId: id, model: config.model, status },
      })
    } catch (error) {
      this.options.onLog?.(id, `Warning: Failed to log to episodic memory: ${messageOf(error)}`)
    }
  }

  private async keep({ id }: Agent, { result }: AgentResult): Promise<void> {
    try {
      await this.options.store.set(`agent-result-${id}`, result, { type: 'result', persist: true })
    } catch (error) {
      this.options.onLog?.(id, `Warning: Failed to store the result: ${messageOf(error)}`)
    }
  }
}

type Outcome =
  | { readonly text: string; readonly reported: Reported }
  | { readonly error: string; readonly reported: Reported }

/** What was cancelled stays so, whatever its program still said. */
function endingOf({ status }: Agent, outcome: Outcome): AgentStatus {
  if (status === 'cancelled') return status
  return 'error' in outcome ? 'failed' : 'completed'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
