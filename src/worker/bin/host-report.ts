import { hostReport } from '../cli/commands/host-report.ts'
import { runCommand } from '../cli/main.ts'

void runCommand('superloop', hostReport)
