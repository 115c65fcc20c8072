// A model under a name of the configuration: a word, a command vector, or an HTTP API with where its key is.
import { isFields } from '../../lib/fields.ts'
import { nearest } from '../../lib/nearest.ts'
import { usage } from '../flags.ts'

const httpKeys = ['url', 'model', 'api', 'key_env', 'key_file', 'max_output_tokens']

/** A word, or a JSON vector. */
export function readNamedModel(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value
  if (Array.isArray(value) && value.length > 0 && value.every((entry) => typeof entry === 'string'))
    return JSON.stringify(value)
  if (isFields(value)) return readHttp(value, name)
  throw usage(
    `${name} must be a word, a list of words, or {url, model}`,
    'Write it like claude:opus, ["claude", "-p"], or {url: http://127.0.0.1:11434/v1, model: qwen3}.',
  )
}

function readHttp(fields: Record<string, unknown>, name: string): string {
  for (const key of Object.keys(fields)) {
    if (httpKeys.includes(key)) continue
    const near = nearest(key, httpKeys)
    throw usage(
      `there is no ${name}.${key}`,
      near ? `Did you mean ${near}?` : `There are ${httpKeys.join(', ')}.`,
    )
  }
  const word = (key: string): string | undefined => {
    const value = fields[key]
    if (value === undefined || typeof value === 'string') return value
    if (typeof value === 'number') return String(value)
    throw usage(`${name}.${key} must be a text`, `Correct ${name}.${key}.`)
  }
  const {
    url = '',
    model = '',
    api = 'openai',
  } = { url: word('url'), model: word('model'), api: word('api') }
  if (url === '' || model === '') throw usage(`${name} needs url and model`, `Give ${name} both.`)
  if (api !== 'openai' && api !== 'anthropic')
    throw usage(
      `${name}.api must be one of openai, anthropic, not ${JSON.stringify(api)}`,
      `Correct ${name}.api.`,
    )
  const options = ['key_env', 'key_file', 'max_output_tokens'].flatMap((key) => {
    const value = word(key)
    return value === undefined ? [] : [`--${key.replaceAll('_', '-')}`, value]
  })
  return JSON.stringify([api === 'openai' ? 'rlms:http' : 'rlms:anthropic', url, model, ...options])
}
