// The open tasks of a TODO.md, one agent after the other.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DevSession, parseTodoMd } from 'superloop-rlms'

const projectDir = mkdtempSync(join(tmpdir(), 'dev-'))
writeFileSync(
  join(projectDir, 'TODO.md'),
  '# Parser\n- [x] Read files\n- [ ] **Keep comments**: they are lost\n- [ ] Count lines\n',
)
console.log(parseTodoMd(readFileSync(join(projectDir, 'TODO.md'), 'utf8')).map(({ title }) => title))

let attempts = 0
const provider = {
  async execute({ prompt }) {
    if (prompt.includes('Count lines') && attempts++ === 0) throw new Error('the tests fail')
    return { result: 'done', costUsd: 0.1 }
  },
}
const session = new DevSession({ projectDir, onFailure: 'retry', providerFactory: () => provider })
const { tasks, completed } = await session.run()
console.log(
  completed,
  tasks.map(({ status, attempts: count }) => `${status} at attempt ${count}`),
)
console.log(readFileSync(join(projectDir, 'TODO.md'), 'utf8').match(/\[x\]/g).length)

rmSync(projectDir, { recursive: true })
