// Changes to a configuration file. In YAML comments and layout stay; nothing is written that would not be read again.
import { existsSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { isSystemError, RlmsError } from '../../contract/errors.ts'
import { writeFileWhole } from '../../lib/atomic-file.ts'
import { isFields } from '../../lib/fields.ts'
import { makeFolder } from '../../lib/make-folder.ts'
import { usage } from '../flags.ts'
import { checkConfig } from './config-check.ts'
import { readText, userFolder } from './config-file.ts'
import { configTemplate } from './config-template.ts'

export interface ConfigTarget {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** The user's file in place of the project's. */
  readonly user: boolean
  /** The one that is there, if any. */
  readonly file: string | undefined
}

/** Sets one key, such as `max_usd` or `profiles.ci.timeout`; the file. Throws when the file would not be valid then. */
export async function setInConfig(target: ConfigTarget, key: string, text: string): Promise<string> {
  const file = resolve(target.cwd, target.file ?? newFile(target))
  const change = changers[basename(file) === 'package.json' ? 'package.json' : extname(file)]
  if (!change)
    throw usage(
      `${file} is a program: it cannot be changed from here`,
      'Edit it, or name a YAML or JSON file with --config.',
    )
  const path = key.split('.')
  if (path.some((part) => part === ''))
    throw usage(`${key} is no key`, 'Write it like max_usd or profiles.ci.timeout.')
  const old = existsSync(file) ? readText(file) : ''
  const { text: changed, content } = await change(old, path, readValue(text)).catch((error: unknown) => {
    if (error instanceof RlmsError) throw error
    throw usage(
      `${key} cannot be set in ${file}: ${(error as Error).message}`,
      'Correct the file there, or the key.',
    )
  })
  for (const base of checkConfig({ path: file, content }).bases) {
    const path = resolve(dirname(file), base)
    if (!existsSync(path)) throw usage(`there is no file ${path} to extend`, 'Correct its name.')
  }
  write(file, old.includes('\r\n') ? changed.replace(/\r?\n/g, '\r\n') : changed)
  return file
}

/** Writes a commented file that says what can be set; the file. */
export async function initConfig(target: ConfigTarget & { readonly force: boolean }): Promise<string> {
  const file = target.file ? resolve(target.cwd, target.file) : newFile(target)
  if (existsSync(file) && !target.force)
    throw usage(
      `there is a configuration already: ${file}`,
      'Change it with rlm config set, or replace it with --force.',
    )
  if (!/\.ya?ml$/.test(file))
    throw usage(`${file} is no YAML file`, 'Only YAML is written with comments; name a .yaml file.')
  write(file, configTemplate())
  return file
}

function write(file: string, text: string): void {
  try {
    makeFolder(dirname(file))
    writeFileWhole(file, text)
  } catch (error) {
    if (!isSystemError(error)) throw error
    throw usage(
      `${file} cannot be written: ${error.message}`,
      'Correct its permissions, or name a file with --config.',
    )
  }
}

function newFile({ cwd, env, user }: ConfigTarget): string {
  return user ? join(userFolder(env), 'config.yaml') : join(cwd, 'rlm.config.yaml')
}

interface Changed {
  readonly text: string
  readonly content: Record<string, unknown>
}
type Change = (text: string, path: readonly string[], value: unknown) => Promise<Changed>

const inYaml: Change = async (text, path, value) => {
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text)
  const [problem] = document.errors
  if (problem) throw usage(`the file is no YAML: ${problem.message}`, 'Correct it first.')
  document.setIn(path, value)
  return { text: document.toString({ lineWidth: 0 }), content: document.toJS() as Record<string, unknown> }
}

const inJson: Change = async (text, path, value) => {
  const content = readObject(text)
  setIn(content, path, value)
  return { text: printJson(content, text), content }
}

const inPackage: Change = async (text, path, value) => {
  const whole = readObject(text)
  setIn(whole, ['rlm', ...path], value)
  return { text: printJson(whole, text), content: whole.rlm as Record<string, unknown> }
}

/** By the ending of the file; .rlmrc has none. */
const changers: Record<string, Change> = {
  '.yaml': inYaml,
  '.yml': inYaml,
  '.json': inJson,
  'package.json': inPackage,
  '': inYaml,
}

function readObject(text: string): Record<string, unknown> {
  const value: unknown = text.trim() === '' ? {} : JSON.parse(text)
  if (isFields(value)) return value
  throw usage('the file holds no keys', 'Correct it first.')
}

function setIn(
  target: Record<string, unknown>,
  [key = '', ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) {
    target[key] = value
    return
  }
  const below = target[key]
  const next = isFields(below) ? below : {}
  target[key] = next
  setIn(next, rest, value)
}

/** With the file's own indentation. */
function printJson(value: unknown, like: string): string {
  const indent = /\n([ \t]+)\S/.exec(like)?.[1] ?? '  '
  return `${JSON.stringify(value, null, indent)}\n`
}

/** A number, true, false, null, a list or an object where the text is one; else the text. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
