// What `rlm goal --help` prints.

export const goalHelp = `rlm goal: works on a repository until its validator passes

Examples:
  rlm goal "make the tests pass"
  rlm goal "support Python 3.13" --validator "tox -e py313" --agent claude --max-usd 5
  rlm goal "translate the docs" --validator none --max-iterations 3
  rlm goal resume

rlm goal GOAL                in the repository around the working directory
  --validator COMMAND        what judges, none, or auto (default, RLM_VALIDATOR): found by package.json,
                             pyproject.toml, go.mod, Cargo.toml, Makefile, justfile, *.bats and the like
  --agent AGENT              claude, codex, opencode, gemini, offline, or a JSON vector like '["my-agent","--yes"]';
                             the prompt comes on standard input, or as {prompt_file} (RLM_AGENT_COMMAND_JSON;
                             default: the first agent program that is installed, else offline)
  --max-iterations N         default 88 (RLM_MAX_ITERATIONS); 0 or unlimited: no limit
  --max-minutes X            default 2880 (RLM_MAX_MINUTES); 0: no limit
  --max-usd X --max-tokens N what the agent may spend
  --validator-timeout S      default 1800
  --agent-timeout S          of one turn, default 3600
  --roles PLAN               single (default), or triad: planner, critic, reviser (RLM_ROLES)
  --mode MODE                iterative: the agent changes files itself; symbolic: each turn is a recursive run that
                             answers with edits; auto (default)
  --context PATH             what symbolic turns read instead of the repository; may be repeated
  --protect                  puts back what the agent changes of tests and what else decides the validator
  --from-loop ID             spec and test commands of a loop in .superloop/config.json
  --task ID                  names the folder of the runs (MCP_RUNNER_TASK_ID)
  --json                     one event a line

rlm goal status [--run ID] [--watch] [--json]   how a run stands (default: the latest)
rlm goal list [--json]                          every run of this repository
rlm goal resume [--run ID] [--json]             goes on where a run was interrupted or killed
rlm goal validate [--run ID]                     runs the validator of a run, or the one that is found

A run is in .runs/TASK/cli/RUN; .runs/ and out/ are kept out of git's view.
Exit status: 0 passed, or the budget is complete; 1 usage; 2 no validator; 3 iterations, time or money used up, or
stalled; 4 the validator cannot run; 5 configuration; 6 interrupted; 10 the agent failed for good, or the runner.`
