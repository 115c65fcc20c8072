// What the package holds: all that its README sends a reader to.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))

test('every file that the README links to is in the package', () => {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] }
  const links = readFileSync(join(root, 'README.md'), 'utf8').matchAll(/\]\((?!\w+:)([^)#]+)[^)]*\)/g)
  const targets = [...links].map(([, target]) => target!)
  expect(targets).toContain('docs/agents.md')
  const isPacked = (target: string) => files.some((name) => `${target}/`.startsWith(`${name}/`))
  expect(targets.filter((target) => !isPacked(target) || !existsSync(join(root, target)))).toEqual([])
})
