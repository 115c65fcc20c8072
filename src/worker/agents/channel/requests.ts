// What an agent may ask of its orchestrator, within its own scope: the variables it was given, those of its own, and what
// stands above it can be read; only its own can be written. Adding a request: a row here and one in channel-protocol.ts.
import { randomUUID } from 'node:crypto'
import { fieldsOf, isFields, listOf } from '../../lib/fields.ts'
import type { SpawnConfig } from '../agent-types.ts'
import type { FunctionRegistry } from '../function-registry.ts'
import type { MemoryManager } from '../memory/memory-manager.ts'
import type { ContextStore } from '../store/context-store.ts'
import type { AgentNode } from '../tree/tree.ts'
import type { VariableRef } from '../types.ts'
import type { ChannelRequest } from './protocol.ts'

export interface ChannelHost {
  readonly store: ContextStore
  readonly memory?: MemoryManager | undefined
  readonly functions?: FunctionRegistry | undefined
  readonly spawn: (config: SpawnConfig, parent: AgentNode) => Promise<VariableRef>
  readonly log: (agentId: string, message: string) => void
}

export interface Asker {
  readonly node: AgentNode
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

type Op = ChannelRequest['op']
type Handler<Name extends Op> = (
  request: Extract<ChannelRequest, { op: Name }>,
  asker: Asker,
  host: ChannelHost,
) => Promise<unknown>

const handlers: { readonly [Name in Op]: Handler<Name> } = {
  get: ({ key }, { node }, { store }) => store.resolve(find(key, node, store)),
  async set({ key, value }, { node }, { store }) {
    await store.set(ownKey(node, key), value, { scope: node.id })
    node.ownKeys.add(key)
    return null
  },
  async list(_, { node }) {
    return [
      ...new Set(
        [...lineage(node)].flatMap((above) => [...Object.keys(above.config.context), ...above.ownKeys]),
      ),
    ]
  },
  async spawn({ prompt, context, ...limits }, { node, signal }, { store, spawn }) {
    const refs = context.map((key) => [key, find(key, node, store)] as const)
    const ref = await spawn({ prompt, context: Object.fromEntries(refs), ...limits, signal }, node)
    return store.resolve(ref)
  },
  async call({ name, params }, _, { functions }) {
    if (!functions) throw new Error(`Function not found: ${name}`)
    return functions.execute(name, { ...params })
  },
  async remember({ text }, { node }, { memory }) {
    if (!memory) throw new Error('This run keeps no memory')
    const metadata = { agentId: node.id }
    await memory.append('episodic', { id: randomUUID(), timestamp: Date.now(), content: text, metadata })
    return null
  },
  async log({ text }, { node }, { log }) {
    log(node.id, text)
    return null
  },
}

export async function handleRequest(value: unknown, asker: Asker, host: ChannelHost): Promise<unknown> {
  const request = readRequest(value)
  const handle = handlers[request.op] as Handler<Op>
  return handle(request as never, asker, host)
}

/** Throws for anything that is no request. */
function readRequest(value: unknown): ChannelRequest {
  const fields = fieldsOf(value)
  const { op, key, prompt, name, text } = fields
  const texts = { get: key, set: key, spawn: prompt, call: name, remember: text, log: text, list: '' }
  if (typeof op !== 'string' || !Object.hasOwn(texts, op))
    throw new Error(
      `There is no request ${JSON.stringify(op)}; there are ${Object.keys(handlers).join(', ')}`,
    )
  if (typeof texts[op as Op] !== 'string') throw new Error(`The request ${op} lacks its text`)
  if (op === 'call' && !isFields(fields.params)) throw new Error('The parameters of a call must be an object')
  if (op === 'spawn') return readSpawn(fields, String(prompt))
  return value as ChannelRequest
}

function readSpawn(fields: Record<string, unknown>, prompt: string): ChannelRequest {
  const context = listOf(fields.context).map(String)
  const number = (name: 'timeout' | 'tokenBudget' | 'maxBudgetUsd') => {
    const value = fields[name]
    if (value === undefined) return {}
    if (typeof value === 'number' && value > 0) return { [name]: value }
    throw new Error(`${name} must be a number above 0, not ${JSON.stringify(value)}`)
  }
  const model = typeof fields.model === 'string' ? { model: fields.model } : {}
  const limits = { ...number('timeout'), ...number('tokenBudget'), ...number('maxBudgetUsd') }
  return { op: 'spawn', prompt, context, ...model, ...limits }
}

/** The nearest of that name: the agent's own, what it was given, then the same of each agent above it. */
function find(key: string, node: AgentNode, store: ContextStore): VariableRef {
  for (const above of lineage(node)) {
    const own = ownKey(above, key)
    if (store.has(own)) return store.ref(own)
    const { context } = above.config
    const given = Object.hasOwn(context, key) ? context[key] : undefined
    if (given) return given
  }
  throw new Error(`Variable not found: ${key}`)
}

function* lineage(node: AgentNode): Generator<AgentNode> {
  for (let at: AgentNode | undefined = node; at; at = at.parent) yield at
}

function ownKey({ id }: AgentNode, key: string): string {
  return `${id}/${key}`
}
