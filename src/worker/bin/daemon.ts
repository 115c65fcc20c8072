import { serveDaemon } from '../cli/commands/serve-daemon.ts'
import { runCommand } from '../cli/main.ts'

void runCommand('rlm daemon', serveDaemon)
