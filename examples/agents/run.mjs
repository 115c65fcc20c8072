// One task, one call. Without `provider` it is Claude Code that runs.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chdir } from 'node:process'
import { run } from 'superloop-rlms'

const folder = mkdtempSync(join(tmpdir(), 'run-'))
chdir(folder) // what is kept lies in .rlm-data
writeFileSync('notes.md', '# Notes\n')

const provider = { execute: async ({ prompt }) => ({ result: prompt.split('\n')[0].toUpperCase() }) }
const { result, tokenUsage } = await run('what is in the notes?', { contextFiles: ['notes.md'], provider })
console.log(result, tokenUsage.totalTokens)

chdir(tmpdir())
rmSync(folder, { recursive: true })
