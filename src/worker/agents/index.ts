// What the package exports of the agents library.
export { ContextStore, type DamagedVariable } from './store/context-store.ts'
export type * from './types.ts'
