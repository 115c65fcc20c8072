// What the package exports of the agents library.
export { FunctionRegistry } from './function-registry.ts'
export { MemoryManager, type MemoryOptions } from './memory/memory-manager.ts'
export type { TextSpan } from './split/spans.ts'
export {
  type RecordFormat,
  type SplitOptions,
  type SplitUnit,
  splitText,
  type TextPart,
} from './split/split-text.ts'
export { ContextStore, type DamagedVariable } from './store/context-store.ts'
export type * from './types.ts'
