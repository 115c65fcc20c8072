// rlm agent: what an agent may ask of its orchestrator, from inside its own process.
import { askOrchestrator, NoOrchestrator } from '../../agents/channel/client.ts'
import type { ChannelRequest } from '../../agents/channel/protocol.ts'
import { AgentsError, isLimit } from '../../agents/errors.ts'
import { isFailure } from '../../agents/tree/merge.ts'
import { isFields } from '../../lib/fields.ts'
import { specifyForAgents } from '../agents/command.ts'
import type { CommandSpec } from '../command-spec.ts'
import { type ParsedFlags, readChoice, readNumber, usage } from '../flags.ts'

const actions = { get, set, list, spawn, call, remember, log }
type Action = keyof typeof actions

const spec: CommandSpec = {
  name: 'rlm agent',
  summary: 'inside an agent: its variables, agents of its own, functions, memory',
  operands: 'get KEY | set KEY [TEXT|-] | list | spawn PROMPT | call NAME [JSON] | remember TEXT | log TEXT',
  actions: Object.keys(actions),
  examples: [
    'rlm agent get report',
    'rlm agent set findings - < findings.md',
    'rlm agent spawn "check the tests of src/parser" --context findings --timeout 120',
    'rlm agent call lookup \'{"id": 7}\'',
    'rlm agent remember "the parser keeps comments"',
  ],
  flags: [
    {
      name: 'context',
      value: 'KEY',
      repeated: true,
      help: 'spawn: a variable that the new agent gets; may be repeated',
    },
    { name: 'model', value: 'MODEL', help: 'spawn: of the new agent' },
    { name: 'timeout', value: 'SECONDS', help: 'spawn: from its start' },
    { name: 'max-tokens', value: 'N', help: 'spawn: of what its parent has left, for it and all below it' },
    { name: 'max-usd', value: 'USD', help: 'spawn: the same in US dollars' },
    { name: 'json', help: 'set: the text is JSON; get, spawn and call: print the value as JSON' },
  ],
  notes: [
    'What an agent was given and what agents above it have set can be read; what it sets is seen by itself and by agents below it. A spawned agent runs within the depth, the budget and the concurrency of the whole run; while one waits for it, its slot is free for others.',
    'Exit status: 0 ok; 1 refused, or the new agent failed; 2 usage, or no agent; 3 depth or budget.',
  ],
}

type Request = (operands: readonly string[], flags: ParsedFlags) => ChannelRequest | Promise<ChannelRequest>

export const agent = specifyForAgents(spec, async (flags, signal) => {
  const [word = '', ...operands] = flags.positionals
  const action = readChoice('rlm agent', word, Object.keys(actions) as Action[])
  const make: Request = actions[action]
  const value = await ask(await make(operands, flags), signal)
  if (value !== null) print(value, flags.values.json === true)
  return 0
})

async function ask(request: ChannelRequest, signal: AbortSignal): Promise<unknown> {
  try {
    const value = await askOrchestrator(request, process.env, signal)
    if (request.op === 'spawn' && isFailure(value)) throw new AgentsError('agent_gave_nothing', value.error)
    return value
  } catch (cause) {
    if (signal.aborted || cause instanceof AgentsError) throw cause
    const message = (cause as Error).message
    if (cause instanceof NoOrchestrator) throw new AgentsError('channel_missing', message)
    throw new AgentsError(isLimit(message) ? 'agent_limit' : 'request_refused', message)
  }
}

function print(value: unknown, json: boolean): void {
  const text = typeof value === 'string' && !json ? value : JSON.stringify(value, null, 2)
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

function get(operands: readonly string[]): ChannelRequest {
  return { op: 'get', key: one(operands, 'rlm agent get takes one key') }
}

async function set([key, ...texts]: readonly string[], { values }: ParsedFlags): Promise<ChannelRequest> {
  if (key === undefined || texts.length > 1)
    throw usage(
      'rlm agent set takes a key and a text',
      'Leave the text out, or give -, to read standard input.',
    )
  const [given = '-'] = texts
  const text = given === '-' ? await readStandardInput() : given
  return { op: 'set', key, value: values.json === true ? parse('the text', text) : text }
}

function list(operands: readonly string[]): ChannelRequest {
  if (operands.length > 0) throw usage('rlm agent list takes nothing more')
  return { op: 'list' }
}

function spawn(operands: readonly string[], { values, lists }: ParsedFlags): ChannelRequest {
  const prompt = one(operands, 'rlm agent spawn takes one prompt')
  const amount = (name: string, whole: boolean) => {
    const text = values[name]
    return typeof text === 'string'
      ? readNumber(`--${name}`, text, { min: whole ? 1 : 0.001, whole })
      : undefined
  }
  const [timeout, tokenBudget, maxBudgetUsd] = [
    amount('timeout', false),
    amount('max-tokens', true),
    amount('max-usd', false),
  ]
  return {
    op: 'spawn',
    prompt,
    context: lists.context ?? [],
    ...(typeof values.model === 'string' ? { model: values.model } : {}),
    ...(timeout === undefined ? {} : { timeout: Math.ceil(timeout * 1000) }),
    ...(tokenBudget === undefined ? {} : { tokenBudget }),
    ...(maxBudgetUsd === undefined ? {} : { maxBudgetUsd }),
  }
}

function call([name, ...texts]: readonly string[]): ChannelRequest {
  if (name === undefined || texts.length > 1) throw usage('rlm agent call takes a name and a JSON object')
  const params = parse('the parameters', texts[0] ?? '{}')
  if (!isFields(params)) throw usage('the parameters must be a JSON object', 'Write them like {"id": 7}.')
  return { op: 'call', name, params }
}

function remember(operands: readonly string[]): ChannelRequest {
  return { op: 'remember', text: one(operands, 'rlm agent remember takes one text') }
}

function log(operands: readonly string[]): ChannelRequest {
  return { op: 'log', text: one(operands, 'rlm agent log takes one text') }
}

function one([text, ...more]: readonly string[], message: string): string {
  if (text !== undefined && text !== '' && more.length === 0) return text
  throw usage(message, 'Put it into quotes.')
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw usage(`${name} must be JSON: ${(error as Error).message}`, `Correct ${name}.`)
  }
}

async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
