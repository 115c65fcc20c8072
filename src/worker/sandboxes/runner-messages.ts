// What a runner may say. Anything else ends it.
import * as z from 'zod/mini'

const stepErrorCodes = [
  'code_error',
  'sandbox_violation',
  'limit_exceeded',
  'model_invocation_failed',
] as const

const readySchema = z.object({
  op: z.literal('ready'),
  kernel: z.object({ seccomp: z.boolean(), landlock: z.int(), reason: z.optional(z.string()) }),
  python: z.string(),
})
const callSchema = z.object({
  op: z.literal('call'),
  id: z.int(),
  name: z.string(),
  args: z.array(z.unknown()),
})
const doneSchema = z.object({
  op: z.literal('done'),
  output: z.string(),
  length: z.int().check(z.nonnegative()),
  error: z.nullable(
    z.object({ code: z.enum(stepErrorCodes), message: z.string(), line: z.nullable(z.int()) }),
  ),
})
const messageSchema = z.discriminatedUnion('op', [readySchema, callSchema, doneSchema])

export type Ready = z.infer<typeof readySchema>
export type Call = z.infer<typeof callSchema>
export type Done = z.infer<typeof doneSchema>

export function readMessage(message: unknown): Ready | Call | Done | undefined {
  return messageSchema.safeParse(message).data
}
