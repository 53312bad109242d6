import { watch, type FSWatcher } from 'node:fs'
import { lstat, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessMissing } from '../core/missing.ts'
import { hookRecordFile, readHookRecord, withMessage } from '../agents/hook-record.ts'
import { ProcessTable } from '../agents/process-table.ts'
import { systemClock, type Clock } from '../core/clock.ts'
import { messageOf } from '../core/errors.ts'
import { maskText, maskTexts } from '../core/masking.ts'
import type {
  DecisionFate,
  HookInbox,
  HookMessage,
  HookMessageOf,
  PermissionDecision,
  ProcessIdentity,
} from '../core/hook.ts'
import { answerRequest } from './decide.ts'
import { maskFile } from './mask-file.ts'
import { openMessageFile } from './message-file.ts'
import { prepareHookFolder, writeWhole } from './prepare.ts'
import type { HookPaths } from './paths.ts'
import { sweepSpool } from './sweep.ts'

export interface SpoolOptions {
  dataDir: string
  log: { warn(data: object, message: string): void }
  clock?: Clock
}

/** A notification of the file system may be lost, and a folder may be deleted: looked after this often, in ms. */
const sweepEveryMs = 2_000
/** A message whose handling fails is tried again at so many sweeps before it is put aside. */
const maxTries = 5
/** Messages that are handled at the same time, so that a night's worth of them needs no room of its own. */
const mostAtOnce = 200
/** A message that is not whole by then never will be: its hook was killed. */
const unfinishedForMs = 10_000

/** Opens the spool of this data folder; from here on hooks may wait for decisions of this process. */
export async function openSpool(options: SpoolOptions): Promise<HookInbox> {
  const paths = await prepareHookFolder(options.dataDir)
  return new Spool(paths, options)
}

type Handler = (message: HookMessage) => Promise<void>

class Spool implements HookInbox {
  readonly #paths: HookPaths
  readonly #options: SpoolOptions
  readonly #clock: Clock
  readonly #tries = new Map<string, number>()
  /** Messages that are being handled, and the last one of each agent process: its messages stay in order. */
  readonly #underWay = new Set<string>()
  readonly #lastOf = new Map<string, Promise<void>>()
  #watcher: { ino: bigint | number; end(): void } | null = null
  #timer: NodeJS.Timeout | null = null
  #handle: Handler | null = null
  #draining: Promise<void> | null = null
  #again = false

  constructor(paths: HookPaths, options: SpoolOptions) {
    this.#paths = paths
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  async listen(handle: Handler): Promise<void> {
    this.#handle = handle
    await this.#lookAfter()
    this.#timer = setInterval(() => void this.#lookAfter(), sweepEveryMs)
    this.#timer.unref()
  }

  decide(
    request: HookMessageOf<'permission_asked'>,
    decision: PermissionDecision | null,
  ): Promise<DecisionFate> {
    return answerRequest(this.#paths, request, decision, this.#clock.now())
  }

  async keep(agent: ProcessIdentity, message: HookMessage): Promise<void> {
    const file = hookRecordFile(this.#paths.records, agent)
    await writeWhole(file, JSON.stringify(maskTexts(withMessage(readHookRecord(file), message))))
  }

  async [Symbol.asyncDispose]() {
    this.#handle = null
    if (this.#timer) clearInterval(this.#timer)
    this.#watcher?.end()
    await rm(this.#paths.assigner, { force: true })
    await this.#draining
    await Promise.all(this.#lastOf.values())
  }

  /** Puts right what somebody deleted meanwhile, forgets what is old, and reads what no notification told of. */
  async #lookAfter() {
    try {
      await this.#watch()
      const { dropped } = await sweepSpool(this.#paths, this.#clock.now())
      if (dropped > 0) this.#options.log.warn({ dropped }, 'messages of hooks were dropped')
    } catch (error) {
      this.#options.log.warn(
        { err: error },
        `the hooks' folder could not be looked after: ${messageOf(error)}`,
      )
    }
    await this.#drain()
  }

  async #watch() {
    const folder = await lstat(this.#paths.incoming).catch(unlessMissing(null))
    if (this.#watcher && folder?.ino === this.#watcher.ino) return
    this.#watcher?.end()
    this.#watcher = null
    if (!folder) await prepareHookFolder(this.#options.dataDir)
    const { ino } = await lstat(this.#paths.incoming)
    const watcher = watch(this.#paths.incoming, () => void this.#drain())
    watcher.on('error', (error) => this.#options.log.warn({ err: error }, 'the hooks are no longer watched'))
    this.#watcher = { ino, end: endOf(watcher) }
    await writeWhole(this.#paths.assigner, ownIdentity())
  }

  /** One run at a time; a notification during it leads to one more. */
  #drain(): Promise<void> {
    if (this.#draining) {
      this.#again = true
      return this.#draining
    }
    this.#draining = this.#drainUntilEmpty().finally(() => {
      this.#draining = null
    })
    return this.#draining
  }

  async #drainUntilEmpty() {
    do {
      this.#again = false
      try {
        for (const name of await inOrder(this.#paths.incoming)) {
          // Later ones stay where they are, all of them: those of one agent are handled in their order.
          if (this.#isFull) break
          await this.#take(name)
        }
      } catch (error) {
        this.#options.log.warn({ err: error }, `the hooks' messages could not be read: ${messageOf(error)}`)
      }
    } while (this.#again && this.#handle)
  }

  get #isFull(): boolean {
    return this.#underWay.size >= mostAtOnce
  }

  async #take(name: string) {
    const handle = this.#handle
    if (!handle || this.#underWay.has(name)) return
    const opened = await openMessageFile(this.#paths.incoming, name)
    if (opened === 'gone') return
    if (opened.content === 'unfinished') {
      if (this.#clock.now() - opened.at > unfinishedForMs) await this.#putAside(name, 'it is not whole')
      return
    }
    if ('unreadable' in opened.content) return this.#putAside(name, opened.content.unreadable)
    this.#underWay.add(name)
    this.#queue(name, opened.content, handle)
  }

  #queue(name: string, message: HookMessage, handle: Handler) {
    const sender = message.parents.map(({ pid, startedAt }) => `${pid}.${startedAt}`).join(' ')
    const turn = (this.#lastOf.get(sender) ?? Promise.resolve())
      .then(() => this.#finish(name, message, handle))
      .catch((error: unknown) => {
        this.#options.log.warn({ err: error, name }, `a message of a hook stays: ${messageOf(error)}`)
      })
      .finally(() => {
        if (this.#isFull) void this.#drain()
        this.#underWay.delete(name)
        if (this.#lastOf.get(sender) === turn) this.#lastOf.delete(sender)
      })
    this.#lastOf.set(sender, turn)
  }

  async #finish(name: string, message: HookMessage, handle: Handler) {
    try {
      await handle(message)
      this.#tries.delete(name)
      await rm(join(this.#paths.incoming, name), { force: true })
    } catch (error) {
      const tries = (this.#tries.get(name) ?? 0) + 1
      this.#tries.set(name, tries)
      this.#options.log.warn({ err: error, name, tries }, 'a message of a hook could not be handled')
      if (tries >= maxTries) await this.#putAside(name, `it could not be handled: ${messageOf(error)}`)
    }
  }

  /** Kept for a person who wants to know what a new release of an agent says. */
  async #putAside(name: string, reason: string) {
    this.#tries.delete(name)
    this.#options.log.warn({ name, reason }, 'a message of a hook was not understood and is put aside')
    const kept = join(this.#paths.unread, name)
    await rename(join(this.#paths.incoming, name), kept).catch(unlessMissing(null))
    await maskFile(kept)
    await writeFile(`${kept}.reason`, `${maskText(reason)}\n`, { mode: 0o600 })
  }
}

/** Pid and start time, as a waiting hook compares them with /proc. */
function ownIdentity(): string {
  return `${process.pid} ${new ProcessTable().entry(process.pid)?.startedAt ?? 0}\n`
}

/** Names by the time at which they were begun, which their first part tells within one boot. */
async function inOrder(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(unlessMissing(null))) ?? []
  const startOf = (name: string) => Number(/^\d+/.exec(name)?.[0] ?? 0)
  return names.toSorted((a, b) => startOf(a) - startOf(b) || (a < b ? -1 : 1))
}

function endOf(watcher: FSWatcher) {
  return () => watcher.close()
}
