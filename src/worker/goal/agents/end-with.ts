// Ends work in its own terms: a signal that aborts when another does, with a reason that whoever works understands.

export interface Follower {
  readonly signal: AbortSignal
  /** Must be called when the work is over. */
  close(): void
}

export function endWith(leader: AbortSignal, reason: (message: string) => Error): Follower {
  const controller = new AbortController()
  const follow = () => controller.abort(reason((leader.reason as Error).message))
  if (leader.aborted) follow()
  else leader.addEventListener('abort', follow, { once: true })
  return { signal: controller.signal, close: () => leader.removeEventListener('abort', follow) }
}
