// How figures are taken: medians of at least 15 runs after a warm-up; whole processes by Bash's own accounting, which
// counts the children's CPU as well.
import { spawnSync } from 'node:child_process'

export const runs = 15

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/** Milliseconds of wall clock and CPU (user + system, children included) of a command that ends with `status`, medians. */
export function timeCommand(argv, { count = runs, env = {}, before = () => {}, status = 0 } = {}) {
  const samples = []
  for (let at = 0; at <= count; at++) {
    before()
    const sample = timeOnce(argv, env, status)
    if (at > 0) samples.push(sample)
  }
  return { wall: median(samples.map(({ wall }) => wall)), cpu: median(samples.map(({ cpu }) => cpu)) }
}

function timeOnce(argv, env, status) {
  const script = `TIMEFORMAT='%R %U %S'; time "$@" </dev/null >/dev/null 2>&1; exit $?`
  const done = spawnSync('bash', ['-c', `{ ${script}; } 2>&1`, 'bench', ...argv], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  if (done.status !== status) throw new Error(`${argv.join(' ')} ended with status ${done.status}`)
  const [wall, user, system] = done.stdout.trim().split('\n').at(-1).split(' ').map(Number)
  return { wall: wall * 1000, cpu: (user + system) * 1000 }
}

/** Milliseconds of an asynchronous action, one sample a run. */
export async function timeAction(action, { count = runs, warmUp = 1 } = {}) {
  const samples = []
  for (let at = -warmUp; at < count; at++) {
    const started = performance.now()
    await action(at)
    if (at >= 0) samples.push(performance.now() - started)
  }
  return samples
}
