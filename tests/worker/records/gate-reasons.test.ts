// What the report tells of a gate that does not hold.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readGateReasons } from '../../../src/worker/records/gate-reasons.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

test.each([
  ['tests', 'test-output.txt', '$ make test\nexit_code: 1\n', '$ make test\nexit_code: 1'],
  ['checklist', 'checklist-remaining.md', 'a.md:1:- [ ] b\n', 'a.md:1:- [ ] b'],
  [
    'prerequisites',
    'prerequisites-status.json',
    '{"failed":[{"id":"plan","reason":"file_not_found"},{"id":null,"reason":"no_checks"},7]}',
    'plan: file_not_found\nno_checks\n',
  ],
  [
    'evidence',
    'evidence.json',
    '{"artifacts":[{"path":"a","exists":true},{"path":"b/*.tar","exists":false}]}',
    'b/*.tar: missing',
  ],
  [
    'approval',
    'approval.json',
    '{"status":"pending","requested_at":"2026-01-02T03:04:05Z"}',
    'requested at 2026-01-02T03:04:05Z, nobody has answered',
  ],
  [
    'approval',
    'approval.json',
    '{"status":"rejected","requested_at":"2026-01-02T03:04:05Z","decided_by":"ada"}',
    'requested at 2026-01-02T03:04:05Z, rejected by ada',
  ],
  ['evidence', 'evidence.json', '{"artifacts":[{"path"', ''],
  ['prerequisites', 'prerequisites-status.json', '{}', ''],
  [
    'promise',
    'run-summary.json',
    '{"entries":[{"promise":{"expected":"DONE"}},{"promise":{"expected":"DONE","text":"NOT YET"}}]}',
    'expected <promise>DONE</promise>, the reviewer gave NOT YET',
  ],
  [
    'promise',
    'run-summary.json',
    '{"entries":[{"promise":{"expected":"DONE","text":""}}]}',
    'expected <promise>DONE</promise>, the reviewer gave none',
  ],
  ['promise', 'run-summary.json', '{"entries":[]}', ''],
  ['stuck', 'stuck.json', 'unknown', ''],
])('the gate %s tells what stands in %s: %j', (gate, file, text, reasons) => {
  const folder = temporaryFolder()
  expect(readGateReasons(gate, folder)).toBe('')
  writeFileSync(join(folder, file), text)
  expect(readGateReasons(gate, folder)).toBe(reasons)
})
