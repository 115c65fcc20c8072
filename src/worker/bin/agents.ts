// The bundle that rlm loads for agents, and only for them.
export { agent } from '../cli/commands/agent.ts'
export { agents } from '../cli/commands/agents.ts'
export { dev } from '../cli/commands/dev.ts'
