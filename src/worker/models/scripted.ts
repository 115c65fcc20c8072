// A model whose replies stand in a file: for tests, demos and for replaying a run by hand.
//
// The file is a text (the one reply to everything) or JSON: a list of replies, or {root: […], sub: […]}. A reply is a
// text or {reply, match, input_tokens, output_tokens, cost_usd, delay_ms, error, retryable}. Root replies are taken by
// the turn of the run, the last one again when turns go on; of the sub replies the first whose `match` (a regular
// expression over the prompt) fits, or by number where none has a match.
import { readFileSync } from 'node:fs'
import * as z from 'zod/mini'
import { RlmsError } from '../contract/errors.ts'
import { pause } from '../lib/deadline.ts'
import { charsPerToken } from '../rlm/budget.ts'
import { type Model, ModelFailure, type ModelRequest } from '../rlm/ports.ts'

const replySchema = z.union([
  z.string(),
  z.strictObject({
    reply: z.optional(z.string()),
    match: z.optional(z.string()),
    input_tokens: z.optional(z.number()),
    output_tokens: z.optional(z.number()),
    cost_usd: z.optional(z.number()),
    delay_ms: z.optional(z.number()),
    error: z.optional(z.string()),
    retryable: z.optional(z.boolean()),
  }),
])
const scriptSchema = z.union([
  z.array(replySchema),
  z.strictObject({ root: z.optional(z.array(replySchema)), sub: z.optional(z.array(replySchema)) }),
])

type Reply = Exclude<z.infer<typeof replySchema>, string>
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
  const matching = replies.filter(({ match }) => match !== undefined)
  const fits = matching.find(({ match = '' }) => new RegExp(match, 's').test(prompt))
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
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new RlmsError('invalid_config', `${file} is no JSON: ${(error as Error).message}`)
  }
  const parsed = scriptSchema.safeParse(value)
  if (!parsed.success)
    throw new RlmsError('invalid_config', `${file} is no script: ${z.prettifyError(parsed.error)}`)
  const { root = [], sub = [] } = Array.isArray(parsed.data)
    ? { root: parsed.data, sub: parsed.data }
    : parsed.data
  const asReply = (entry: z.infer<typeof replySchema>): Reply =>
    typeof entry === 'string' ? { reply: entry } : entry
  return { root: root.map(asReply), sub: sub.map(asReply) }
}
