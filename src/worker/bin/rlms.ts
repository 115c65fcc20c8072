import { rlms } from '../cli/commands/rlms.ts'
import { runCommand } from '../cli/main.ts'

void runCommand('rlms', rlms)
