// Only the version is told from here: a larger bundle takes Node longer to read than the whole of this start.
import { createRequire } from 'node:module'
import { tellVersion } from '../cli/version.ts'

if (!tellVersion(process.argv.slice(2))) createRequire(`${import.meta.dirname}/`)('./rlm-commands.cjs')
