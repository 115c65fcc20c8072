// Files that the configuration names: what is missing is told before a gate fails for it, or an agent goes without it.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Finding, problem } from './findings.ts'
import { isFile, matchesAnyFile } from './globs.ts'
import { type Loop, loopRoles, roleNames } from './host-config.ts'

interface Files {
  readonly checklists: readonly string[]
  readonly evidence: { readonly enabled: boolean; readonly artifacts: readonly string[] }
  readonly prerequisites: { readonly enabled: boolean; readonly checks: readonly { readonly path: string }[] }
  readonly rlms: { readonly enabled: boolean; readonly context: { readonly include: readonly string[] } }
}

export function checkFiles(loop: Loop, place: string, repo: string): Finding[] {
  const { checklists, evidence, prerequisites, rlms } = loop as unknown as Files
  return [
    ...checkSpec(loop, `${place}.spec_file`, repo),
    ...checkRoleTemplates(loop, place, repo),
    ...checkGlobs(checklists, `${place}.checklists`, 'CHECKLISTS_CONFIG_INVALID', repo),
    ...(evidence.enabled
      ? checkGlobs(evidence.artifacts, `${place}.evidence.artifacts`, 'EVIDENCE_CONFIG_INVALID', repo)
      : []),
    ...(prerequisites.enabled
      ? checkPrerequisites(prerequisites.checks, `${place}.prerequisites`, repo)
      : []),
    ...(rlms.enabled
      ? checkGlobs(rlms.context.include, `${place}.rlms.context.include`, 'RLMS_CONFIG_INVALID', repo)
      : []),
  ]
}

function checkSpec(loop: Loop, place: string, repo: string): Finding[] {
  const path = resolve(repo, loop.spec_file)
  const fix = 'Write the spec, or correct the path.'
  if (!isFile(path))
    return [problem('error', 'SPEC_FILE_MISSING', place, `there is no file ${loop.spec_file}`, fix)]
  const text = readText(path).trim()
  if (text === '') return [problem('warning', 'SPEC_FILE_BLANK', place, `${loop.spec_file} is blank`, fix)]
  if (!text.startsWith(templateTitle)) return []
  const message = `${loop.spec_file} is still the template that init wrote: it says nothing of what is wanted`
  return [problem('warning', 'SPEC_FILE_TEMPLATE', place, message, 'Write what is wanted, its title first.')]
}

/** The first line of src/templates/spec.md. */
const templateTitle = '# Feature: name it\n'

/** A repository without templates of its own uses the built-in ones; one that has some probably means to have all. */
function checkRoleTemplates(loop: Loop, place: string, repo: string): Finding[] {
  const folder = '.superloop/roles'
  const missing = (role: string) => !existsSync(join(repo, folder, `${role}.md`))
  if (roleNames.every(missing)) return []
  return loopRoles(loop).flatMap((role) => {
    const path = `${folder}/${role}.md`
    if (missing(role)) {
      const message = `there is no ${path}: the ${role} gets the built-in template`
      const fix = 'Write it, or run superloop.sh init, which adds what is missing.'
      return [problem('warning', 'ROLE_TEMPLATE_MISSING', `${place}.roles.${role}`, message, fix)]
    }
    if (isFile(join(repo, path)) && !isBlank(join(repo, path))) return []
    const message = `${path} is blank: the ${role} is not told what to do`
    const fix = 'Write it, or remove it: then the built-in template is used.'
    return [problem('warning', 'ROLE_TEMPLATE_BLANK', `${place}.roles.${role}`, message, fix)]
  })
}

function checkGlobs(globs: readonly string[], place: string, code: string, repo: string): Finding[] {
  return globs.flatMap((glob, at) => {
    const here = `${place}[${at}]`
    if (glob.trim() === '')
      return [problem('error', code, here, 'the glob is blank', 'Name files, or remove it.')]
    if (isMadeByTheLoop(glob) || matchesAnyFile(repo, glob) || matchesAnyFile(repo, `${glob}/**`)) return []
    const message = `${JSON.stringify(glob)} matches no file now`
    const fix = 'Correct it; nothing is to be done when a role makes the file.'
    return [problem('warning', 'GLOB_MATCHES_NOTHING', here, message, fix)]
  })
}

function checkPrerequisites(
  checks: Files['prerequisites']['checks'],
  place: string,
  repo: string,
): Finding[] {
  return checks.flatMap(({ path }, at) => {
    if (path.trim() === '' || isMadeByTheLoop(path) || isFile(resolve(repo, path))) return []
    const message = `there is no file ${path} now`
    const fix = 'Correct the path; nothing is to be done when a role makes the file.'
    return [problem('warning', 'PREREQUISITES_CONFIG_INVALID', `${place}.checks[${at}].path`, message, fix)]
  })
}

function isMadeByTheLoop(glob: string): boolean {
  return /^(\.\/)?\.superloop\/loops\//.test(glob)
}

function isBlank(path: string): boolean {
  return readText(path).trim() === ''
}

/** Of a file that is there; who runs with it says why it can't be read. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return 'unreadable'
  }
}
