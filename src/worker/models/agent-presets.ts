// The agent programs with their tools: they read, change files and run commands in the repository by themselves, and
// nobody is asked. The lean vectors for plain questions are in presets.ts.
import type { CommandVector } from './command-vector.ts'

type Row = Pick<CommandVector, 'argv' | 'env'>

const rows = {
  // What it may do is listed, since it refuses to skip its permissions as root.
  claude: {
    argv: [
      ...(['claude', '-p', '--output-format', 'json', '--permission-mode', 'acceptEdits'] as const),
      ...[
        '--allowedTools',
        'Bash,Edit,MultiEdit,Write,NotebookEdit,Read,Glob,Grep,LS,Task,TodoWrite,WebFetch',
      ],
    ],
    env: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
  },
  codex: {
    argv: [
      ...(['codex', 'exec', '--json', '--skip-git-repo-check', '-s', 'workspace-write'] as const),
      ...['-c', 'analytics.enabled=false', '-c', 'check_for_update_on_startup=false'],
    ],
    env: {},
  },
  opencode: {
    // Without a title it makes a second paid call to invent one.
    argv: ['opencode', 'run', '--format', 'json', '--title', 'rlm goal'],
    env: { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1' },
  },
  gemini: { argv: ['gemini', '-o', 'json', '--skip-trust', '--approval-mode', 'yolo'], env: {} },
} as const satisfies Record<string, Row>

export type AgentPreset = keyof typeof rows
export const agentPresets = Object.keys(rows) as AgentPreset[]

/** The vector of an agent program, with further arguments; its prompt goes to standard input. */
export function agentVector(name: AgentPreset, extra: readonly string[]): CommandVector {
  const { argv, env } = rows[name]
  const [program, ...words] = argv
  // Codex reads its standard input for "-", which ends its arguments.
  const last = name === 'codex' ? ['-'] : []
  return { argv: [program, ...words, ...extra, ...last], env, promptMode: 'stdin', model: null }
}
