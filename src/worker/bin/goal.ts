// The bundle that rlm loads for goals, and only for them.
export { goal } from '../cli/commands/goal.ts'
