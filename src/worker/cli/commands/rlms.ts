// scripts/rlms: one analysis for a role of a host.
import { analyse } from '../../compose.ts'
import { asRlmsError, errorTable, type RlmsError } from '../../contract/errors.ts'
import type { Limits, Result } from '../../contract/result.ts'
import { version } from '../../contract/version.ts'
import { makeFolder } from '../../lib/make-folder.ts'
import { buildFailure } from '../../rlm/result-builder.ts'
import { runPaths, writeArtifacts } from '../../runs/artifacts.ts'
import { asksFor, peekOccasion, readDoorOptions } from '../door-options.ts'
import { type Command, printError } from '../main.ts'
import { openProgress } from '../progress.ts'

export const rlms: Command = async (argv, signal) => {
  if (asksFor(argv, '--version')) return print(version)
  if (asksFor(argv, '--help', '-h')) return print(help)
  const options = readOptions(argv)
  const progress = openProgress(options.progress, process.stderr)
  const result = await analyse(options.request, progress.emit, signal).finally(() => progress.end())
  return report(result)
}

function report(result: Result): number {
  if (result.error_code === undefined) return 0
  printError('rlms', { code: result.error_code, message: result.error ?? '', fix: result.error_fix ?? '' })
  return errorTable[result.error_code].exit
}

// A call that can't be understood still leaves its result where the caller will look for it.
function readOptions(argv: readonly string[]) {
  try {
    return readDoorOptions(argv, process.env)
  } catch (cause) {
    const error = asRlmsError(cause)
    const { outputDir, ...occasion } = peekOccasion(argv)
    if (outputDir) leaveFailure(outputDir, occasion, error)
    throw error
  }
}

type Peeked = Omit<ReturnType<typeof peekOccasion>, 'outputDir'>

function leaveFailure(outputDir: string, occasion: Peeked, error: RlmsError): void {
  try {
    const result = buildFailure(
      { ...occasion, format: 'json', limits: noLimits, requireCitations: false, metadata: null, skipped: {} },
      error,
    )
    makeFolder(outputDir)
    writeArtifacts(runPaths(outputDir), result)
  } catch {
    // there can be no such folder; the message on standard error says what was wrong
  }
}

const noLimits: Limits = {
  max_steps: 0,
  max_depth: 0,
  timeout_seconds: 0,
  max_subcalls: 0,
  max_errors: 0,
  concurrency: 0,
  max_tokens: null,
  max_usd: null,
}

function print(text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}

const help = `rlms: analyse a large context with a root model that writes sandboxed code

Example:
  git ls-files > files.txt
  scripts/rlms --repo . --loop-id demo --role reviewer --iteration 1 --context-file-list files.txt \\
    --output-dir out --max-steps 10 --max-depth 2 --timeout-seconds 120 --root-command-json '["rlms:offline"]'

Required:
  --repo DIR --loop-id ID --role ROLE --iteration N --context-file-list FILE --output-dir DIR
  --max-steps N --max-depth N --timeout-seconds N

The model (command vectors; the sub-call's parts fall back to the root's):
  --root-command-json JSON     '["claude","-p"]', or built in: rlms:offline, rlms:claude, rlms:codex,
                               rlms:opencode, rlms:gemini, ["rlms:http",BASE_URL,MODEL], ["rlms:scripted",FILE]
  --root-args-json JSON        further arguments; {repo} {prompt_file} {last_message_file} {model} are replaced
  --root-prompt-mode MODE      stdin (default), file or arg
  --root-model NAME            what {model} stands for
  --subcall-command-json JSON  --subcall-args-json JSON  --subcall-prompt-mode MODE  --subcall-model NAME

The run:
  --task TEXT                  what to find out (default: help ROLE with the spec at hand)
  --max-subcalls N             default: twice --max-steps
  --max-tokens N --max-usd X   tree-wide caps
  --max-errors N               failed steps in a row before giving up (3)
  --concurrency N              model calls in flight (8)
  --step-timeout-seconds N     execution time of one step (a quarter of the run's time, at most 60)
  --require-citations BOOL     point at documents when the model cited nothing (true)
  --format json                of result.json
  --sandbox BACKEND            auto (python), python, javascript
  --sandbox-require LAYER      kernel (default), process or language
  --resume                     go on from the journal in --output-dir, asking nothing again
  --progress MODE              auto, plain, json or none, on standard error
  --metadata-file FILE         JSON to carry along

Leaves result.json, summary.md and journal.jsonl in --output-dir.
Exit status: 0 ok; 1 the run failed; 2 usage, configuration or a limit; 130, 143 interrupted. Codes: docs/errors.md.`
