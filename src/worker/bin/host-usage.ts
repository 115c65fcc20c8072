import { hostUsage } from '../cli/commands/host-usage.ts'
import { runCommand } from '../cli/main.ts'

void runCommand('superloop', hostUsage)
