import { rlm } from '../cli/commands/rlm.ts'
import { runCommand } from '../cli/main.ts'

void runCommand('rlm', rlm)
