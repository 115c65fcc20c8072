// Results on standard output: one clean document.

/** JSON, or YAML, which is loaded then. */
export async function printValue(value: unknown, format: 'json' | 'yaml'): Promise<void> {
  if (format === 'json') {
    process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
    return
  }
  const { stringify } = await import('yaml')
  process.stdout.write(stringify(value))
}
