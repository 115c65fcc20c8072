// rlm agents: agents with tools of their own, over files, in parallel; and the trees of such runs.
import type { AgentEvent } from '../../agents/agent-types.ts'
import { AgentsError } from '../../agents/errors.ts'
import { isFailure } from '../../agents/tree/merge.ts'
import { withoutSteering } from '../../lib/terminal-text.ts'
import { printAgentsError, specifyForAgents } from '../agents/command.ts'
import { type AgentsRecord, listRuns, openAgentsRecord, readTree } from '../agents/record.ts'
import { type AgentsAnswer, type AgentsRequest, runAgents } from '../agents/run.ts'
import { showTree } from '../agents/show-tree.ts'
import type { CommandSpec } from '../command-spec.ts'
import { type ParsedFlags, readChoice, readNumber, usage } from '../flags.ts'
import { printValue } from '../print-value.ts'
import { chooseModels } from '../run-request.ts'
import { resolveSettings } from '../settings/resolve.ts'
import { flagsOf, outputFormats } from '../settings/table.ts'

const actions = { run, tree, list }
const merges = ['concatenate', 'summarize', 'structured', 'vote'] as const
const cuts = ['lines', 'tokens', 'headings', 'records'] as const
const shared = {
  model: {},
  format: {},
  quiet: {},
  verbose: { help: 'show the starts of agents, and what they say while they work' },
  'max-usd': { help: 'what all agents together may cost' },
  'max-tokens': { help: 'what all agents together may use' },
  'max-depth': { value: 'N', help: 'levels of agents that agents may spawn (default 5)' },
  timeout: { help: 'of each agent (default 600)' },
  concurrency: { help: 'agents at once (default 8)' },
}
const usualDepth = 5

const spec: CommandSpec = {
  name: 'rlm agents',
  summary: 'have agents work on files, many at once, and make one answer of theirs',
  operands: 'run "TASK" [--context PATH]… | tree [RUN] | list',
  actions: Object.keys(actions),
  examples: [
    'rlm agents run "what is risky here?" --context src/',
    'rlm agents run "which requests failed?" --context logs/app.log --chunks 8 --merge summarize --concurrency 4',
    'rlm agents run "is this a bug report? answer yes or no" --context mail.txt --chunks 3 --merge vote --model claude:haiku',
    'rlm agents tree last',
  ],
  flags: [
    {
      name: 'context',
      value: 'PATH',
      repeated: true,
      help: 'file, folder, glob, or - for standard input; may be repeated',
    },
    {
      name: 'chunks',
      value: 'N',
      help: 'cut the context into N parts, with an agent for each (default: one agent has everything)',
    },
    { name: 'by', value: 'WORD', choices: cuts, help: `where it is cut: ${cuts.join(', ')} (default lines)` },
    { name: 'overlap', value: 'N', help: 'units that a part shares with the one before it (default 0)' },
    {
      name: 'levels',
      value: 'N',
      help: 'cut each part again this often, and merge on each level (default 1)',
    },
    {
      name: 'merge',
      value: 'WORD',
      choices: merges,
      help: `what becomes of the parts' answers: ${merges.join(', ')} (default concatenate)`,
    },
    ...flagsOf(shared),
    { name: 'profile', value: 'NAME', help: 'settings under profiles.NAME of the configuration' },
    { name: 'config', value: 'FILE', help: 'this configuration in place of those found; none for none' },
  ],
  notes: [
    'Agents are programs with tools: claude, codex, opencode, gemini, or any that reads a prompt; they may spawn agents of their own by rlm agent. A model without tools (offline, HTTP) is given the text itself.',
    'Exit status: 0 ok; 1 no agent answered; 2 usage or configuration; 3 depth or a budget; 130 interrupted.',
  ],
}

export const agents = specifyForAgents(spec, async (flags, signal) => {
  const [word = '', ...operands] = flags.positionals
  const action = actions[readChoice('rlm agents', word, Object.keys(actions) as (keyof typeof actions)[])]
  return action(operands, flags, signal)
})

async function run(
  [task, ...more]: readonly string[],
  flags: ParsedFlags,
  signal: AbortSignal,
): Promise<number> {
  if (task === undefined || task.trim() === '' || more.length > 0)
    throw usage(
      'rlm agents run takes one task',
      'Put it into quotes: rlm agents run "what is risky here?" --context src/',
    )
  const resolved = await resolveSettings({ cwd: process.cwd(), env: process.env, flags: flags.values })
  const { settings, prices } = resolved
  const { root, offlineForWant } = chooseModels(resolved, process.env)
  const request: AgentsRequest = {
    task,
    ...readCuts(flags),
    model: root,
    concurrency: settings.concurrency,
    maxDepth: settings.max_depth === 'auto' ? usualDepth : Math.max(1, settings.max_depth),
    maxTokens: settings.max_tokens ?? Infinity,
    maxUsd: settings.max_usd ?? Infinity,
    timeoutMs: settings.timeout * 1000,
    prices,
  }
  const say = (text: string) => settings.quiet || process.stderr.write(`rlm: ${withoutSteering(text)}\n`)
  const record = openAgentsRecord(process.env, task, say)
  if (offlineForWant)
    say('no model is configured and no agent program was found: answering offline, by word counts')
  say(`agents ${record.id}, model ${root.argv.join(' ')}`)
  try {
    const listen = (event: AgentEvent) => tellEvent(event, say, settings.verbose)
    const answer = await runAgents(request, record, listen, signal)
    await print(answer, record, settings.format, signal)
    say(showTree(answer.tree).split('\n')[0] ?? '')
    signal.throwIfAborted()
    const { error } = answer.tree
    return error === undefined ? 0 : printAgentsError(new AgentsError('agent_limit', error))
  } finally {
    record.close()
  }
}

function readCuts({
  values,
  lists,
}: ParsedFlags): Pick<AgentsRequest, 'contexts' | 'chunks' | 'by' | 'overlap' | 'levels' | 'merge'> {
  const number = (name: string, fallback: number, min: number) =>
    readNumber(`--${name}`, String(values[name] ?? fallback), { min, max: 10_000 })
  const contexts = lists.context ?? []
  const chunks = values.chunks === undefined ? null : number('chunks', 1, 1)
  if (chunks !== null && contexts.length === 0)
    throw usage('--chunks needs something to cut', 'Name it: --context PATH')
  return {
    contexts,
    chunks,
    by: readChoice('--by', String(values.by ?? 'lines'), cuts),
    overlap: number('overlap', 0, 0),
    levels: number('levels', 1, 1),
    merge: readChoice('--merge', String(values.merge ?? 'concatenate'), merges),
  }
}

function tellEvent(event: AgentEvent, say: (text: string) => void, verbose: boolean): void {
  if (event.type === 'agent_end' && event.error !== undefined) say(`an agent ${event.status}: ${event.error}`)
  const warns = event.type === 'agent_output' && event.text.startsWith('Warning: ')
  if (!verbose && !warns) return
  if (event.type === 'agent_start') say(`agent ${event.agentId} starts: ${event.task.split('\n')[0]}`)
  if (event.type === 'agent_output') say(`agent ${event.agentId}: ${event.text.trimEnd()}`)
}

async function print(
  { value, tree }: AgentsAnswer,
  { id }: AgentsRecord,
  format: string,
  signal: AbortSignal,
): Promise<void> {
  const failed =
    isFailure(value) ||
    (tree.children.length > 0 && tree.children.every(({ status }) => status !== 'completed'))
  if (failed) signal.throwIfAborted()
  if (failed)
    throw new AgentsError('agent_gave_nothing', isFailure(value) ? value.error : 'every agent failed')
  const usageOf = { tokens: tree.tokenUsage, cost_usd: tree.costUsd }
  if (format === 'json' || format === 'yaml')
    await printValue({ ok: tree.error === undefined, run: id, answer: value, usage: usageOf, tree }, format)
  else process.stdout.write(`${typeof value === 'string' ? value : JSON.stringify(value, null, 2)}\n`)
}

async function tree([name = 'last', ...more]: readonly string[], { values }: ParsedFlags): Promise<number> {
  if (more.length > 0) throw usage('rlm agents tree takes one run', 'See rlm agents list.')
  const format = readChoice('--format', String(values.format ?? 'text'), outputFormats)
  const known = readTree(process.env, name)
  if (format !== 'text') await printValue(known, format)
  else process.stdout.write(`${known.id}  ${known.task}\n${showTree(known.tree)}\n`)
  return 0
}

async function list(operands: readonly string[]): Promise<number> {
  if (operands.length > 0) throw usage('rlm agents list takes nothing more')
  for (const id of listRuns(process.env).reverse()) {
    const {
      task,
      tree: { status },
    } = readTree(process.env, id)
    process.stdout.write(`${id}  ${status.padEnd(9)}  ${task.split('\n')[0]}\n`)
  }
  return 0
}
