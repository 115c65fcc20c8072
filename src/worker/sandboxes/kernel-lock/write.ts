// Writes the kernel lock for every machine it is made for into the folder of its argument. Run by scripts/build.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kernelLock } from './addon.ts'
import { type MachineName, machines } from './machines.ts'

const folder = process.argv[2] ?? '.'
for (const machine of Object.keys(machines) as MachineName[])
  writeFileSync(join(folder, `kernel-lock-${machine}.node`), kernelLock(machine))
