// Sections of Superloop that are accepted and do nothing here; the schema marks them.
import schema from '../../../schema/config.schema.json' with { type: 'json' }
import { type Finding, problem } from './findings.ts'
import type { CheckedConfig } from './host-config.ts'

export function sectionsNotActedOn({ config, isBroken }: CheckedConfig): Finding[] {
  if (config === null) return []
  const { properties } = schema
  return [
    ...marked(config, '', properties),
    ...config.loops.flatMap((loop, at) =>
      isBroken(`/loops/${at}`) ? [] : marked(loop, `loops[${at}].`, properties.loops.items.properties),
    ),
  ]
}

function marked(settings: object, prefix: string, known: Readonly<Record<string, object>>): Finding[] {
  return Object.keys(settings)
    .filter((name) => Object.hasOwn(known, name) && Object.hasOwn(known[name]!, 'x-not-acted-on'))
    .filter((name) => isOn((settings as Record<string, unknown>)[name]))
    .map((name) =>
      problem(
        'warning',
        'NOT_ACTED_ON',
        `${prefix}${name}`,
        'this section is accepted, but not acted on',
        'Remove it, or know that it does nothing here.',
      ),
    )
}

function isOn(section: unknown): boolean {
  return (section as { enabled?: boolean } | null)?.enabled !== false
}
