// rlm dev: the open tasks of a project's TODO.md, one agent after the other.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DevSession, type DevSessionReport, type TaskReport } from '../../agents/dev/dev-session.ts'
import { AgentsError } from '../../agents/errors.ts'
import { createAgentProvider, modelNameOf } from '../../compose-agents.ts'
import { formatUsd } from '../../rlm/budget.ts'
import { printAgentsError, specifyForAgents } from '../agents/command.ts'
import type { CommandSpec } from '../command-spec.ts'
import { type ParsedFlags, readChoice, usage } from '../flags.ts'
import { printValue } from '../print-value.ts'
import { chooseModels } from '../run-request.ts'
import { resolveSettings } from '../settings/resolve.ts'
import { flagsOf } from '../settings/table.ts'

const answers = ['continue', 'stop', 'retry'] as const
const shared = {
  model: {},
  format: {},
  quiet: {},
  'max-usd': { help: 'what the session may cost' },
  timeout: { help: 'of each task (default 600)' },
}

const spec: CommandSpec = {
  name: 'rlm dev',
  summary: "work off a project's TODO.md, one agent after the other",
  operands: '[--project-dir DIR] [--task TITLE]…',
  examples: [
    'rlm dev --project-dir ../parser --model claude --max-usd 5',
    'rlm dev --task "keep comments" --on-failure retry',
  ],
  flags: [
    { name: 'project-dir', value: 'DIR', help: 'where TODO.md lies, and the agents work (default: here)' },
    {
      name: 'task',
      value: 'TITLE',
      repeated: true,
      help: 'of TODO.md; may be repeated (default: all that are open)',
    },
    { name: 'on-failure', value: 'WORD', choices: answers, help: `${answers.join(', ')} (default continue)` },
    ...flagsOf(shared),
    { name: 'profile', value: 'NAME', help: 'settings under profiles.NAME of the configuration' },
    { name: 'config', value: 'FILE', help: 'this configuration in place of those found; none for none' },
  ],
  notes: [
    'A task is a line "- [ ] **Title**: text" of TODO.md; its agent is told CLAUDE.md, the task, and what was done before it in the session. The box of a task that is done is ticked.',
    'Exit status: 0 all done; 1 a task was not done; 2 usage or configuration; 130 interrupted.',
  ],
}

export const dev = specifyForAgents(spec, async (flags, signal) => {
  if (flags.positionals.length > 0) throw usage('rlm dev takes no words', 'Name tasks by --task.')
  const projectDir = readFolder(flags)
  const resolved = await resolveSettings({ cwd: process.cwd(), env: process.env, flags: flags.values })
  const { settings, prices } = resolved
  const { root } = chooseModels(resolved, process.env)
  const say = (text: string) => settings.quiet || process.stderr.write(`rlm: ${text}\n`)
  const around = {
    cwd: projectDir,
    folder: join(projectDir, '.rlm-data'),
    timeoutMs: settings.timeout * 1000,
    prices,
  }
  const provider = await createAgentProvider(root, around)
  const { lists, values } = flags
  const session = new DevSession({
    projectDir,
    model: modelNameOf(root),
    verbose: !settings.quiet,
    onFailure: readChoice('--on-failure', String(values['on-failure'] ?? 'continue'), answers),
    providerFactory: () => provider,
    onLog: say,
    signal,
    ...(lists.task ? { tasks: lists.task } : {}),
    ...(settings.max_usd === null ? {} : { maxBudgetUsd: settings.max_usd }),
  })
  const report = await session.run().catch((error: Error) => {
    throw usage(error.message, 'See the boxes of TODO.md.')
  })
  if (settings.format === 'text') process.stdout.write(showReport(report))
  else await printValue({ ok: report.failed + report.skipped === 0, ...report }, settings.format)
  return endOf(report, signal)
})

function readFolder({ values }: ParsedFlags): string {
  const folder = resolve(String(values['project-dir'] ?? '.'))
  if (existsSync(join(folder, 'TODO.md'))) return folder
  throw usage(`there is no TODO.md in ${folder}`, 'Write one, or name its folder: --project-dir DIR')
}

function endOf({ completed, tasks }: DevSessionReport, signal: AbortSignal): number {
  signal.throwIfAborted()
  if (completed === tasks.length) return 0
  return printAgentsError(
    new AgentsError('task_failed', `${tasks.length - completed} of ${tasks.length} tasks were not done`),
  )
}

function showReport({ tasks, costUsd }: DevSessionReport): string {
  const lines = tasks.map((task) => `${task.status.padEnd(9)}  ${task.task.title}${describe(task)}\n`)
  return `${lines.join('')}${costUsd > 0 ? `${formatUsd(costUsd)}\n` : ''}`
}

function describe({ attempts, error }: TaskReport): string {
  const times = attempts > 1 ? `, ${attempts} attempts` : ''
  return `${times}${error === undefined ? '' : `: ${error.replace(/\s+/g, ' ').slice(0, 200)}`}`
}
