// The names that a program binds anywhere in it: one of them may be called as something is that the sandbox does not have.
import type { AnyNode, Program } from 'acorn'
import { childrenOf } from './nodes.ts'

export function boundNames(program: Program): Set<string> {
  const names = new Set<string>()
  const bind = (pattern: AnyNode | null | undefined): void => {
    switch (pattern?.type) {
      case 'Identifier':
        names.add(pattern.name)
        break
      case 'ObjectPattern':
        for (const property of pattern.properties)
          bind(property.type === 'RestElement' ? property.argument : property.value)
        break
      case 'ArrayPattern':
        for (const element of pattern.elements) bind(element)
        break
      case 'AssignmentPattern':
        bind(pattern.left)
        break
      case 'RestElement':
        bind(pattern.argument)
        break
    }
  }
  const stack: AnyNode[] = [program]
  for (let node = stack.pop(); node; node = stack.pop()) {
    switch (node.type) {
      case 'VariableDeclarator':
      case 'ClassDeclaration':
      case 'ClassExpression':
        bind(node.id)
        break
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        bind(node.id)
        for (const parameter of node.params) bind(parameter)
        break
      case 'CatchClause':
        bind(node.param)
        break
      case 'AssignmentExpression':
      case 'ForInStatement':
      case 'ForOfStatement':
        if (node.left.type !== 'VariableDeclaration') bind(node.left)
        break
    }
    stack.push(...childrenOf(node))
  }
  return names
}
