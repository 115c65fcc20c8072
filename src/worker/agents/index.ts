// What the package exports of the agents library.
export { FunctionRegistry } from './function-registry.ts'
export { MemoryManager, type MemoryOptions } from './memory/memory-manager.ts'
export { ContextStore, type DamagedVariable } from './store/context-store.ts'
export type * from './types.ts'
