// What an agent and its orchestrator say to each other: over a Unix socket, first the token in a line of its own, then one
// request as a JSON line, then one answer.

/** In the environment of every agent. */
export const channelVariables = {
  socket: 'RLM_AGENT_SOCKET',
  token: 'RLM_AGENT_TOKEN',
  agent: 'RLM_AGENT_ID',
} as const

export type ChannelRequest =
  | { readonly op: 'get'; readonly key: string }
  | { readonly op: 'set'; readonly key: string; readonly value: unknown }
  | { readonly op: 'list' }
  | {
      readonly op: 'spawn'
      readonly prompt: string
      /** Names of variables that the child gets. */
      readonly context: readonly string[]
      readonly model?: string
      /** Milliseconds. */
      readonly timeout?: number
      readonly tokenBudget?: number
      readonly maxBudgetUsd?: number
    }
  | { readonly op: 'call'; readonly name: string; readonly params: Readonly<Record<string, unknown>> }
  | { readonly op: 'remember'; readonly text: string }
  | { readonly op: 'log'; readonly text: string }

export type ChannelAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string }

export const tokenBytes = 32
/** A request or an answer larger than this is refused. */
export const maxLineMiB = 64

/** Takes bytes; gives the whole lines among them, and throws when one does not end. */
export function createLineReader(): (bytes: Buffer) => Buffer[] {
  let parts: Buffer[] = []
  let held = 0
  return (bytes) => {
    const lines: Buffer[] = []
    let start = 0
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, start)) {
      lines.push(Buffer.concat([...parts, bytes.subarray(start, at)]))
      parts = []
      held = 0
      start = at + 1
    }
    if (start < bytes.length) {
      parts.push(bytes.subarray(start))
      held += bytes.length - start
    }
    if (held > maxLineMiB << 20) throw new Error(`more than ${maxLineMiB} MiB in one line`)
    return lines
  }
}
