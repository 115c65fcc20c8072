// result.json: what a run leaves for hosts, gates and people. Shapes first, types inferred.
import * as z from 'zod/mini'
import { errorCodes } from './errors.ts'
import { schemaVersion } from './schema-version.ts'

const count = z.int().check(z.nonnegative())
const amount = z.number().check(z.nonnegative())

const citationSchema = z.object({
  path: z.string(),
  start_line: count,
  end_line: count,
  signal: z.string(),
  snippet: z.string(),
  /** The path is a document of the run, the lines exist, and the snippet stands there (white space folded). */
  verified: z.boolean(),
  /** Of the whole document, as it was when the run read it; empty where the path is no document. */
  sha256: z.string(),
  /** Why a citation is not verified. */
  reason: z.optional(z.string()),
})
export type Citation = z.infer<typeof citationSchema>

const limitsSchema = z.object({
  max_steps: count,
  max_depth: count,
  timeout_seconds: amount,
  max_subcalls: count,
  max_errors: count,
  concurrency: count,
  max_tokens: z.nullable(count),
  max_usd: z.nullable(amount),
})
export type Limits = z.infer<typeof limitsSchema>

const usageSchema = z.object({
  input_tokens: count,
  output_tokens: count,
  /** US dollars; null when no reply told its price. */
  cost_usd: z.nullable(amount),
})

const sandboxReportSchema = z.object({
  backend: z.string(),
  language: z.boolean(),
  process: z.boolean(),
  kernel: z.boolean(),
})
export type SandboxReport = z.infer<typeof sandboxReportSchema>

const traceEntrySchema = z.object({
  run: z.string(),
  step: count,
  ok: z.boolean(),
  duration_ms: count,
  code_preview: z.string(),
  output_preview: z.string(),
  error: z.optional(z.string()),
})
export type TraceEntry = z.infer<typeof traceEntrySchema>

export const resultSchema = z.object({
  schema_version: z.literal(schemaVersion),
  ok: z.boolean(),
  partial: z.boolean(),
  generated_at: z.string(),
  loop_id: z.string(),
  role: z.string(),
  iteration: count,
  format: z.string(),
  task: z.string(),
  limits: limitsSchema,
  stats: z.object({
    file_count: count,
    line_count: count,
    char_count: count,
    estimated_tokens: count,
    skipped: z.record(z.string(), count),
    step_count: count,
    subcall_count: count,
    depth_reached: count,
    elapsed_seconds: amount,
  }),
  usage: usageSchema,
  /** How the question was answered, where that was left open: by one call, or by code; and why. */
  route: z.optional(z.object({ kind: z.enum(['direct', 'loop']), max_depth: count, reason: z.string() })),
  signals: z.record(z.string(), count),
  sandbox: sandboxReportSchema,
  highlights: z.array(z.string()),
  citations: z.array(citationSchema),
  files: z.array(z.object({ path: z.string(), line_count: count, char_count: count })),
  trace: z.array(traceEntrySchema),
  final: z.unknown(),
  metadata: z.unknown(),
  error: z.optional(z.string()),
  error_code: z.optional(z.enum(errorCodes)),
  error_fix: z.optional(z.string()),
})
export type Result = z.infer<typeof resultSchema>
