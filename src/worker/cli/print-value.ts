// Results on standard output: one clean document.

/** JSON, or YAML, which is loaded then. */
export async function printValue(value: unknown, format: 'json' | 'yaml'): Promise<void> {
  if (format === 'json') {
    process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
    return
  }
  const { stringify } = await import('yaml')
  // readers of YAML 1.1 take `no` and a bare time for something else than a text
  process.stdout.write(stringify(value, { compat: 'yaml-1.1' }))
}
