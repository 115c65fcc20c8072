// Documents of a run, packed into a real file.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Document, type Documents, openDocuments } from '../../../src/worker/rlm/documents.ts'
import { packParts } from '../../../src/worker/rlm/pack.ts'
import { temporaryFolder } from './temporary-folder.ts'

export type Contents = Record<string, string | Buffer>

/** The documents of these names and contents; closed when the current test is over. */
export function openSnapshot(contents: Contents): Documents {
  const documents = packContents(contents, join(temporaryFolder(), 'documents.pack'))
  onTestFinished(() => documents.close())
  return documents
}

/** Calls `use` with the documents and closes them: for properties, which need hundreds of snapshots. */
export function withSnapshot<T>(folder: string, contents: Contents, use: (documents: Documents) => T): T {
  const packFile = join(folder, 'documents.pack')
  const documents = packContents(contents, packFile)
  try {
    return use(documents)
  } finally {
    documents.close()
    rmSync(packFile)
  }
}

/** The document of this name, which must be there. */
export function document(documents: Documents, name: string): Document {
  const found = documents.find(name)
  if (!found) throw new Error(`the snapshot has no ${name}`)
  return found
}

function packContents(contents: Contents, packFile: string): Documents {
  const parts = Object.entries(contents).map(([name, content]) => ({
    base: { name, source: name, firstLine: 1 },
    bytes: Buffer.from(content),
  }))
  return openDocuments(packFile, packParts(parts, packFile))
}
