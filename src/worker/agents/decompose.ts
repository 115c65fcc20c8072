// One large variable, a part for each agent, one result: map and reduce over any number of levels.
import type { MergeStrategy, Span, SpawnConfig } from './agent-types.ts'
import type { ContextStore } from './store/context-store.ts'
import type { VariableRef } from './types.ts'

export interface DecomposeOptions {
  prompt: string
  sourceRef: VariableRef
  /** How many parts, on each level. */
  chunks: number
  mergeStrategy: MergeStrategy
  model?: string
  /** Milliseconds of each agent. */
  timeout?: number
  parentId?: string
  depth?: number
  /** Where it is cut; default `lines`. */
  by?: 'lines' | 'tokens' | 'headings' | 'records'
  /** How many of these units a part shares with the one before it; default 0. */
  overlap?: number
  /** How often a part is cut again before an agent reads it; the results are merged on each level. Default 1. */
  levels?: number
}

export interface DecomposeHost {
  readonly store: ContextStore
  spawnMany(configs: SpawnConfig[], parentId?: string, depth?: number): Promise<VariableRef[]>
  merge(refs: readonly VariableRef[], strategy: MergeStrategy): Promise<VariableRef>
}

export async function decompose(options: DecomposeOptions, host: DecomposeHost): Promise<VariableRef> {
  const { levels = 1, mergeStrategy, parentId, depth = 0 } = options
  const parts = await cut(options, host.store)
  const refs =
    levels > 1
      ? await Promise.all(
          parts.map(({ ref }) => decompose({ ...options, sourceRef: ref, levels: levels - 1 }, host)),
        )
      : await host.spawnMany(
          parts.map((part) => requestFor(part, options)),
          parentId,
          depth,
        )
  return host.merge(refs, mergeStrategy)
}

interface Part {
  readonly ref: VariableRef
  readonly span: Span
}

async function cut({ sourceRef, chunks }: DecomposeOptions, store: ContextStore): Promise<Part[]> {
  const value = await store.resolve(sourceRef)
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  const lines = text.split('\n')
  const size = Math.ceil(lines.length / chunks)
  const parts: Part[] = []
  for (let at = 0; at * size < lines.length; at++) {
    const own = lines.slice(at * size, (at + 1) * size)
    const ref = await store.set(`chunk-${sourceRef.key}-${at}`, own.join('\n'), {
      type: 'text',
      scope: sourceRef.scope,
    })
    parts.push({
      ref,
      span: { key: sourceRef.key, startLine: at * size + 1, endLine: at * size + own.length },
    })
  }
  return parts
}

function requestFor({ ref, span }: Part, { prompt, model, timeout }: DecomposeOptions): SpawnConfig {
  const where = `The variable "chunk" of the manifest holds lines ${span.startLine} to ${span.endLine} of ${span.key}.`
  return {
    prompt: `${prompt}\n\n${where}`,
    context: { chunk: ref },
    span,
    ...(model === undefined ? {} : { model }),
    ...(timeout === undefined ? {} : { timeout }),
  }
}
