// rlm goal status, list: how the runs of a repository stand.
import { setTimeout as sleep } from 'node:timers/promises'
import { findRun, listRuns, readManifest, type Standing, standingOf } from '../../goal/registry.ts'
import { findRepository } from '../../goal/repository.ts'
import type { RunPaths } from '../../goal/run-folder.ts'
import type { Manifest } from '../../goal/run-state.ts'
import { readGoalFlags } from '../goal/flags.ts'

const pollMs = 500

/** With --watch it tells each change, and ends when the run does. */
export async function showGoal(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = readGoalFlags(argv, { run: 'text', watch: 'switch', json: 'switch' }, 1)
  const { root } = await findRepository(process.cwd(), signal)
  const paths = findRun(root, typeof values.run === 'string' ? values.run : positionals[0])
  for (let told = ''; ; await sleep(pollMs, undefined, { signal })) {
    const manifest = readManifest(paths)
    const standing = standingOf(paths, manifest)
    const text = values.json
      ? JSON.stringify(asJson(paths, manifest, standing))
      : describe(manifest, standing)
    // Heartbeats alone are no news.
    const news = describe(manifest, standing)
    if (news !== told) process.stdout.write(`${text}\n`)
    told = news
    if (!values.watch || (standing !== 'running' && standing !== 'stale')) return 0
  }
}

export async function listGoals(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values } = readGoalFlags(argv, { json: 'switch' }, 0)
  const { root } = await findRepository(process.cwd(), signal)
  for (const paths of listRuns(root)) process.stdout.write(`${listed(paths, values.json === true)}\n`)
  return 0
}

/** A run whose manifest is cut is told, and does not hide the others. */
function listed(paths: RunPaths, json: boolean): string {
  try {
    const manifest = readManifest(paths)
    const standing = standingOf(paths, manifest)
    if (json) return JSON.stringify(asJson(paths, manifest, standing))
    return `${paths.id}  ${standing.replaceAll('_', ' ').padEnd(18)}  ${manifest.task}  ${oneLine(manifest.goal)}`
  } catch (error) {
    const { message } = error as Error
    return json ? JSON.stringify({ run_id: paths.id, error: message }) : `${paths.id}  ${message}`
  }
}

function describe(manifest: Manifest, standing: Standing): string {
  const last = manifest.iterations.at(-1)
  const about = {
    running: `working, pid ${manifest.pid}`,
    stale: `pid ${manifest.pid} is there and was last heard of at ${manifest.heartbeat_at}`,
    dead: `pid ${manifest.pid} ended without a last word; go on with rlm goal resume --run ${manifest.run_id}`,
  }
  const detail = Object.hasOwn(about, standing)
    ? about[standing as keyof typeof about]
    : (manifest.reason ?? '')
  return [
    `run ${manifest.run_id}: ${standing.replaceAll('_', ' ')} (${oneLine(detail)})`,
    `  goal: ${oneLine(manifest.goal)}`,
    `  validator: ${manifest.validator ?? 'none'}`,
    ...(last
      ? [
          `  iteration ${last.iteration}: ${last.verdict.replaceAll('_', ' ')}, ${oneLine(`${last.reason}  ${last.summary}`)}`,
        ]
      : []),
  ].join('\n')
}

/** The manifest without its long parts, and how the run stands. */
function asJson({ folder }: RunPaths, manifest: Manifest, standing: Standing) {
  const { iterations, options, sessions, fingerprint, ...rest } = manifest
  const last = iterations.at(-1)
  return { standing, iteration: last?.iteration ?? null, verdict: last?.verdict ?? null, ...rest, folder }
}

function oneLine(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/\p{Cc}/gu, '')
    .slice(0, 200)
    .trim()
}
