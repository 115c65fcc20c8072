// The table of what model-written code may call. The root prompt's function list, the sandboxes' stubs and
// docs/host-functions.md are all made from it: one row a function.
import type { CitationClaim } from './citations.ts'
import { type FunctionSpec, HostCallError, type Json, type Language, type Parameter } from './ports.ts'
import { askMany, askOne, type Question } from './sub-calls.ts'
import type { Run } from './tree.ts'

interface HostFunction extends FunctionSpec {
  /** Absent: every sandbox implements it over the mapped snapshot. */
  readonly answer?: (run: Run, args: Json[], signal: AbortSignal) => Promise<Json> | Json
}

const required = (name: string): Parameter => ({ name })
const optional = (name: string, value: Json): Parameter => ({ name, default: value })

export const functionTable: readonly HostFunction[] = [
  { name: 'list_files', parameters: [], help: 'the paths of all documents' },
  {
    name: 'read_file',
    parameters: [required('path'), optional('start_line', 1), optional('end_line', null)],
    help: 'the text of a document, or of its lines start_line to end_line (1-based, both included)',
  },
  {
    name: 'grep',
    parameters: [
      required('pattern'),
      optional('path', null),
      optional('max_matches', 80),
      optional('flags', ''),
    ],
    help: "lines that match a regular expression, in one document or all: a list of {path,start_line,end_line,signal,snippet}; flags: 'i' ignores case",
  },
  {
    name: 'slice_text',
    parameters: [required('text'), optional('start', 0), optional('end', null)],
    help: 'text[start:end]',
  },
  {
    name: 'peek',
    parameters: [required('path'), optional('n', 400)],
    help: 'the first n characters of a document',
  },
  {
    name: 'chunks',
    parameters: [required('text_or_path'), optional('size', 20_000), optional('overlap', 0)],
    help: 'the text cut into strings of at most size characters, at line ends where possible; each knows .path, .start_line, .end_line',
  },
  {
    name: 'append_highlight',
    parameters: [required('text')],
    help: 'keep one finding for the summary',
    answer: (run, [text]) => addHighlight(run, text),
  },
  {
    name: 'add_citation',
    parameters: [
      required('path'),
      required('start_line'),
      required('end_line'),
      optional('signal', 'reference'),
      optional('snippet', ''),
    ],
    help: 'point at the lines that prove a finding; returns whether the snippet really stands there',
    answer: (run, args) => addCitation(run, args),
  },
  {
    name: 'sub_rlm',
    parameters: [required('prompt'), optional('depth', 1), optional('context', null)],
    help: "ask a sub-model; depth=1 is one call with context's text behind the prompt; depth>1 gives it a REPL of its own over context (a path, a chunk, a grep hit, a text, or a list of them; default: all documents)",
    answer: (run, [prompt, depth, context], signal) =>
      askOne(run, readQuestion({ prompt, depth, context }), signal),
  },
  {
    name: 'sub_rlm_batch',
    parameters: [required('prompts'), optional('context', null), optional('depth', 1)],
    help: 'ask many at once, answers in order; a prompt may also be {prompt, context}; a failed one gives {error, error_code} in its place',
    answer: (run, [prompts, context, depth], signal) =>
      askMany(run, readQuestions(prompts, { context, depth }), signal),
  },
  {
    name: 'llm_query',
    parameters: [required('prompt')],
    help: 'a plain model call',
    answer: (run, [prompt], signal) => askOne(run, readQuestion({ prompt }), signal),
  },
  {
    name: 'llm_query_batched',
    parameters: [required('prompts')],
    help: 'plain model calls at once, answers in order',
    answer: (run, [prompts], signal) => askMany(run, readQuestions(prompts, {}), signal),
  },
  {
    name: 'rlm_query',
    parameters: [required('prompt'), optional('context', null)],
    help: 'sub_rlm with the greatest depth that is left',
    answer: (run, [prompt, context], signal) =>
      askOne(run, readQuestion({ prompt, context, depth: deepest(run) }), signal),
  },
  {
    name: 'rlm_query_batched',
    parameters: [required('prompts'), optional('context', null)],
    help: 'sub_rlm_batch with the greatest depth that is left',
    answer: (run, [prompts, context], signal) =>
      askMany(run, readQuestions(prompts, { context, depth: deepest(run) }), signal),
  },
  {
    name: 'budget',
    parameters: [],
    help: 'what is left: steps, subcalls, depth, seconds, tokens, usd',
    answer: (run) => ({ ...run.tree.budget.left(), depth: run.levelsLeft }),
  },
  { name: 'show_vars', parameters: [], help: 'your variables with their types and sizes' },
  {
    name: 'set_final',
    aliases: ['FINAL'],
    parameters: [required('value')],
    help: 'give the answer and end the run when this code has run through; a text, a number, a list or a dict (whose highlights and citations lists are used as such)',
    answer: (run, [value = null]) => {
      const problem = run.depth === 0 ? (run.tree.answerShape?.check(value) ?? null) : null
      if (problem !== null) throw new HostCallError('code_error', `this is no answer: ${problem}`)
      run.final = { value }
      return null
    },
  },
  {
    name: 'FINAL_VAR',
    parameters: [required('name')],
    help: 'set_final with the value of the variable of this name',
  },
  {
    name: 'SUBMIT',
    parameters: [],
    signature: { python: 'SUBMIT(value) or SUBMIT(field=value, …)', javascript: 'SUBMIT(value)' },
    help: 'set_final with a value or a dict',
  },
]

/** What a sandbox asks the host for; it implements the other rows itself. */
export const hostFunctions: readonly FunctionSpec[] = functionTable.filter(
  ({ answer }) => answer !== undefined,
)

/** Answers one call of model-written code. Rejects with HostCallError what the code should see raised. */
export async function answerCall(run: Run, name: string, args: Json[], signal: AbortSignal): Promise<Json> {
  const row = functionTable.find((entry) => entry.name === name)
  if (!row?.answer)
    throw new HostCallError('sandbox_violation', `there is no host function ${JSON.stringify(name)}`)
  return row.answer(run, args, signal)
}

/** `name(a, b=1)`, as the prompt and the docs show it. */
export function describeSignature(spec: FunctionSpec, language: Language): string {
  if (spec.signature !== undefined) return spec.signature[language]
  const show = language === 'python' ? showPython : JSON.stringify
  const parameters = spec.parameters.map(({ name, default: value }) =>
    value === undefined ? name : `${name}=${show(value)}`,
  )
  return `${spec.name}(${parameters.join(', ')})`
}

function showPython(value: Json): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return JSON.stringify(value)
}

function deepest(run: Run): number {
  return Math.max(1, run.levelsLeft)
}

function addHighlight(run: Run, text: Json | undefined): null {
  if (typeof text !== 'string') throw new HostCallError('code_error', 'append_highlight takes a text')
  run.addHighlight(text)
  return null
}

function addCitation(run: Run, args: Json[]): boolean {
  const claim = readClaim({
    path: args[0],
    start_line: args[1],
    end_line: args[2],
    signal: args[3],
    snippet: args[4],
  })
  if (!claim) throw new HostCallError('code_error', 'add_citation takes a path and two line numbers')
  return run.addCitation(claim)
}

/** A citation as model code writes it, or undefined when it can be none. */
export function readClaim(value: unknown): CitationClaim | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const {
    path,
    start_line: start,
    end_line: end = start,
    signal = 'reference',
    snippet = '',
  } = value as Record<string, unknown>
  if (typeof path !== 'string' || path === '' || !Number.isSafeInteger(start)) return undefined
  return {
    path,
    startLine: start as number,
    endLine: (Number.isSafeInteger(end) ? end : start) as number,
    signal: typeof signal === 'string' && signal !== '' ? signal.slice(0, 80) : 'reference',
    snippet: typeof snippet === 'string' ? snippet : '',
  }
}

function readQuestion(value: {
  prompt?: Json | undefined
  depth?: Json | undefined
  context?: Json | undefined
}): Question {
  const { prompt, depth = 1, context = null } = value
  if (typeof prompt !== 'string') throw new HostCallError('code_error', 'the prompt must be a text')
  if (typeof depth !== 'number' || !Number.isInteger(depth) || depth < 1) {
    throw new HostCallError('code_error', 'depth must be a whole number from 1 up')
  }
  return { prompt, depth, context }
}

function readQuestions(
  prompts: Json | undefined,
  shared: { context?: Json | undefined; depth?: Json | undefined },
): Question[] {
  if (!Array.isArray(prompts)) throw new HostCallError('code_error', 'the prompts must be a list')
  return prompts.map((entry) => {
    const own =
      typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? entry : { prompt: entry }
    return readQuestion({ ...shared, ...own })
  })
}
