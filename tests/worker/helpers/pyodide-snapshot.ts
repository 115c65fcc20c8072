// Before any test: Pyodide's snapshot is made, so that no test's time goes by with it.
import { findPyodide } from '../../../src/worker/sandboxes/pyodide.ts'
import { keepSnapshot } from '../../../src/worker/sandboxes/pyodide-snapshot.ts'
import { builtPyodide } from '../sandboxes/helpers/built.ts'

export async function setup(): Promise<void> {
  await keepSnapshot(builtPyodide, findPyodide()!)
}
