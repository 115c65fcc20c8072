// Where the build has put the runners of the sandboxes.
import { resolve } from 'node:path'

const dist = resolve(import.meta.dirname, '../../../../dist')
export const builtFolder = resolve(dist, 'javascript')
export const builtPyodide = resolve(dist, 'pyodide')
