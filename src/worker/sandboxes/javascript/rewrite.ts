// A program as the session runs it: its variables are the session's, and stay for the next step, which may declare them
// anew. Lines stay where they are.
import type { AnyNode, Program } from 'acorn'
import { childrenOf } from './nodes.ts'
import { watchName } from './policy.ts'

export interface Runnable {
  readonly source: string
  /** It has an await outside of functions. */
  readonly awaits: boolean
}

interface Edit {
  readonly at: number
  readonly end: number
  readonly text: string
}

export function makeRunnable(source: string, program: Program): Runnable {
  const edits = program.body.flatMap((statement): Edit[] => {
    if (statement.type === 'VariableDeclaration' && statement.kind !== 'var') return asVar(statement)
    if (statement.type === 'ClassDeclaration') return asVariable(statement, statement.id.name)
    if (statement.type === 'ExpressionStatement') return watched(statement.expression)
    return []
  })
  return { source: apply(source, edits), awaits: hasTopLevelAwait(program) }
}

// `let x` gives x no value, `var x` leaves it the one it had.
function asVar(declaration: AnyNode & { type: 'VariableDeclaration' }): Edit[] {
  const { start, kind, declarations } = declaration
  return [
    { at: start, end: start + kind.length, text: 'var' },
    ...declarations
      .filter(({ init }) => !init)
      .map(({ id }): Edit => ({ at: id.end, end: id.end, text: ' = undefined' })),
  ]
}

function asVariable({ start, end }: AnyNode, name: string): Edit[] {
  return [
    { at: start, end: start, text: `var ${name} = ` },
    { at: end, end, text: ';' },
  ]
}

// A promise that a call gives and nothing waits for would be broken without a word: `main()`.
function watched({ type, start, end }: AnyNode): Edit[] {
  if (type !== 'CallExpression') return []
  return [
    { at: start, end: start, text: `${watchName}(` },
    { at: end, end, text: ')' },
  ]
}

function apply(source: string, edits: readonly Edit[]): string {
  let text = ''
  let position = 0
  for (const { at, end, text: inserted } of edits.toSorted((a, b) => a.at - b.at)) {
    text += source.slice(position, at) + inserted
    position = end
  }
  return text + source.slice(position)
}

function hasTopLevelAwait(program: Program): boolean {
  const stack: AnyNode[] = [program]
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await)) return true
    if (!/Function|MethodDefinition|PropertyDefinition|StaticBlock/.test(node.type))
      stack.push(...childrenOf(node))
  }
  return false
}
