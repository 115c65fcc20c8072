// The language layer: which JavaScript a step may use. acorn parses the source, every node must be of an allowed kind, names
// and properties are checked; a kind that a later version of the language adds is refused until it is listed. What cannot
// be seen in the source (a property's name made at run time) leads nowhere: guest/globals.ts has taken that away.
import { type AnyNode, type Identifier, type Node, type Program, parse } from 'acorn'
import { maxText, StepFailure } from './failures.ts'
import * as hints from './hints.ts'
import { childrenOf } from './nodes.ts'
import { boundNames } from './scope.ts'

const maxSource = 256 * 1024
const maxNodes = 40_000
const maxDepth = 200
const maxIntegerDigits = 1234 // 4096 bits

const allowed = new Set(
  `Program ExpressionStatement BlockStatement StaticBlock EmptyStatement ReturnStatement LabeledStatement BreakStatement
  ContinueStatement IfStatement SwitchStatement SwitchCase ThrowStatement TryStatement CatchClause WhileStatement
  DoWhileStatement ForStatement ForInStatement ForOfStatement FunctionDeclaration VariableDeclaration VariableDeclarator
  ArrayExpression ObjectExpression Property FunctionExpression UnaryExpression UpdateExpression BinaryExpression
  AssignmentExpression LogicalExpression MemberExpression ChainExpression ConditionalExpression CallExpression NewExpression
  SequenceExpression ArrowFunctionExpression YieldExpression AwaitExpression TemplateLiteral TaggedTemplateExpression
  TemplateElement SpreadElement RestElement ObjectPattern ArrayPattern AssignmentPattern Identifier Literal ThisExpression
  Super ClassDeclaration ClassExpression ClassBody MethodDefinition PropertyDefinition PrivateIdentifier
  ParenthesizedExpression MetaProperty`.split(/\s+/),
)
const intrinsics = new Set(
  `Array Object String Number Boolean Math JSON Map Set WeakMap WeakSet Date RegExp Promise BigInt Symbol Error TypeError
  RangeError SyntaxError ReferenceError EvalError URIError AggregateError InternalError Iterator ArrayBuffer DataView console
  CONTEXT`.split(/\s+/),
)

/** The name under which a statement's value is given to the sandbox (rewrite.ts); no code can name it. */
export const watchName = '$watch'

/** Throws a StepFailure. `isBound` tells of a name whether an earlier step has bound it. */
export function checkCode(source: string, isBound: (name: string) => boolean): Program {
  checkCharacters(source)
  const program = parseCode(source)
  const bound = boundNames(program)
  const check = makeCheck({
    here: (name) => bound.has(name),
    anywhere: (name) => bound.has(name) || isBound(name),
  })
  let count = 0
  const stack: { node: AnyNode; parents: readonly AnyNode[]; depth: number }[] = [
    { node: program, parents: [], depth: 1 },
  ]
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    const { node, parents, depth } = entry
    if (++count > maxNodes) throw violation('the code is too large; do the work in several steps')
    if (depth > maxDepth) refuse(node, 'the code is nested too deeply', 'use names for its parts')
    check(node, parents[0], parents[1])
    for (const child of childrenOf(node))
      stack.push({ node: child, parents: [node, ...parents.slice(0, 1)], depth: depth + 1 })
  }
  return program
}

/** Whether the session has bound a name: this program, or any of its programs. */
interface Bound {
  here(name: string): boolean
  anywhere(name: string): boolean
}

function makeCheck(bound: Bound) {
  return (node: AnyNode, parent: AnyNode | undefined, grandparent: AnyNode | undefined): void => {
    if (!allowed.has(node.type) || (node.type === 'MetaProperty' && node.meta.name !== 'new')) {
      const [spoken, hint] = hints.syntax[node.type] ?? [node.type, 'write it in another way']
      refuse(node, `${spoken} is not allowed`, hint)
    }
    if (node.type === 'Identifier') checkIdentifier(node, parent, grandparent, bound)
    if (node.type === 'PrivateIdentifier') return
    if (node.type === 'Literal') checkLiteral(node, parent, grandparent)
    if (node.type === 'AssignmentExpression') checkTarget(node.left, bound)
    if (node.type === 'UpdateExpression') checkTarget(node.argument, bound)
    if (node.type === 'UnaryExpression' && node.operator === 'delete') checkTarget(node.argument, bound)
  }
}

function checkIdentifier(
  node: Identifier,
  parent: AnyNode | undefined,
  grandparent: AnyNode | undefined,
  bound: Bound,
): void {
  const { name } = node
  if (isPropertyName(node, parent)) {
    if (!isAllowedProperty(name, parent!, grandparent)) refuseProperty(node, name)
    return
  }
  if (isLabel(parent)) return
  if (name === watchName) refuse(node, `the name ${name} is not allowed`, 'choose another name')
  const hint = Object.hasOwn(hints.names, name) ? hints.names[name] : undefined
  if (hint !== undefined && !bound.anywhere(name)) refuse(node, `${name} is not available`, hint)
}

function isPropertyName(node: Node, parent: AnyNode | undefined): boolean {
  if (parent?.type === 'MemberExpression') return parent.property === node && !parent.computed
  if (
    parent?.type === 'Property' ||
    parent?.type === 'MethodDefinition' ||
    parent?.type === 'PropertyDefinition'
  )
    return parent.key === node && !parent.computed
  return false
}

function isLabel(parent: AnyNode | undefined): boolean {
  return (
    parent?.type === 'LabeledStatement' ||
    parent?.type === 'BreakStatement' ||
    parent?.type === 'ContinueStatement' ||
    parent?.type === 'MetaProperty'
  )
}

// A class has a constructor; a record may have a field of that name; `value.constructor.name` says of which class a value is.
function isAllowedProperty(name: string, parent: AnyNode, grandparent: AnyNode | undefined): boolean {
  if (!Object.hasOwn(hints.properties, name)) return true
  if (name !== 'constructor') return false
  if (parent.type === 'MethodDefinition') return parent.kind === 'constructor'
  if (parent.type === 'Property') return grandparent?.type === 'ObjectExpression'
  return (
    parent.type === 'MemberExpression' &&
    grandparent?.type === 'MemberExpression' &&
    grandparent.object === parent &&
    !grandparent.computed &&
    (grandparent.property as Identifier).name === 'name'
  )
}

function checkLiteral(
  node: AnyNode & { type: 'Literal' },
  parent: AnyNode | undefined,
  grandparent: AnyNode | undefined,
): void {
  const { value } = node
  if (typeof value === 'string' && isKey(node, parent) && !isAllowedProperty(value, parent!, grandparent))
    refuseProperty(node, value)
  if (typeof node.bigint === 'string' && node.bigint.length > maxIntegerDigits)
    refuse(node, 'an integer constant is too large', 'compute it')
}

function isKey(node: Node, parent: AnyNode | undefined): boolean {
  if (parent?.type === 'MemberExpression') return parent.property === node
  return (
    (parent?.type === 'Property' ||
      parent?.type === 'MethodDefinition' ||
      parent?.type === 'PropertyDefinition') &&
    parent.key === node
  )
}

function refuseProperty(node: Node, name: string): never {
  refuse(node, `the property ${JSON.stringify(name)} is not allowed`, hints.properties[name])
}

/** What the language brings stays as it is. */
function checkTarget(target: AnyNode, bound: Bound): void {
  if (target.type === 'ObjectPattern' || target.type === 'ArrayPattern') return
  const path: string[] = []
  let node: AnyNode = target
  while (node.type === 'MemberExpression') {
    path.unshift(node.computed ? '[…]' : `.${(node.property as Identifier).name}`)
    node = node.object as AnyNode
  }
  if (node.type !== 'Identifier' || path.length === 0 || !intrinsics.has(node.name) || bound.here(node.name))
    return
  refuse(target, `assignment to ${node.name}${path.join('')} is not allowed`, 'write a function of your own')
}

function checkCharacters(source: string): void {
  if (source.length > maxSource)
    throw violation(`the code has more than ${maxSource} characters; do the work in several steps`)
  const found =
    /[\0-\x08\x0b\x0e-\x1f\x7f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.exec(
      source,
    )
  if (!found) return
  const line = source.slice(0, found.index).split('\n').length
  const code = found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
  throw violation(`line ${line}: the character U+${code} is not allowed in code; write it as an escape`, line)
}

function parseCode(source: string): Program {
  try {
    return parse(source, {
      ecmaVersion: 2024,
      sourceType: 'script',
      locations: true,
      allowAwaitOutsideFunction: true,
      allowImportExportEverywhere: true,
      allowHashBang: false,
    })
  } catch (error) {
    if (!(error instanceof SyntaxError) || error.message.startsWith('Not enough stack space'))
      throw violation('the code is nested too deeply; use names for its parts')
    const { loc, message } = error as SyntaxError & { loc?: { line: number } }
    const line = loc?.line ?? null
    const text = line === null ? '' : (source.split('\n')[line - 1] ?? '').trim().slice(0, 200)
    const where = line === null ? '' : ` (line ${line}${text === '' ? '' : `: ${text}`})`
    const what = message.replace(/ \(\d+:\d+\)$/, '').slice(0, maxText) // it may quote a name, however long that is
    throw new StepFailure('code_error', `SyntaxError: ${what}${where}`, line)
  }
}

function refuse(node: Node, what: string, hint: string | undefined): never {
  const line = node.loc?.start.line ?? null
  throw violation(`line ${line ?? '?'}: ${what}${hint === undefined ? '' : `; ${hint}`}`, line)
}

function violation(message: string, line: number | null = null): StepFailure {
  return new StepFailure('sandbox_violation', message, line)
}
