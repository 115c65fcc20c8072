// The data of the agents library, as agents-api names it.

/** `stream` is never inferred: a variable is one when whoever sets it says so. */
export type VariableType = 'text' | 'json' | 'memory' | 'result' | 'stream'

/** A variable by name: small, and as good as its value for whoever has the store. */
export interface VariableRef {
  /** Of this value: another `set` of the same key gives another one. */
  readonly id: string
  readonly key: string
  readonly scope: string
  readonly type: VariableType
  /** Bytes of the value as JSON in UTF-8. */
  readonly sizeBytes: number
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

export interface VariableMeta {
  readonly key: string
  readonly type: VariableType
  readonly scope: string
  readonly sizeBytes: number
  readonly createdAt: number
  readonly persist: boolean
}

export interface SetOptions {
  /** Default `global`. */
  readonly scope?: string
  /** Default: inferred from the value. */
  readonly type?: VariableType
  /** Whether it outlives the process; default: as the variable was, else false. */
  readonly persist?: boolean
}

export interface MemoryUsage {
  readonly currentBytes: number
  readonly maxBytes: number
  /** 0 to 100. */
  readonly percentage: number
}

export interface ParameterSpec {
  readonly type: 'string' | 'number' | 'boolean' | 'object' | 'array'
  readonly description: string
  /** Default false. */
  readonly required?: boolean
  readonly default?: unknown
}

export interface FunctionSpec {
  readonly name: string
  readonly description: string
  readonly parameters: Readonly<Record<string, ParameterSpec>>
  readonly handler: (params: Record<string, unknown>) => Promise<unknown>
}

export type MemoryType = 'working' | 'episodic' | 'semantic' | 'procedural'

export interface MemoryEntry {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly content: string
  /** A summary of older entries has `isSummary: true` and their number as `entryCount`. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

export interface KnowledgeEntry {
  readonly key: string
  readonly value: unknown
  /** Milliseconds since 1970. */
  readonly timestamp: number
}

/** How many there are of each. */
export type MemoryStats = Readonly<Record<MemoryType | 'knowledge', number>>
