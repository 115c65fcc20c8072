// What a runner may say. Anything else ends it.
import * as z from 'zod/mini'

const stepErrorCodes = [
  'code_error',
  'sandbox_violation',
  'limit_exceeded',
  'model_invocation_failed',
] as const

// Above what an honest runner lets out (plain.py, output.py, failures.py), in characters of two units.
const wordLimit = z.maxLength(256)
const messageLimit = z.maxLength(32 << 10)
const outputLimit = z.maxLength(8 << 20)
/** Below what would overflow the stack of whoever walks a value. */
const maxDepth = 64

const readySchema = z.object({
  op: z.literal('ready'),
  kernel: z.object({
    seccomp: z.boolean(),
    landlock: z.int(),
    /** On macOS. */
    seatbelt: z.optional(z.boolean()),
    reason: z.optional(z.string().check(messageLimit)),
  }),
  python: z.optional(z.string().check(wordLimit)),
})
const callSchema = z.object({
  op: z.literal('call'),
  id: z.int(),
  name: z.string().check(wordLimit),
  args: z.array(z.unknown()).check(z.refine((args) => isShallow(args, maxDepth))),
})
const doneSchema = z.object({
  op: z.literal('done'),
  output: z.string().check(outputLimit),
  length: z.int().check(z.nonnegative()),
  error: z.nullable(
    z.object({
      code: z.enum(stepErrorCodes),
      message: z.string().check(messageLimit),
      line: z.nullable(z.int()),
    }),
  ),
})
const messageSchema = z.discriminatedUnion('op', [readySchema, callSchema, doneSchema])

export type Ready = z.infer<typeof readySchema>
export type Call = z.infer<typeof callSchema>
export type Done = z.infer<typeof doneSchema>

/** Whether the kernel layer holds. */
export function isLocked({ kernel }: Ready): boolean {
  return kernel.seccomp || kernel.seatbelt === true
}

export function readMessage(message: unknown): Ready | Call | Done | undefined {
  return messageSchema.safeParse(message).data
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return depth > 0 && Object.values(value).every((item) => isShallow(item, depth - 1))
}
