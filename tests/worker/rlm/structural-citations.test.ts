import { describe, expect, it, test } from 'vitest'
import { RlmsError } from '../../../src/worker/contract/errors.ts'
import type { Occasion } from '../../../src/worker/rlm/result-builder.ts'
import type { TreeEnd } from '../../../src/worker/rlm/run-tree.ts'
import { build, citation } from '../helpers/endings.ts'

describe('citations that point at documents only', () => {
  const points = (end: Partial<TreeEnd> = {}, change: Partial<Occasion> = {}) =>
    build(end, change).citations.filter(({ signal }) => signal === 'file_reference')

  it('are added when citations are required and none verifies, and are no evidence', () => {
    const shared = {
      signal: 'file_reference',
      verified: false,
      reason: 'points at a document, is no evidence of the answer',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    }
    expect(points()).toEqual([
      { ...shared, path: 'a.md', start_line: 1, end_line: 1, snippet: '# Title' },
      { ...shared, path: 'b.py', start_line: 3, end_line: 3, snippet: 'def run():' },
    ])
  })

  it('are added behind citations that failed', () => {
    const failed = citation({ verified: false, reason: 'no document has this path' })
    const { citations } = build({ citations: [failed] })
    expect(citations[0]).toEqual(failed)
    expect(citations.length).toBe(3)
  })

  test.each<[title: string, end: Partial<TreeEnd>, change: Partial<Occasion>]>([
    ['one citation verifies', { citations: [citation({ verified: false }), citation()] }, {}],
    ['none are required', {}, { requireCitations: false }],
    ['the run failed', { error: new RlmsError('code_error', 'why') }, {}],
  ])('are not added when %s', (_title, end, change) => {
    expect(points(end, change)).toEqual([])
  })
})
