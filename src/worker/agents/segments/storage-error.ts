// What the system says of a disk, with what to do about it.

const fixes: Record<string, string> = {
  ENOSPC: 'Free some space on its disk.',
  EDQUOT: 'Free some of your quota on its disk.',
  EFBIG: 'Raise the limit on the size of files (ulimit -f).',
  EROFS: 'Use a folder that can be written to.',
  EACCES: 'Use a folder that you may read and write.',
  EPERM: 'Use a folder that you may read and write.',
  ENOTDIR: 'A file is in its place: remove it, or use another folder.',
  EEXIST: 'A file is in its place: remove it, or use another folder.',
  EMFILE: 'Raise the limit on open files (ulimit -n).',
}

/** A system error as one that says what could not be done, why and what to do; any other error as it is. */
export function storageError(what: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const fix = fixes[String(error.code)] ?? 'See to its disk.'
  return Object.assign(new Error(`${what}: ${error.message}. ${fix}`, { cause: error }), { code: error.code })
}

/** For work that can be left undone: what the system refuses is not an error. */
export function ignoreSystemError(action: () => void): void {
  try {
    action()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}
