// What a goal's symbolic turns read instead of the repository.
import { rmSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { OpenRun } from '../../goal/open-run.ts'
import type { RunPaths } from '../../goal/run-folder.ts'
import type { SourceFile } from '../../rlm/pack.ts'
import { listSources } from '../../runs/context-list.ts'
import { expandContexts, saveStandardInput } from '../context-paths.ts'

/** The contexts as every turn finds them, also one that is resumed from elsewhere. */
export function contextsFrom(folder: string, contexts: readonly string[]): string[] {
  return contexts.map((context) => (context === '-' || isAbsolute(context) ? context : join(folder, context)))
}

export function readGoalContexts(
  paths: RunPaths,
  contexts: readonly string[],
  root: string,
): readonly SourceFile[] {
  return listSources(expandContexts(contexts, stdinFile(paths)), root).sources
}

/** Takes standard input into a run that begins. Throws what is wrong with its contexts; the run leaves nothing then. */
export async function takeContexts({ record, close }: OpenRun, signal: AbortSignal): Promise<void> {
  const { paths, state } = record
  const { contexts } = state.goal
  try {
    if (contexts.includes('-')) await saveStandardInput(stdinFile(paths), signal)
    expandContexts(contexts, stdinFile(paths))
  } catch (error) {
    rmSync(paths.folder, { recursive: true, force: true })
    close()
    throw error
  }
}

function stdinFile({ folder }: RunPaths): string {
  return join(folder, 'stdin.txt')
}
