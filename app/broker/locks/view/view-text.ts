import type { Lock } from '../../../core/lock.ts'

/** The file as everybody reads it: a list with one entry on each line, so that `grep` finds a file's holder. */
export function viewText(locks: readonly Lock[], view: number): string {
  if (locks.length === 0) return '[]\n'
  return `[\n${locks.map((lock) => JSON.stringify(entryFor(lock, view))).join(',\n')}\n]\n`
}

function entryFor(
  { id, session, branch, files, root, startedAt, refused, warning, readyAt }: Lock,
  view: number,
) {
  return {
    session,
    branch,
    started: new Date(startedAt).toISOString(),
    files: files.map(({ path }) => path),
    project: root,
    ...(readyAt !== null && { ready: new Date(readyAt).toISOString() }),
    ...(refused.length > 0 && { refused }),
    ...(warning !== null && { warning }),
    lock: id,
    view,
  }
}
