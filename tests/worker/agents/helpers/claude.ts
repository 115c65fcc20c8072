// Stand-ins for Claude Code: shell scripts that print what it prints.
import { fakeProgram } from '../../helpers/fake-program.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

/** A program that runs `lines`, then answers `text`. */
export function fakeClaude(text: string, lines = ':', fields: Record<string, unknown> = {}): string {
  return program(`${lines}\nprintf '%s\\n' ${quote(reply(text, fields))}`)
}

export function program(lines: string): string {
  return fakeProgram(temporaryFolder(), 'claude', lines)
}

export function reply(result: unknown, fields: Record<string, unknown> = {}): string {
  return JSON.stringify({
    type: 'result',
    subtype: 'success',
    is_error: false,
    result,
    session_id: 'session-1',
    num_turns: 2,
    duration_ms: 7,
    total_cost_usd: 0.25,
    modelUsage: { m: { inputTokens: 100, outputTokens: 20 } },
    ...fields,
  })
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
