// What the package exports of the agents library.

export type * from './agent-types.ts'
export { buildDevPrompt, type DevPromptOptions } from './dev/dev-prompt.ts'
export {
  DevSession,
  type DevSessionOptions,
  type DevSessionReport,
  type TaskReport,
} from './dev/dev-session.ts'
export { type ParsedTask, parseTodoMd } from './dev/todo-md.ts'
export { FunctionRegistry } from './function-registry.ts'
export { MemoryManager, type MemoryOptions } from './memory/memory-manager.ts'
export { maxOutputMiB, type SpawnFn } from './providers/agent-process.ts'
export { type ClaudeCodeOptions, ClaudeCodeProvider } from './providers/claude-provider.ts'
export { type CommandOptions, CommandProvider, type ProgramAnswer } from './providers/command-provider.ts'
export { AgentRuntime, type RuntimeOptions } from './runtime.ts'
export type { TextSpan } from './split/spans.ts'
export {
  type RecordFormat,
  type SplitOptions,
  type SplitUnit,
  splitText,
  type TextPart,
} from './split/split-text.ts'
export { ContextStore, type DamagedVariable } from './store/context-store.ts'
export {
  createSystem,
  getDefaultConfig,
  type RLMConfig,
  type RunOptions,
  run,
  type System,
} from './system.ts'
export type { DecomposeOptions } from './tree/decompose.ts'
export { RecursiveSpawner, type SpawnerOptions } from './tree/spawner.ts'
export type * from './types.ts'
export { ExecutionError } from './usage.ts'
