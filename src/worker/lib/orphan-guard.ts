// Ends process groups whose starter is gone, however it went: SIGKILL leaves it no chance to end them itself. One small
// shell waits at the end of a pipe that closes with the starter.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'

/** Begins the tag of every process that a guard of this process looks after. */
export const guardedTag = `guarded-${randomUUID()}`

/** How long groups may take to clean up before they are killed, in tenths of a second. */
const graceTenths = 10

// Told "+ PID" and "- PID"; a line "end" says that nothing is left to do. Processes that moved to a session of their own
// are found by their environment, where the system shows it.
const script = `
groups=' '
while read -r word pid; do
  case $word in
    +) groups="$groups$pid " ;;
    -) case $groups in *" $pid "*) groups="\${groups%% $pid *} \${groups#* $pid }" ;; esac ;;
    end) exit 0 ;;
  esac
done
signal() { for pid in $groups; do kill -s "$1" -- "-$pid" 2>/dev/null; done; }
any_left() { for pid in $groups; do kill -s 0 -- "-$pid" 2>/dev/null && return 0; done; return 1; }
signal TERM
left=$2
while [ "$left" -gt 0 ] && any_left; do sleep 0.1; left=$((left - 1)); done
signal KILL
for round in 1 2 3 4 5; do
  strays=$(grep -l -a -F -e "=$1" /proc/[0-9]*/environ 2>/dev/null)
  [ -n "$strays" ] || break
  for file in $strays; do pid=\${file#/proc/}; kill -s KILL "\${pid%/environ}" 2>/dev/null; done
  sleep 0.05
done`

let guard: ChildProcess | undefined
let watched = 0

/**
 * Has the groups that are started from now on, until `release` is called, ended when this process is gone. Call it
 * before the start, so that nothing can come between; then tell which group it is.
 */
export function guardGroup(): { started(pid: number): void; release(): void } {
  watched++
  guard ??= startGuard()
  let pid: number | undefined
  let held = true
  return {
    started(group) {
      pid = group
      tell(`+ ${pid}`)
    },
    release() {
      if (!held) return
      held = false
      if (pid !== undefined) tell(`- ${pid}`)
      if (--watched === 0) endGuard()
    },
  }
}

function startGuard(): ChildProcess {
  const child = spawn('/bin/sh', ['-c', script, 'guard', guardedTag, String(graceTenths)], {
    cwd: '/',
    // Without our own tag: whoever ends us by it must leave the guard to its work.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  child.on('error', () => {}) // no shell: what exit handlers do must be enough
  child.stdin?.on('error', () => {})
  child.unref()
  const input = child.stdin as Socket | null
  input?.unref()
  return child
}

function tell(line: string): void {
  guard?.stdin?.write(`${line}\n`)
}

function endGuard(): void {
  guard?.stdin?.end('end\n')
  guard = undefined
}
