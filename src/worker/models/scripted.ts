// A model whose replies stand in a file: for tests, demos and for replaying a run by hand.
//
// The file is a text (the one reply to everything) or JSON: a list of replies, or {root: […], sub: […]}. A reply is a
// text or {reply, match, input_tokens, output_tokens, cost_usd, delay_ms, error, retryable}. Root replies are taken by
// the turn of the run, the last one again when turns go on; of the sub replies the first whose `match` (a regular
// expression over the prompt) fits, or by number where none has a match.
import { readFileSync } from 'node:fs'
import { en } from 'zod/locales'
import * as z from 'zod/mini'
import { RlmsError } from '../contract/errors.ts'
import { pause } from '../lib/deadline.ts'
import { charsPerToken } from '../rlm/budget.ts'
import { type Model, ModelFailure, type ModelRequest } from '../rlm/ports.ts'

const patternSchema = z.pipe(
  z.string(),
  z.transform((text, context) => {
    try {
      return new RegExp(text, 's')
    } catch (error) {
      context.issues.push({ code: 'custom', message: (error as Error).message, input: text })
      return z.NEVER
    }
  }),
)
const replySchema = z.pipe(
  z.transform((entry) => (typeof entry === 'string' ? { reply: entry } : entry)),
  z.strictObject({
    reply: z.optional(z.string()),
    match: z.optional(patternSchema),
    input_tokens: z.optional(z.number()),
    output_tokens: z.optional(z.number()),
    cost_usd: z.optional(z.number()),
    delay_ms: z.optional(z.number()),
    error: z.optional(z.string()),
    retryable: z.optional(z.boolean()),
  }),
)
const listSchema = z.array(replySchema)
const listsSchema = z.strictObject({ root: z._default(listSchema, []), sub: z._default(listSchema, []) })

type Reply = z.infer<typeof replySchema>
interface Script {
  readonly root: readonly Reply[]
  readonly sub: readonly Reply[]
}

export function createScriptedModel(file: string): Model {
  const script = readScript(file)
  return {
    name: 'scripted',
    async complete(request) {
      const reply = chooseReply(script, request)
      if (!reply)
        throw new ModelFailure(
          `scripted: ${file} has no reply for ${request.purpose} question ${request.sequence + 1}`,
        )
      if (reply.delay_ms) await pause(reply.delay_ms, request.signal)
      const text = reply.reply ?? ''
      const usage = {
        inputTokens: reply.input_tokens ?? Math.ceil(request.prompt.length / charsPerToken),
        outputTokens: reply.output_tokens ?? Math.ceil(text.length / charsPerToken),
        costUsd: reply.cost_usd ?? null,
      }
      if (reply.error !== undefined)
        throw new ModelFailure(`scripted: ${reply.error}`, { usage, retryable: reply.retryable ?? false })
      return { text, usage }
    },
  }
}

function chooseReply(script: Script, { purpose, sequence, prompt }: ModelRequest): Reply | undefined {
  const replies = script[purpose]
  const fits = replies.find(({ match }) => match?.test(prompt))
  if (fits) return fits
  const plain = replies.filter(({ match }) => match === undefined)
  return plain[Math.min(sequence, plain.length - 1)]
}

function readScript(file: string): Script {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new RlmsError(
      'invalid_config',
      `the script of the scripted model cannot be read: ${(error as Error).message}`,
    )
  }
  if (!/^\s*[[{]/.test(text)) return { root: [{ reply: text }], sub: [{ reply: text }] }
  const value = parseScript(file, text)
  return Array.isArray(value)
    ? { root: check(file, listSchema, value), sub: check(file, listSchema, value) }
    : check(file, listsSchema, value)
}

function parseScript(file: string, text: string): unknown {
  try {
    return JSON.parse(text.trim())
  } catch (error) {
    throw new RlmsError('invalid_config', `${file} is no JSON: ${(error as Error).message}`)
  }
}

function check<S extends z.ZodMiniType>(file: string, schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value, { error: en().localeError })
  if (parsed.success) return parsed.data
  throw new RlmsError('invalid_config', `${file} is no script: ${z.prettifyError(parsed.error)}`)
}
