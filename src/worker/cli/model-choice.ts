// A model as a person names it: a preset, an API, a vector, a program, or a name of the configuration.

import { findProgram } from '../lib/find-program.ts'
import { nearest } from '../lib/nearest.ts'
import type { ModelChoice } from '../models/create-model.ts'
import { readStringArray, usage } from './flags.ts'

export const presetNames = ['claude', 'codex', 'opencode', 'gemini'] as const

/** What stands before the colon of `anthropic:NAME`. */
const apis: Record<string, (model: string, env: NodeJS.ProcessEnv) => string[]> = {
  anthropic: (model, env) => ['rlms:anthropic', env.ANTHROPIC_BASE_URL || 'https://api.anthropic.com', model],
  openai: (model, env) => ['rlms:http', env.OPENAI_BASE_URL || 'https://api.openai.com/v1', model],
  ollama: (model, env) => ['rlms:http', `${ollamaHost(env)}/v1`, model],
  http: (rest) => urlAndModel(`http:${rest}`),
  https: (rest) => urlAndModel(`https:${rest}`),
}

export interface ModelWords {
  /** Models of the configuration, by name. */
  readonly named: Readonly<Record<string, string>>
  readonly env: NodeJS.ProcessEnv
}

/** The vector that a word stands for. Throws `invalid_config` with the nearest word that is known. */
export function chooseModel(word: string, words: ModelWords, name = '--model'): ModelChoice {
  return { argv: vectorOf(word, words, name, []), promptMode: 'stdin', model: null }
}

/** The first agent program that is installed; undefined when there is none. */
export function findAgentProgram(env: NodeJS.ProcessEnv): string | undefined {
  return presetNames.find((name) => findProgram(name, '/', env.PATH))
}

function vectorOf(word: string, words: ModelWords, name: string, seen: readonly string[]): readonly string[] {
  const { named, env } = words
  if (word.trimStart().startsWith('[')) return readVector(name, word)
  const own = Object.hasOwn(named, word) && !seen.includes(word) ? named[word] : undefined
  if (own !== undefined) return vectorOf(own, words, `models.${word}`, [...seen, word])
  const [, kind = word, rest = ''] = /^([a-z]+):(.+)$/s.exec(word) ?? []
  if (kind === 'offline' && rest === '') return ['rlms:offline']
  if (isPreset(kind)) return [`rlms:${kind}`, ...(rest === '' ? [] : ['--model', rest])]
  const api = rest === '' || !Object.hasOwn(apis, kind) ? undefined : apis[kind]
  if (api) return api(rest, env)
  if (word.startsWith('rlms:') || findProgram(word, process.cwd(), env.PATH)) return [word]
  throw unknownModel(word, Object.keys(named), name)
}

function readVector(name: string, text: string): readonly string[] {
  const vector = readStringArray(name, text)
  if (vector[0]) return vector
  throw usage(`${name} names no program: ${text}`, `Write it like '["claude","-p"]'.`)
}

function unknownModel(word: string, named: readonly string[], name: string): Error {
  const known = [...presetNames, 'offline', ...named].filter((name) => name !== word)
  const kinds = word.includes(':') ? Object.keys(apis) : []
  const near = nearest(word.split(':')[0] ?? word, [...known, ...kinds])
  const rest = word.includes(':') ? word.slice(word.indexOf(':')) : ''
  const fix = near
    ? `Did you mean ${near}${rest}?`
    : `Name one of ${known.join(', ')}, an API (anthropic:NAME, openai:NAME, ollama:NAME, URL#NAME), or a program.`
  return usage(`${name}: there is no model or program ${JSON.stringify(word)}`, fix)
}

function isPreset(word: string): boolean {
  return (presetNames as readonly string[]).includes(word)
}

function urlAndModel(text: string): string[] {
  const [, url, model] = /^(.*)#(.+)$/s.exec(text) ?? []
  if (url && model) return ['rlms:http', url, model]
  throw usage(`${text} names no model`, 'Put it behind a #: http://127.0.0.1:11434/v1#qwen3')
}

function ollamaHost({ OLLAMA_HOST: host }: NodeJS.ProcessEnv): string {
  if (!host) return 'http://127.0.0.1:11434'
  return host.startsWith('http') ? host.replace(/\/+$/, '') : `http://${host}`
}
