import { link, lstat, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessMissing } from '../../../core/missing.ts'
import type { EpochMs } from '../../../core/clock.ts'
import { messageOf } from '../../../core/errors.ts'
import type { Lock, LockId } from '../../../core/lock.ts'
import { listLocks } from '../../../db/lock/read.ts'
import { noteShown, removeLock } from '../../../db/lock/write.ts'
import type { Tools } from '../../tools.ts'
import { readEntries, type Entry } from './entries.ts'
import { keepRubbish } from './rubbish.ts'
import { grantFreed, takeIn } from './take-in.ts'
import { viewText } from './view-text.ts'

const fileName = 'active_sessions.json'
/** An entry has to be missing for so long, in several looks, before it counts as removed by hand: editors empty a
 * file before they fill it again. */
const removedAfterMs = 2_000
/** A line without its end is waited for, and then is rubbish. */
const unfinishedMs = 10_000
/** What was the file is kept for so long: whoever has it open may still write to it. */
const asideMs = 10 * 60_000
const maxFileBytes = 4 * 1_024 * 1_024

/**
 * `data/locks/active_sessions.json`: shows what is locked, and takes in what sessions append to it by shell.
 *
 * Nothing that is appended is lost: before a new view takes the file's name in one step, the old file gets a
 * second name that says how much of it was read. Whatever lands behind that, from a shell that had the old file
 * open, is read there, also by the next assigner when this one dies in between.
 */
export class LockView {
  readonly #tools: Tools
  readonly #folder: string
  readonly #path: string
  /** Entries of the present file that were dealt with. */
  readonly #seen = new Set<string>()
  readonly #missing = new Map<LockId, EpochMs>()
  #seenIn = 0
  /** Number of the view that this process wrote last. */
  #written: number | null = null
  #unfinished: { at: number; since: EpochMs } | null = null
  #last = { print: '', locks: '' }

  constructor(tools: Tools) {
    this.#tools = tools
    this.#folder = join(tools.dataDir, 'locks')
    this.#path = join(this.#folder, fileName)
  }

  async keep(now: EpochMs): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    await this.#readAsides(now)
    const found = await lstat(this.#path).catch(unlessMissing(null))
    if (found && !found.isFile()) throw new Error(`${this.#path} is no plain file; move it away.`)
    const print = found ? `${found.ino} ${found.size} ${found.mtimeMs}` : ''
    const locks = await this.#locks()
    const held = heldText(locks)
    const isCalm = this.#missing.size === 0 && this.#unfinished === null
    if (found && isCalm && print === this.#last.print && held === this.#last.locks) return
    if (!found) this.#missing.clear()
    if (!found) return this.#write(null, now)
    if (found.size > maxFileBytes) return this.#replaceHuge(now)
    const file = await readFile(this.#path)
    await this.#take(file, found.ino, now)
    for (const lock of locks) await grantFreed(this.#place, lock, now)
    if (this.#missing.size > 0 || this.#unfinished !== null) return
    await this.#write({ file, inode: found.ino }, now)
  }

  /** Deals with everything that stands in the file. */
  async #take(file: Buffer, inode: number, now: EpochMs) {
    if (inode !== this.#seenIn) this.#seen.clear()
    this.#seenIn = inode
    const content = this.#finish(file, now)
    const before = await this.#locks()
    const newest = newestView(content.entries)
    for (const entry of content.entries) await this.#takeEntry(entry, before, this.#written ?? newest, now)
    const rubbish = content.rubbish.filter((line) => this.#isFirst(line))
    if (rubbish.length > 0) await keepRubbish(this.#tools, this.#folder, rubbish, now)
    // What can't be read, or is about to be written, says nothing of what was removed.
    const isWhole = content.rubbish.length === 0 && content.unfinishedAt === null && file.length > 0
    if (isWhole) await this.#releaseRemoved(content.entries, before, now)
    else this.#missing.clear()
  }

  /** What has been unfinished for long enough is read as it is. */
  #finish(file: Buffer, now: EpochMs) {
    const content = readEntries(file)
    const at = content.unfinishedAt
    if (at === null) {
      this.#unfinished = null
      return content
    }
    if (this.#unfinished?.at !== at) this.#unfinished = { at, since: now }
    if (now - this.#unfinished.since < unfinishedMs) return content
    this.#unfinished = null
    return {
      ...content,
      rubbish: [...content.rubbish, file.subarray(at).toString('utf8')],
      unfinishedAt: null,
    }
  }

  async #takeEntry(entry: Entry, locks: readonly Lock[], view: number, now: EpochMs) {
    if (!this.#isFirst(entry.raw)) return
    if (typeof entry.lock !== 'number') return takeIn(this.#place, entry, now)
    const lock = locks.find(({ id, session }) => id === entry.lock && session === entry.session)
    // It was released since this was written, it is of an older view, or it says what is known.
    if (!lock || entry.view !== view || isSame(entry, lock)) return
    await takeIn(this.#place, entry, now, true)
  }

  #isFirst(raw: string): boolean {
    if (this.#seen.has(raw)) return false
    this.#seen.add(raw)
    return true
  }

  /** Locks that a view showed and that stay missing in what was made of that view. */
  async #releaseRemoved(entries: readonly Entry[], locks: readonly Lock[], now: EpochMs) {
    const newest = newestView(entries)
    const missing = locks.filter(
      (lock) =>
        lock.shownIn !== null && lock.shownIn <= newest && !entries.some((entry) => isEntryOf(entry, lock)),
    )
    for (const id of this.#missing.keys())
      if (!missing.some((lock) => lock.id === id)) this.#missing.delete(id)
    for (const lock of missing) {
      const since = this.#missing.get(lock.id) ?? now
      this.#missing.set(lock.id, since)
      if (now - since < removedAfterMs) continue
      await this.#tools.database.write((db) =>
        removeLock(db, lock, `its entry was removed from ${fileName}`, now),
      )
      this.#missing.delete(lock.id)
    }
  }

  /** A new view under the file's name, when it says anything new; `read` is what was there. */
  async #write(read: { file: Buffer; inode: number } | null, now: EpochMs) {
    const locks = await this.#locks()
    const held = heldText(locks)
    const view = Math.max(now, (this.#written ?? 0) + 1)
    const isCurrent = read?.file.toString('utf8') === viewText(locks, this.#written ?? view)
    if (!isCurrent) {
      const temporary = `${this.#path}.new`
      await writeDurably(temporary, viewText(locks, view))
      const aside = read && (await this.#putAside(read, now))
      if (read && aside === null) return rm(temporary, { force: true })
      if (!(await takePlace(temporary, this.#path, read !== null))) return
      this.#written = view
      this.#seen.clear()
      await this.#tools.database.write((db) =>
        noteShown(
          db,
          locks.map(({ id }) => id),
          view,
        ),
      )
      if (aside && read) await this.#readAside(aside, read.file, now)
    }
    const { ino, size, mtimeMs } = await stat(this.#path)
    // Whatever was appended meanwhile is seen by the next look, which compares this.
    const size0 = Buffer.byteLength(viewText(locks, this.#written ?? view))
    this.#last = { print: size === size0 ? `${ino} ${size} ${mtimeMs}` : '', locks: held }
  }

  /** null: the file was replaced since it was read, so it has to be read again first. */
  async #putAside({ file, inode }: { file: Buffer; inode: number }, now: EpochMs): Promise<string | null> {
    const aside = join(this.#folder, asideName(now, file.length))
    await link(this.#path, aside)
    if ((await stat(aside)).ino === inode) return aside
    await rm(aside)
    return null
  }

  async #readAsides(now: EpochMs) {
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name)
      const [, at, offset] = asidePattern.exec(name) ?? []
      if (at === undefined) continue
      const { size } = await stat(path)
      if (size > Number(offset)) await this.#readAside(path, null, now)
      else if (now - Number(at) > asideMs) await rm(path)
    }
  }

  /** What came behind what was read; all of it, where an editor changed what was read. */
  async #readAside(path: string, read: Buffer | null, now: EpochMs) {
    const [, at = '', offset = '0'] = asidePattern.exec(path.slice(path.lastIndexOf('/') + 1)) ?? []
    const file = await readFile(path)
    const from = Number(offset)
    const isKept = read === null || file.subarray(0, from).equals(read)
    const { entries, rubbish, unfinishedAt } = readEntries(file, isKept ? Math.min(from, file.length) : 0)
    const isOver = now - Number(at) > unfinishedMs
    for (const entry of entries) if (typeof entry.lock !== 'number') await takeIn(this.#place, entry, now)
    const rest = unfinishedAt !== null && isOver ? [file.subarray(unfinishedAt).toString('utf8')] : []
    if (isKept && rubbish.length + rest.length > 0)
      await keepRubbish(this.#tools, this.#folder, [...rubbish, ...rest], now)
    const upTo = unfinishedAt === null || isOver ? file.length : unfinishedAt
    if (upTo !== from) await rename(path, join(this.#folder, asideName(Number(at), upTo)))
  }

  /** The last of its kind is kept: a shell in a loop would fill the disk with them. */
  async #replaceHuge(now: EpochMs) {
    await rename(this.#path, join(this.#folder, `${fileName}.too-large`))
    await keepRubbish(this.#tools, this.#folder, [`${fileName} was larger than ${maxFileBytes} bytes`], now)
    await this.#write(null, now)
  }

  #locks(): Promise<Lock[]> {
    return listLocks(this.#tools.database.kysely, { node: this.#tools.host.node })
  }

  get #place() {
    const { database, dataDir, host } = this.#tools
    return { database, dataDir, node: host.node }
  }
}

const asidePattern = /^active_sessions\.json\.(\d+)-(\d+)\.old$/

function asideName(at: EpochMs, offset: number): string {
  return `${fileName}.${at}-${offset}.old`
}

function heldText(locks: readonly Lock[]): string {
  return viewText(locks, 0)
}

/** An old view that an editor wrote back says nothing of what came after it. */
function newestView(entries: readonly Entry[]): number {
  const views = entries.flatMap(({ view }) => view ?? [])
  return views.length > 0 ? Math.max(...views) : Infinity
}

function isEntryOf({ lock, session }: Entry, { id, session: name }: Lock): boolean {
  return typeof lock === 'number' ? lock === id : session === name
}

function isSame({ branch, files }: Entry, lock: Lock): boolean {
  const paths = JSON.stringify((files ?? []).toSorted())
  return (
    (branch ?? null) === lock.branch &&
    paths === JSON.stringify(lock.files.map(({ path }) => path).toSorted())
  )
}

/** false: somebody made the file in this moment; it is read first. */
async function takePlace(temporary: string, path: string, replaces: boolean): Promise<boolean> {
  if (replaces) {
    await rename(temporary, path)
    return true
  }
  const isFree = await link(temporary, path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )
  await rm(temporary)
  return isFree
}

async function writeDurably(path: string, text: string) {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } catch (error) {
    throw new Error(`${path} could not be written: ${messageOf(error)}`, { cause: error })
  } finally {
    await file.close()
  }
}
