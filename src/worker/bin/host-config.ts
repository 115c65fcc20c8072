import { hostConfig } from '../cli/commands/host-config.ts'
import { runCommand } from '../cli/main.ts'

void runCommand('superloop', hostConfig)
