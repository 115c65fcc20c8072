// The rows of the table that exist by now. Each gives ours and the floor, in the unit of its target.
import { agentRows } from './agent-rows.mjs'
import { daemonRows } from './daemon-rows.mjs'
import { hostRows } from './host-rows.mjs'
import { javascriptRows } from './javascript-rows.mjs'
import { longLoopRows } from './long-loop.mjs'
import { programRows } from './program-rows.mjs'
import { pyodideRows } from './pyodide-rows.mjs'
import { runRows } from './run-rows.mjs'
import { sandboxRows } from './sandbox-rows.mjs'
import { storeRows } from './store-rows.mjs'

export const rows = [
  ...programRows,
  ...hostRows,
  ...longLoopRows,
  ...sandboxRows,
  ...daemonRows,
  ...javascriptRows,
  ...pyodideRows,
  ...runRows,
  ...storeRows,
  ...agentRows,
]
