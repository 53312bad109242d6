import { z } from 'zod'
import type { NamedSession } from '../../broker/session-settings.ts'
import { releaseLock, tellReady } from '../../broker/locks/give-back.ts'
import { requireOwnFolder } from '../../broker/locks/own-folder.ts'
import { takeLock } from '../../broker/locks/take.ts'
import { AppError } from '../../core/errors.ts'
import { listLocks } from '../../db/lock/read.ts'
import { findSessions } from '../../db/sessions.ts'
import type { Db } from '../../db/schema.ts'
import { maxLockedPaths, type Lock } from '../../core/lock.ts'
import { defineTool, type ToolCall } from '../tool.ts'

const input = z.object({
  action: z.enum(['take', 'release', 'ready', 'list']),
  files: z.array(z.string().min(1)).max(maxLockedPaths).optional().describe('files, folders, patterns'),
  branch: z.string().min(1).optional().describe('registers it: feature|fix|refactor/description-MMDD'),
  dir: z
    .string()
    .startsWith('/')
    .optional()
    .describe('your folder in the project, if not the one you started in'),
})

type Call = ToolCall<z.output<typeof input>>

export const lockFiles = defineTool({
  name: 'lock_files',
  description:
    'Before you edit files of a checkout that others use, take them; refused with who has them. ' +
    'release gives back (all without files), ready says that your branch can be merged.',
  input,
  handle: (call) => deeds[call.input.action](call),
})

const deeds: Record<Call['input']['action'], (call: Call) => Promise<unknown>> = {
  async take(call) {
    const {
      database,
      clock,
      session,
      input: { files = [], branch },
    } = call
    const request = { node: session.node, session: session.name, dir: await dirOf(call), files }
    const lock = await takeLock(
      database,
      { ...request, ...(branch !== undefined && { branch }) },
      clock.now(),
    )
    return shown(lock)
  },
  async release(call) {
    const {
      database,
      clock,
      input: { files },
    } = call
    const left = await releaseLock(
      database,
      { ...(await choiceOf(call)), ...(files && { files }) },
      clock.now(),
    )
    return left ? shown(left) : 'You hold nothing there any more.'
  },
  async ready(call) {
    const lock = await tellReady(call.database, await choiceOf(call), call.clock.now())
    return `People are told that ${lock.branch} can be merged.`
  },
  async list({ database, session }) {
    const locks = await listLocks(database.kysely, { node: session.node })
    return locks.map((lock) => ({ session: lock.session, project: lock.project, ...shown(lock) }))
  },
}

async function choiceOf(call: Call) {
  const { node, name } = call.session
  return { node, session: name, dir: await dirOf(call) }
}

async function dirOf({ database, session, input: { dir } }: Call): Promise<string> {
  const worksIn = await workingFolder(database.kysely, session)
  if (dir !== undefined) await requireOwnFolder(dir, worksIn)
  return dir ?? worksIn
}

async function workingFolder(db: Db, { node, name }: NamedSession): Promise<string> {
  const [row] = await findSessions(db, `${node}/${name}`)
  if (row) return row.cwd
  throw new AppError('conflict', 'Architect has not seen where you work yet: try again in a few seconds.')
}

function shown({ branch, files, warning }: Lock) {
  return { branch, files: files.map(({ path }) => path), ...(warning && { warning }) }
}
