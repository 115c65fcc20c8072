// JSON that another program wrote, read without trust: a field of the wrong kind is as good as absent.

export type Fields = Record<string, unknown>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** 0 for anything that is no positive number. */
export function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Every line that is a JSON object; what else stands in the text (log lines, a line cut by a crash) is left out. */
export function objectLines(text: string): Fields[] {
  return text.split('\n').flatMap((line) => {
    if (!line.trimStart().startsWith('{')) return []
    const value = parseFields(line)
    return value ? [value] : []
  })
}

/** The JSON object of a text; undefined when it is none. */
export function parseFields(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}
