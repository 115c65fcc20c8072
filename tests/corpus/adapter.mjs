#!/usr/bin/env node
// Runs one corpus case in the product's own sandbox. One JSON object in: {code, then[], files, host_token, timeout_s};
// one line out: {stdout, ok, error, final, then[]}. RLMS_CORPUS_WITHOUT=language,kernel leaves layers out.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const { cutMiddle, hostFunctions, javascript, nativePython, openDocuments, packParts, pyodide } =
  await import('../../dist/parts.cjs')
const backends = { python: nativePython, javascript, pyodide }

const [backend = 'python'] = process.argv.slice(2)
const openSandbox = backends[backend]
if (!openSandbox) {
  console.error(`there is no sandbox ${backend}; there are ${Object.keys(backends).join(', ')}`)
  process.exit(2)
}
const request = JSON.parse(readFileSync(0, 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'rlms-corpus-'))
const documents = packFiles(request.files ?? {}, folder)
let final = null

const answers = {
  sub_rlm: ([prompt]) => answer(prompt),
  llm_query: ([prompt]) => answer(prompt),
  rlm_query: ([prompt]) => answer(prompt),
  sub_rlm_batch: ([prompts]) => prompts.map(answer),
  llm_query_batched: ([prompts]) => prompts.map(answer),
  rlm_query_batched: ([prompts]) => prompts.map(answer),
  add_citation: () => true,
  append_highlight: () => null,
  budget: () => ({ steps: 1 }),
  set_final([value]) {
    final = { value }
    return null
  },
}

const without = (process.env.RLMS_CORPUS_WITHOUT ?? '').split(',').filter(Boolean)
const seconds = request.timeout_s ?? 2
const { signal } = new AbortController()
try {
  const call = async (name, args) => answers[name](args)
  const open = openSandbox({
    require: without.length > 0 ? 'language' : 'kernel',
    timeoutSeconds: seconds + 10,
    without,
  })
  const sandbox = await open({ documents, functions: hostFunctions, call, signal })
  const first = await run(sandbox, request.code)
  const then = []
  for (const code of request.then ?? []) then.push(await run(sandbox, code))
  await sandbox.close()
  print({ ...first, final: final && pythonText(final.value), then })
} catch (error) {
  print({
    stdout: '',
    ok: false,
    error: `${error.code ?? error.name}: ${error.message}`,
    final: null,
    then: [],
  })
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function run(sandbox, code) {
  const { output, outputLength, error } = await sandbox.execute(code, seconds * 1000, signal)
  return {
    stdout: cutMiddle(output, outputLength),
    ok: error === null,
    error: error && `${error.code}: ${error.message}`,
  }
}

function answer(prompt) {
  return `ANS[${[...String(prompt.prompt ?? prompt)].length}]`
}

function packFiles(files, into) {
  const pack = join(into, 'documents.pack')
  const names = Object.keys(files).sort()
  const parts = names.map((name) => ({
    base: { name, source: name, firstLine: 1 },
    bytes: Buffer.from(files[name]),
  }))
  return openDocuments(pack, packParts(parts, pack))
}

/** The corpora write a final value as Python's str() of it. */
function pythonText(value) {
  return typeof value === 'string' ? value : pythonRepr(value)
}

function pythonRepr(value) {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`
  if (typeof value !== 'object') return String(value)
  return `{${Object.entries(value)
    .map(([key, entry]) => `${pythonRepr(key)}: ${pythonRepr(entry)}`)
    .join(', ')}}`
}

// stdout may hold lone surrogates or hundreds of kilobytes; the reply must be the last line, whole.
function print(reply) {
  process.stdout.write(`${JSON.stringify(reply)}\n`)
}
