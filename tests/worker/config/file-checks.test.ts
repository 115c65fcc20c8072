import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configLab } from '../helpers/config-lab.ts'

test('a spec that is blank is a warning', async () => {
  const lab = configLab()
  lab.file('spec.md', ' \n\n')
  expect(await lab.findings(() => {})).toEqual([
    'warning loops[0].spec_file SPEC_FILE_BLANK: spec.md is blank',
  ])
})

test('a spec that is a folder or a broken link is missing', async () => {
  const lab = configLab()
  symlinkSync('nowhere', join(lab.repo, 'link.md'))
  for (const path of ['.git', 'link.md', 'spec.md/x'])
    expect(
      await lab.findings((_, loop) => {
        loop.spec_file = path
      }),
    ).toEqual([`error loops[0].spec_file SPEC_FILE_MISSING: there is no file ${path}`])
})

test('checklists, artifacts and context globs that match nothing are named, each with its place', async () => {
  const lab = configLab()
  lab.file('docs/list.md')
  const found = await lab.findings((_, loop) => {
    loop.checklists = ['docs/*.md', 'none.md', '']
    loop.evidence = { enabled: true, artifacts: ['docs/**', 'dist/*.js', ' '] }
    loop.rlms = {
      enabled: true,
      models: { root: { command: ['rlms:offline'] } },
      context: { include: ['**/*.md', '**/*.rs'], exclude: ['**/*.lock'] },
    }
  })
  expect(found).toEqual([
    'warning loops[0].checklists[1] GLOB_MATCHES_NOTHING: "none.md" matches no file now',
    'error loops[0].checklists[2] CHECKLISTS_CONFIG_INVALID: the glob is blank',
    'warning loops[0].evidence.artifacts[1] GLOB_MATCHES_NOTHING: "dist/*.js" matches no file now',
    'error loops[0].evidence.artifacts[2] EVIDENCE_CONFIG_INVALID: the glob is blank',
    'warning loops[0].rlms.context.include[1] GLOB_MATCHES_NOTHING: "**/*.rs" matches no file now',
  ])
})

test('what is off is not looked for, nor what the loop itself makes', async () => {
  const found = await configLab().findings((_, loop) => {
    loop.checklists = ['.superloop/loops/work/tasks/PHASE_1.MD', './.superloop/loops/*/tasks/*.MD']
    loop.evidence = { artifacts: ['none'] }
    loop.rlms = { context: { include: ['none'] } }
  })
  expect(found).toEqual([])
})

test("a prerequisite's file that is not there now is a warning", async () => {
  const lab = configLab()
  const check = (path: string) => ({ type: 'file_nonempty', path })
  const checks = ['spec.md', 'none.md', '.superloop/loops/work/plan.md', `${lab.repo}/spec.md`].map(check)
  const prerequisites = (enabled: boolean) =>
    lab.findings((_, loop) => {
      loop.prerequisites = { enabled, checks }
    })
  expect(await prerequisites(true)).toEqual([
    'warning loops[0].prerequisites.checks[1].path PREREQUISITES_CONFIG_INVALID: there is no file none.md now',
  ])
  expect(await prerequisites(false)).toEqual([])
})

test('where a repository has templates of its own, those that are missing or blank are told', async () => {
  const lab = configLab()
  for (const role of ['planner', 'tester']) lab.file(`.superloop/roles/${role}.md`)
  lab.file('.superloop/roles/implementer.md', '\n')
  const found = await lab.findings((_, loop) => {
    loop.roles = ['planner', 'implementer', 'reviewer']
  })
  expect(found).toEqual([
    'warning loops[0].roles.implementer ROLE_TEMPLATE_BLANK: .superloop/roles/implementer.md is blank: the implementer is not told what to do',
    'warning loops[0].roles.reviewer ROLE_TEMPLATE_MISSING: there is no .superloop/roles/reviewer.md: the reviewer gets the built-in template',
  ])
})
