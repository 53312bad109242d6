import Sqlite from 'better-sqlite3'
import { setTimeout as sleep } from 'node:timers/promises'

/*
 * tmux dies, and every agent with it, when a session begins or ends or a client leaves in the moment in
 * which a control client introduces itself: that one is told of it before it can be told anything
 * (https://github.com/tmux/tmux/pull/4980; two processes that connect and leave all the time need ten tries). What
 * people do in such a moment can't be helped. What processes of this project do, of whatever data folder, they do in
 * turn: the lock of the kernel on a file beside the server's socket ends with its process, however that ends.
 */

/** A process that is stopped in its turn holds up nobody for longer than this, in ms. */
const patienceMs = 5_000
const askAgainMs = 5

/** Does `work` while no other process of ours introduces itself to the server at `socketPath`, or changes its sessions. */
export async function inTurn<T>(socketPath: string, work: () => Promise<T>): Promise<T> {
  const lock = await waitForLock(`${socketPath}.architect`)
  try {
    return await work()
  } finally {
    lock?.close()
  }
}

/** null: nobody gave it up in time, or there is no place for it. */
async function waitForLock(path: string): Promise<Sqlite.Database | null> {
  for (const until = Date.now() + patienceMs; Date.now() < until;) {
    const lock = tryLock(path)
    if (lock !== 'busy') return lock
    await sleep(askAgainMs * (1 + Math.random()))
  }
  return null
}

function tryLock(path: string): Sqlite.Database | 'busy' | null {
  let file: Sqlite.Database | null = null
  try {
    file = new Sqlite(path, { timeout: 0 })
    file.exec('BEGIN EXCLUSIVE')
    return file
  } catch (error) {
    file?.close()
    const code = error instanceof Sqlite.SqliteError ? error.code : ''
    if (code.startsWith('SQLITE_BUSY')) return 'busy'
    // Where tmux lets us in but its folder doesn't, its sessions are somebody else's.
    if (code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_READONLY')) return null
    throw error
  }
}
