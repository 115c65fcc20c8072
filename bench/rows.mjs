// The rows of the table that exist by now. Each gives ours and the floor, in the unit of its target.
import { longLoopRows } from './long-loop.mjs'
import { programRows } from './program-rows.mjs'
import { runRows } from './run-rows.mjs'
import { sandboxRows } from './sandbox-rows.mjs'

export const rows = [...programRows, ...longLoopRows, ...sandboxRows, ...runRows]
