import { prerequisites } from '../cli/commands/prerequisites.ts'
import { runCommand } from '../cli/main.ts'

void runCommand('superloop', prerequisites)
