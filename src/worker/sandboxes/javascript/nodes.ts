// Walking acorn's trees.
import type { AnyNode, Node } from 'acorn'

/** Every node directly beneath a node. */
export function childrenOf(node: Node): AnyNode[] {
  return Object.values(node)
    .flat()
    .filter((value): value is AnyNode => typeof (value as AnyNode | null)?.type === 'string')
}
