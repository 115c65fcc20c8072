// `rlm goal` in one place: its help, its flags and its completions are all made from this.
import { agentNames } from '../../goal/agents/create-agent.ts'
import { modes, rolePlans } from '../../goal/goal.ts'
import type { CommandSpec } from '../command-spec.ts'

export const goalSpec: CommandSpec = {
  name: 'rlm goal',
  summary: 'works on a repository until its validator passes',
  operands: 'GOAL',
  actions: ['status', 'list', 'resume', 'validate'],
  examples: [
    'rlm goal "make the tests pass"',
    'rlm goal "support Python 3.13" --validator "tox -e py313" --agent claude --max-usd 5',
    'rlm goal "translate the docs" --validator none --max-iterations 3',
    'rlm goal status [--run ID] [--watch] [--json]   # how a run stands (default: the latest)',
    'rlm goal list [--json]                          # every run of this repository',
    'rlm goal resume [--run ID] [--json]             # goes on where a run was interrupted or killed',
    'rlm goal validate [--run ID]                    # runs the validator of a run, or the one that is found',
  ],
  flags: [
    {
      name: 'validator',
      value: 'COMMAND',
      help: 'what judges, none, or auto (default, RLM_VALIDATOR): found by package.json, pyproject.toml, go.mod, Cargo.toml, Makefile, justfile, *.bats and the like',
    },
    {
      name: 'agent',
      value: 'AGENT',
      suggestions: agentNames,
      help: `${agentNames.join(', ')}, or a JSON vector like '["my-agent","--yes"]'; the prompt comes on standard input, or as {prompt_file} (RLM_AGENT_COMMAND_JSON; default: the first agent program that is installed, else offline)`,
    },
    {
      name: 'max-iterations',
      value: 'N',
      help: 'default 88 (RLM_MAX_ITERATIONS); 0 or unlimited: no limit',
    },
    { name: 'max-minutes', value: 'X', help: 'default 2880 (RLM_MAX_MINUTES); 0: no limit' },
    { name: 'max-usd', value: 'X', help: 'what the agent may spend' },
    { name: 'max-tokens', value: 'N', help: 'the same, in tokens' },
    { name: 'validator-timeout', value: 'S', help: 'default 1800' },
    { name: 'agent-timeout', value: 'S', help: 'of one turn, default 3600' },
    {
      name: 'roles',
      value: 'PLAN',
      choices: rolePlans,
      help: 'single (default), or triad: planner, critic, reviser (RLM_ROLES)',
    },
    {
      name: 'mode',
      value: 'MODE',
      choices: modes,
      help: 'iterative: the agent changes files itself; symbolic: each turn is a recursive run that answers with edits; auto (default)',
    },
    {
      name: 'context',
      value: 'PATH',
      repeated: true,
      help: 'what symbolic turns read instead of the repository: a file, a folder, a glob, or - for standard input',
    },
    {
      name: 'protect',
      help: 'puts back what the agent changes of tests and what else decides the validator',
    },
    { name: 'from-loop', value: 'ID', help: 'spec and test commands of a loop in .superloop/config.json' },
    { name: 'task', value: 'ID', help: 'names the folder of the runs (MCP_RUNNER_TASK_ID)' },
    { name: 'json', help: 'one event a line' },
  ],
  notes: [
    "It works in the repository around the working directory. A run is in .runs/TASK/cli/RUN; .runs/ and out/ are kept out of git's view.",
    'Exit status: 0 passed, or the budget is complete; 1 usage; 2 no validator; 3 iterations, time or money used up, or stalled; 4 the validator cannot run; 5 configuration; 6 interrupted; 10 the agent failed for good, or the runner.',
  ],
}
