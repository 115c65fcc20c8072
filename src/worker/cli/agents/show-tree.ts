// A tree of agents as text: one line each, what failed with why.
import type { AgentTree } from '../../agents/agent-types.ts'
import { cutText } from '../../lib/whole-text.ts'
import { formatUsd } from '../../rlm/budget.ts'

/** The root's line has the sums. */
export function showTree({ status, tokenUsage, costUsd, children }: AgentTree): string {
  const lines = children.flatMap((child, at) => showNode(child, '', at === children.length - 1))
  const count = countAgents(children)
  return [
    `${count} ${count === 1 ? 'agent' : 'agents'}, ${status}${showUse(tokenUsage.totalTokens, costUsd)}`,
    ...lines,
  ].join('\n')
}

function showNode(node: AgentTree, indent: string, isLast: boolean): string[] {
  const { status, task = '', durationMs, tokenUsage, costUsd, children, error, span } = node
  const time = durationMs === undefined ? '' : `, ${(durationMs / 1000).toFixed(1)} s`
  const lines = span ? ` [${span.key}:${span.startLine}-${span.endLine}]` : ''
  const why = error === undefined ? '' : `: ${inLine(error)}`
  const own = `${status}${time}${showUse(tokenUsage.totalTokens, costUsd)}${why}`
  const below = `${indent}${isLast ? '   ' : '│  '}`
  return [
    `${indent}${isLast ? '└─ ' : '├─ '}${inLine(task)}${lines} (${own})`,
    ...children.flatMap((child, at) => showNode(child, below, at === children.length - 1)),
  ]
}

function showUse(tokens: number, usd: number): string {
  return `${tokens > 0 ? `, ${tokens} tokens` : ''}${usd > 0 ? `, ${formatUsd(usd)}` : ''}`
}

function countAgents(nodes: readonly AgentTree[]): number {
  return nodes.reduce((sum, { children }) => sum + 1 + countAgents(children), 0)
}

/** Without line ends and control characters: what an agent wrote must not steer the terminal. */
function inLine(text: string): string {
  const line = text
    .replace(/\s+/g, ' ')
    .replace(/\p{Cc}/gu, '')
    .trim()
  return line.length > 160 ? `${cutText(line, 159)}…` : line
}
