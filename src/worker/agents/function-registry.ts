import type { FunctionSpec, ParameterSpec } from './types.ts'

/** Functions that agents may call by name. */
export class FunctionRegistry {
  readonly #functions = new Map<string, FunctionSpec>()

  /** Throws `Function already registered: <n>`, and a TypeError when a default is not of its parameter's type. */
  register(spec: FunctionSpec): void {
    const { name, parameters } = spec
    if (this.#functions.has(name)) throw new Error(`Function already registered: ${name}`)
    for (const [parameter, { type, default: value }] of Object.entries(parameters))
      if (value !== undefined) checkType(name, parameter, type, value)
    this.#functions.set(name, spec)
  }

  /** False when there was none of that name. */
  unregister(name: string): boolean {
    return this.#functions.delete(name)
  }

  get(name: string): FunctionSpec | undefined {
    return this.#functions.get(name)
  }

  /** In the order of registration. */
  list(): FunctionSpec[] {
    return [...this.#functions.values()]
  }

  has(name: string): boolean {
    return this.#functions.has(name)
  }

  clear(): void {
    this.#functions.clear()
  }

  /**
   * Calls a function with its parameters checked and its defaults filled in; parameters that it does not declare are
   * passed on. Rejects with `Function not found: <n>`, `Missing required parameter: <p> for function <n>`, a TypeError
   * `Invalid type of parameter: <p> for function <n>: expected <type>, got <type>`, or what the function rejects with.
   */
  async execute(name: string, params: Record<string, unknown> = {}): Promise<unknown> {
    const spec = this.#functions.get(name)
    if (!spec) throw new Error(`Function not found: ${name}`)
    const complete = { ...params }
    for (const [parameter, declared] of Object.entries(spec.parameters)) {
      const value = valueFor(name, parameter, declared, params)
      if (value !== undefined) complete[parameter] = value
    }
    return spec.handler(complete)
  }
}

function valueFor(
  name: string,
  parameter: string,
  { type, required, default: preset }: ParameterSpec,
  params: Record<string, unknown>,
): unknown {
  const given = Object.hasOwn(params, parameter) ? params[parameter] : undefined
  if (given !== undefined) {
    checkType(name, parameter, type, given)
    return given
  }
  if (preset !== undefined) return structuredClone(preset) // a handler may change what it is given
  if (required) throw new Error(`Missing required parameter: ${parameter} for function ${name}`)
  return undefined
}

function checkType(name: string, parameter: string, expected: ParameterSpec['type'], value: unknown): void {
  const got = typeOf(value)
  if (got === expected) return
  throw new TypeError(
    `Invalid type of parameter: ${parameter} for function ${name}: expected ${expected}, got ${got}`,
  )
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
