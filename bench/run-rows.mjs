// Runs of the rlm command: batches of sub-calls, child runs in processes of their own.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median, runs } from './measure.mjs'
import { parts, root, scratch, writeLog } from './surroundings.mjs'

const delayMs = 100

export const runRows = [
  {
    name: '50 sub-calls x 100 ms, one batch',
    unit: 'ms',
    target: 115,
    floorIs: 'one call of 100 ms',
    measure: () => ({ ours: timeStep('sub_rlm_batch(["q"] * 50)', 50), floor: delayMs }),
  },
  {
    name: '500 sub-calls x 100 ms, concurrency 64',
    unit: 'ms',
    target: 950,
    floorIs: 'eight rounds of 100 ms',
    measure: () => ({
      ours: timeStep('sub_rlm_batch(["q"] * 500)', 64),
      floor: Math.ceil(500 / 64) * delayMs,
    }),
  },
  {
    name: '50 child runs x 100 ms, each an isolated process',
    unit: 'ms',
    target: 800,
    floorIs: 'one call of 100 ms and 50 x python3 -I -S, four at a time',
    measure: () => ({ ours: timeChildRuns(), floor: delayMs + timeStarts(50) }),
  },
  {
    name: '50 child runs x 100 ms, each a worker of the daemon',
    unit: 'ms',
    target: 800,
    floorIs: 'one call of 100 ms',
    measure: () => ({ ours: withDaemon(timeChildRuns), floor: delayMs }),
  },
]

const timeChildRuns = () => timeStep('sub_rlm_batch(["q"] * 50, depth=2)', 50)

/** Milliseconds of the step that runs `code`, host functions included; the median of several runs. */
function timeStep(code, concurrency) {
  const log = writeLog('small.log', 10_000)
  const rootScript = writeReplies('batch.json', {
    root: [`\`\`\`python\nanswers = ${code}\n\`\`\``, '```python\nset_final(len(answers))\n```'],
  })
  const subScript = writeReplies('slow.json', {
    root: [{ reply: '```python\nset_final(1)\n```', delay_ms: delayMs }],
    sub: [{ reply: 'x', delay_ms: delayMs }],
  })
  const samples = []
  for (let at = 0; at <= runs; at++) {
    const out = join(scratch, 'out-run')
    rmSync(out, { recursive: true, force: true })
    const argv = [
      'run',
      'q',
      '--context',
      log,
      '--model',
      scripted(rootScript),
      '--sub-model',
      scripted(subScript),
    ]
    const limits = [
      '--max-depth',
      '2',
      '--max-subcalls',
      '1000',
      '--max-steps',
      '200',
      '--quiet',
      '--out',
      out,
    ]
    rlm(...argv, ...limits, '--concurrency', String(concurrency))
    const { trace } = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))
    const step = trace.find(({ run, step }) => run === 'r' && step === 1)
    if (at > 0) samples.push(step.duration_ms)
  }
  return median(samples)
}

function withDaemon(measure) {
  rlm('daemon', 'start')
  try {
    return measure()
  } finally {
    rlm('daemon', 'stop')
  }
}

function rlm(...argv) {
  const env = { ...process.env, XDG_STATE_HOME: join(scratch, 'state') }
  const done = spawnSync(join(root, 'dist', 'rlm.cjs'), argv, { encoding: 'utf8', env })
  if (done.status !== 0) throw new Error(`rlm ${argv[0]} ended with status ${done.status}: ${done.stderr}`)
}

function timeStarts(count) {
  const script = `seq ${count} | xargs -P 4 -I{} ${parts.findPython().path} -I -S -c 0`
  const samples = Array.from({ length: 5 }, () => {
    const started = performance.now()
    spawnSync('sh', ['-c', script])
    return performance.now() - started
  })
  return median(samples)
}

function scripted(file) {
  return JSON.stringify(['rlms:scripted', file])
}

function writeReplies(name, replies) {
  const path = join(scratch, name)
  writeFileSync(path, JSON.stringify(replies))
  return path
}
