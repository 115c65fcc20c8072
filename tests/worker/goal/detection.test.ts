// Small repositories, what is found in each, and why, in full.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeGroup, detectValidator } from '../../../src/worker/goal/detection/detect.ts'
import { repoFiles } from '../../../src/worker/goal/detection/repo-files.ts'
import { fakeProgram } from '../helpers/fake-program.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { repositories } from './helpers/repositories.ts'
import type { Files } from './helpers/repository.ts'

describe('what judges a repository of', () => {
  test.each(repositories)('$title', ({ files, programs = [], groups, notes = [] }) => {
    const detection = detectIn(files, programs)
    expect(detection.groups.map(describeGroup)).toEqual(groups)
    expect(detection.notes).toEqual(notes)
  })

  test('at least thirty kinds is in this table', () => {
    expect(repositories.length).toBeGreaterThanOrEqual(30)
  })
})

function detectIn(files: Files, programs: readonly string[]) {
  const root = temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text, { mode: 0o755 })
  }
  const bin = temporaryFolder()
  const installed = ['python', 'bats'].filter((name) => !programs.includes(`-${name}`))
  const added = programs.filter((name) => !name.startsWith('-'))
  for (const name of [...installed, ...added]) fakeProgram(bin, name, ':')
  return detectValidator(root, repoFiles(root, bin))
}
