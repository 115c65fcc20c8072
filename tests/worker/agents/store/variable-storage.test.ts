import { expect, test } from 'vitest'
import { VariableStorage } from '../../../../src/worker/agents/store/variable-storage.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { openStore } from '../helpers/open-store.ts'

test('a large value that another process replaces while it is looked for is read as it is now, or is gone', async () => {
  const folder = temporaryFolder()
  const other = await openStore(folder)
  for (const key of ['replaced', 'deleted']) await other.set(key, key.repeat(100_000), { persist: true })
  const storage = new VariableStorage(folder, () => {})
  storage.open()
  await other.set('replaced', 'new', { persist: true })
  await other.delete('deleted')
  expect(storage.read('replaced')).toBe('"new"')
  expect(storage.read('deleted')).toBeUndefined()
  storage.close()
})
