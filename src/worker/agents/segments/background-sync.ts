// Written is safe from the death of a process; safe from a power cut is what was synced. That happens a second later.
import { open } from 'node:fs/promises'

const delayMs = 1000

export class BackgroundSync {
  #waiting = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #failure: unknown

  /** Files (and folders) to sync soon. */
  add(paths: readonly string[]): void {
    for (const path of paths) this.#waiting.add(path)
    if (this.#timer || this.#waiting.size === 0) return
    this.#timer = setTimeout(() => void this.flush().catch((error) => (this.#failure = error)), delayMs)
    this.#timer.unref()
  }

  /** Resolves when all that was added is on the disk. Rejects with the system error (EIO, …). */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const paths = this.#waiting
    this.#waiting = new Set()
    const done = this.#running.then(() => Promise.all([...paths].map(syncPath)))
    this.#running = done.then(
      () => undefined,
      () => undefined,
    )
    return done.then(() => undefined)
  }

  /** Throws, once, what a sync in the background failed with: values that were set may be lost in a power cut. */
  throwFailure(): void {
    const failure = this.#failure
    this.#failure = undefined
    if (failure) throw failure
  }
}

async function syncPath(path: string): Promise<void> {
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return // replaced since: whoever did has synced
    throw error
  }
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
