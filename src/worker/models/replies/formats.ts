// The formats that are recognised, by what was printed. Adding one: a file and a line here.
import { claudeReply } from './claude.ts'
import { codexReply } from './codex.ts'
import { geminiReply } from './gemini.ts'
import { opencodeReply } from './opencode.ts'
import { type ParsedReply, type ReplyDetails, type ReplyFormat, readObjects } from './reply.ts'

const formats: readonly ReplyFormat[] = [claudeReply, codexReply, opencodeReply, geminiReply]

/** Output of no known format is plain text. */
export function parseReply(output: string): ParsedReply & { readonly format: string } {
  const objects = readObjects(output)
  const format = formats.find((candidate) => candidate.matches(objects))
  if (format) return { ...format.parse(objects), format: format.name }
  return { text: output, usage: null, error: null, format: 'text' }
}

export function readDetails(output: string): ReplyDetails {
  const objects = readObjects(output)
  const format = formats.find((candidate) => candidate.matches(objects))
  return format?.details(objects) ?? { session: null, models: [] }
}
