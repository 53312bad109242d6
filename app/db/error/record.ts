import type { EpochMs } from '../../core/clock.ts'
import { errorEvents, errorLimits, type ErrorId } from '../../core/reported-error.ts'
import { appendEvent } from '../events.ts'
import { compileOnce } from '../hot.ts'
import type { Db } from '../schema.ts'
import { insertError, insertGroup, raiseError, raiseGroup, setListed } from './statements.ts'
import { byKey } from '../../core/by-key.ts'
import { keepSamples } from './samples.ts'
import { countWhere } from './where.ts'

/** One time that an error happened, ready to be stored: cut, without secrets, identified. */
export interface ErrorOccurrence {
  errorType: string
  message: string
  source: string
  /** Of type, message and source. */
  identity: string
  /** Of the group. */
  fingerprint: string
  fingerprintVersion: number
  at: EpochMs
  node: string
  session: string | null
  /** The same for stacks that fail in the same way; '' without a stack. */
  shape: string
  /** What only a sample keeps; made when it is one. */
  sample: () => { stack: string | null; metadata: Record<string, unknown> }
}

/** What became of an occurrence. */
export interface RecordedError {
  /** Of the error, or of its group where too many different ones are in it already. */
  id: ErrorId
  groupId: ErrorId
  /** How often that error happened, with this time. */
  count: number
  /** Nothing like it was known. */
  isNew: boolean
}

/**
 * Counts many occurrences at once, in the order in which they came; the answers are in that order, too. Groups
 * are taken in the order of their fingerprints, so that two replicas never wait for each other in a circle.
 * `keepsLatest` says of a group whether its latest sample is to be renewed: in a flood that is not worth its bytes.
 */
export async function recordErrors(
  db: Db,
  occurrences: readonly ErrorOccurrence[],
  keepsLatest: (fingerprint: string) => boolean = () => true,
): Promise<RecordedError[]> {
  const byFingerprint = byKey(occurrences, ({ fingerprint }) => fingerprint)
  const recorded = new Map<ErrorOccurrence, RecordedError>()
  for (const fingerprint of [...byFingerprint.keys()].toSorted()) {
    const ofGroup = byFingerprint.get(fingerprint)!
    await recordGroup(db, ofGroup, keepsLatest(fingerprint), recorded)
  }
  return occurrences.map((occurrence) => recorded.get(occurrence)!)
}

async function recordGroup(
  db: Db,
  occurrences: readonly ErrorOccurrence[],
  keepsLatest: boolean,
  recorded: Map<ErrorOccurrence, RecordedError>,
): Promise<void> {
  const first = occurrences[0]!
  const last = occurrences.at(-1)!
  const group = (await findGroup(db, occurrences)) ?? (await makeGroup(db, occurrences))
  const { id: groupId, isNew } = group
  let { listed } = group
  let unlisted = 0
  for (const same of byKey(occurrences, ({ identity }) => identity).values()) {
    const mayList = listed < errorLimits.errorsPerGroup
    const error = await countError(db, groupId, same, mayList)
    if (error?.isNew) listed += 1
    if (!error) unlisted += same.length
    same.forEach((occurrence, index) => {
      const count = error ? error.count - same.length + index + 1 : group.count
      recorded.set(occurrence, {
        id: error?.id ?? groupId,
        groupId,
        count,
        isNew: isNew && occurrence === first,
      })
    })
  }
  if (listed !== group.listed || unlisted > 0) await setListed(db, { id: groupId, listed, unlisted })
  await countWhere(db, groupId, occurrences)
  await keepSamples(db, groupId, occurrences, keepsLatest)
  if (isNew) tellOf(db, 'new', groupId, first)
  else if (group.state === 'resolved') await regress(db, groupId, last)
}

interface FoundGroup {
  id: ErrorId
  state: string
  count: number
  listed: number
  isNew: boolean
}

async function findGroup(db: Db, occurrences: readonly ErrorOccurrence[]): Promise<FoundGroup | null> {
  const { fingerprint, at, node } = occurrences.at(-1)!
  const [row] = await raiseGroup(db, { fingerprint, count: occurrences.length, at, node })
  return row ? { ...row, isNew: false } : null
}

/** The first error's row is made before its group's, which takes its id. */
async function makeGroup(db: Db, occurrences: readonly ErrorOccurrence[]): Promise<FoundGroup> {
  const first = occurrences[0]!
  const last = occurrences.at(-1)!
  const { identity, errorType, message, source, fingerprint, fingerprintVersion } = first
  const [error] = await insertError(db, {
    identity,
    errorType,
    message,
    source,
    groupId: 0,
    at: first.at,
    lastAt: first.at,
    node: first.node,
    count: 0,
  })
  const [group] = await insertGroup(db, {
    id: error!.id,
    fingerprint,
    fingerprintVersion,
    errorType,
    message,
    source,
    count: occurrences.length,
    at: first.at,
    lastAt: last.at,
    node: first.node,
    lastNode: last.node,
  })
  await joinGroup(db, { id: error!.id, groupId: group!.id })
  // Another replica may have been as quick: then its group is ours.
  const isNew = group!.count === occurrences.length
  return { id: group!.id, state: group!.state, count: group!.count, listed: isNew ? 1 : group!.listed, isNew }
}

const joinGroup = compileOnce((db, p: { id: ErrorId; groupId: ErrorId }) =>
  db.updateTable('errors').set({ group_id: p.groupId }).where('id', '=', p.id),
)

/** null where it is not known and no more may be listed. */
async function countError(
  db: Db,
  groupId: ErrorId,
  same: readonly ErrorOccurrence[],
  mayList: boolean,
): Promise<{ id: ErrorId; count: number; isNew: boolean } | null> {
  const first = same[0]!
  const last = same.at(-1)!
  const count = same.length
  const [known] = await raiseError(db, { identity: first.identity, count, at: last.at })
  if (known) return { ...known, isNew: false }
  if (!mayList) return null
  const { identity, errorType, message, source, node, at } = first
  const row = { identity, errorType, message, source, groupId, at, lastAt: last.at, node, count }
  const [made] = await insertError(db, row)
  return { ...made!, isNew: made!.count === count }
}

/** Guarded: of several writers one tells of it. */
async function regress(db: Db, id: ErrorId, occurrence: ErrorOccurrence): Promise<void> {
  const { from, to } = errorEvents.regress
  const row = await db
    .updateTable('error_groups')
    .set({ state: to, changed_at: occurrence.at, changed_by: null })
    .where('id', '=', id)
    .where('state', 'in', [...from])
    .returning('id')
    .executeTakeFirst()
  if (row) tellOf(db, 'regress', id, occurrence)
}

/** An event's row is no place for a text of many pages. */
const shownChars = 200

function tellOf(db: Db, type: string, id: ErrorId, occurrence: ErrorOccurrence): void {
  const { at, errorType, message, source, node, session } = occurrence
  const data = { errorType, message: message.slice(0, shownChars).toWellFormed(), source, node, session }
  appendEvent(db, { at, noun: 'error', nounId: String(id), type, data })
}
