// Where configuration files are and how each kind is read. What a file says is checked in config-check.ts.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isSystemError, RlmsError } from '../../contract/errors.ts'
import { isFields } from '../../lib/fields.ts'
import { usage } from '../flags.ts'

export interface ConfigFile {
  /** Absolute. */
  readonly path: string
  readonly content: Record<string, unknown>
}

const endings = ['json', 'yaml', 'yml', 'js', 'mjs', 'ts']
const projectNames = [
  ...endings.map((ending) => `rlm.config.${ending}`),
  ...['', '.json', '.yaml', '.yml'].map((ending) => `.rlmrc${ending}`),
]
const userNames = endings.map((ending) => `config.${ending}`)

/** The folder of the user's own configuration. */
export function userFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'rlm')
}

/** The configuration of the nearest folder from `folder` upwards that has one. */
export function findProjectFile(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = findIn(at, projectNames) ?? packageWithSection(at)
    if (found !== undefined || at === dirname(at)) return found
  }
}

export function findUserFile(env: NodeJS.ProcessEnv): string | undefined {
  return findIn(userFolder(env), [...userNames, ...projectNames])
}

function findIn(folder: string, names: readonly string[]): string | undefined {
  const found = listNames(folder).filter((name) => names.includes(name))
  if (found.length <= 1) return found[0] && join(folder, found[0])
  throw usage(
    `${folder} has ${found.length} configuration files: ${found.sort().join(', ')}`,
    'Keep one of them, or name one with --config.',
  )
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // not there, or not ours to read
  }
}

function packageWithSection(folder: string): string | undefined {
  const path = join(folder, 'package.json')
  if (!existsSync(path)) return undefined
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isFields(content) && 'rlm' in content ? path : undefined
  } catch {
    return undefined // a broken package.json is its own tools' to tell
  }
}

/** Reads a file of any kind. Throws `invalid_config` with the place of what is wrong. */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const content = await parse(path)
  const section = path.endsWith('/package.json') && isFields(content) ? content.rlm : content
  if (isFields(section)) return { path, content: section }
  if (section === null || section === undefined) return { path, content: {} }
  throw usage(
    `${path} is no configuration: it holds no keys`,
    'Write it as `key: value`; see rlm config init.',
  )
}

async function parse(path: string): Promise<unknown> {
  const ending = extname(path)
  if (['.js', '.mjs', '.ts'].includes(ending)) return importDefault(path)
  const text = readText(path)
  if (ending === '.json') return parseJson(path, text)
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text)
  const [problem] = document.errors
  if (problem) throw usage(`${path} is no YAML: ${problem.message}`, 'Correct the file there.')
  return document.toJS() as unknown
}

export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    if (!isSystemError(error)) throw error
    const why = error.code === 'ENOENT' ? `there is no file ${path}` : `${path}: ${error.message}`
    throw usage(`the configuration cannot be read: ${why}`, 'Correct the path or its permissions.')
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw usage(`${path} is no JSON: ${(error as Error).message}`, 'Correct the file there.')
  }
}

async function importDefault(path: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(path).href)) as { default?: unknown }
    return module.default
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
      throw new RlmsError(
        'invalid_config',
        `${path}: Node.js ${process.versions.node} does not run TypeScript`,
        'Use Node.js 22.18 or newer, or write the configuration as .js, .yaml or .json.',
      )
    throw usage(`${path} cannot be run: ${message}`, 'Correct the file.')
  }
}
