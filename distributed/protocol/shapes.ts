import { z } from 'zod'
import type { SessionReading } from '../../app/core/agent.ts'
import type { GitChanges, GitState } from '../../app/core/attempt.ts'
import { dialogKinds, optionRoles, type Dialog } from '../../app/core/dialog.ts'
import type { LiveSession, PastState } from '../../app/core/fleet.ts'
import type { HookMessage } from '../../app/core/hook.ts'
import type { Look, NewSession, Pane, PaneRef } from '../../app/core/host.ts'
import type { PreparedProgram, WantedProgram } from '../../app/core/launcher.ts'
import { sessionStates } from '../../app/core/session.ts'
import type { Turn } from '../../app/core/turn.ts'

/*
 * What crosses the wire, in the words of the contracts. All times are of the node's clock; the other side
 * reckons them over (`remote/node-time.ts`).
 */

const text = z.string()
const number = z.number()
const time = z.number()
const maybe = <Schema extends z.ZodType>(schema: Schema) => schema.nullable()

export const paneRefSchema: z.ZodType<PaneRef> = z.object({ server: text, paneId: text })

const paneFields = {
  server: text,
  paneId: text,
  sessionName: text,
  address: text,
  pid: number,
  tty: text,
  command: text,
  title: text,
  path: text,
  width: number,
  height: number,
  dead: z.boolean(),
  inMode: z.boolean(),
  inputOff: z.boolean(),
  alternate: z.boolean(),
  cursor: z.object({ x: number, y: number, visible: z.boolean() }),
  historySize: number,
  activityAt: time,
  typedAt: maybe(time),
  marker: text,
}

export const paneSchema: z.ZodType<Pane> = z.object(paneFields)

const searches = z.record(text, maybe(number))

export const lookSchema: z.ZodType<Look> = z.object({
  ...paneFields,
  at: time,
  rows: z.array(text),
  searches,
})

/** What a step compares the pane with: a look without its rows. */
export const seenSchema = z.object({ ...paneFields, at: time, searches })
export type Seen = z.infer<typeof seenSchema>

const evidenceSchema = z.object({
  source: z.enum(['process', 'hook', 'status_file', 'server', 'transcript', 'title', 'screen']),
  at: time,
  says: text,
  state: z.enum(sessionStates).exactOptional(),
  rule: text.exactOptional(),
})

export const readingSchema: z.ZodType<SessionReading> = z.object({
  agent: maybe(text),
  version: maybe(text),
  state: z.enum(sessionStates),
  acceptsPrompt: z.boolean(),
  draft: z.boolean(),
  trusted: z.boolean(),
  limitedUntil: maybe(time),
  composer: maybe(z.object({ text, pasted: z.boolean(), firstRow: number, lastRow: number })),
  rule: text,
  evidence: z.array(evidenceSchema),
  generation: maybe(text),
  pid: maybe(number),
  cwd: text,
  record: z.enum(['nothing', 'prompts', 'turns']),
  turnOpen: z.boolean().exactOptional(),
})

export const dialogSchema: z.ZodType<Dialog> = z.object({
  kind: z.enum(dialogKinds),
  tool: maybe(text),
  input: z.record(text, text),
  question: text,
  options: z.array(
    z.object({
      label: text,
      role: z.enum(optionRoles),
      description: maybe(text),
      ticked: maybe(z.boolean()).default(null),
    }),
  ),
  selected: maybe(number),
  // A node of an older version knows neither these nor `ticked`.
  pick: maybe(z.enum(['digit', 'enter'])).default(null),
  notes: maybe(z.object({ key: text, text: maybe(text) })).default(null),
  boxes: maybe(z.object({ own: number, atEnd: z.boolean(), leave: text })).default(null),
  unsure: maybe(text),
  rows: z.array(text),
  firstRow: number,
  digest: text,
})

export const sessionSchema: z.ZodType<LiveSession> = z.object({
  key: text,
  pane: paneSchema,
  reading: readingSchema,
  dialog: maybe(dialogSchema),
  at: time,
  aliveAt: time,
  since: time,
  quietSince: maybe(time),
})

export const pastStateSchema: z.ZodType<PastState> = z.object({
  key: text,
  at: time,
  generation: maybe(text),
  state: z.enum(sessionStates),
  name: text,
  agent: maybe(text),
  rule: text,
})

export const newSessionSchema: z.ZodType<NewSession> = z.object({
  name: text,
  dir: text,
  command: z.array(text),
  env: z.record(text, text).exactOptional(),
  server: text.exactOptional(),
  width: number.exactOptional(),
  height: number.exactOptional(),
})

export const wantedProgramSchema: z.ZodType<WantedProgram> = z.object({
  name: text,
  agent: maybe(text),
  command: maybe(z.array(text)),
  dir: maybe(text),
})

export const preparedProgramSchema: z.ZodType<PreparedProgram> = z.object({
  command: z.array(text),
  env: z.record(text, text),
  dir: text,
  note: maybe(text),
  // An agent of version 0.1.0 or older says nothing of it, and forgets them.
  hasSecrets: z.boolean().default(false),
})

export const turnSchema: z.ZodType<Turn> = z.object({
  promptSeenAt: time,
  endedAt: maybe(time),
  how: maybe(z.enum(['completed', 'interrupted', 'error', 'limited'])),
  answer: maybe(text),
  tokensIn: maybe(number),
  tokensOut: maybe(number),
  costUsd: maybe(number),
  limitedUntil: maybe(time),
  sessionId: maybe(text),
  error: maybe(text),
  endBy: z.literal('hook').exactOptional(),
  answerBy: z.literal('hook').exactOptional(),
})

export const gitStateSchema: z.ZodType<GitState> = z.object({ head: maybe(text), status: text })

export const gitChangesSchema: z.ZodType<GitChanges> = z.object({
  commits: z.array(text),
  files: z.array(text),
  addedLines: number,
  removedLines: number,
})

const processSchema = z.object({ pid: number, startedAt: number, name: text })

const originFields = {
  id: text,
  agent: text,
  at: time,
  event: text,
  socketPath: maybe(text),
  paneId: maybe(text),
  parents: z.array(processSchema),
  architectSession: maybe(text),
  conversation: maybe(text),
  turnId: maybe(text),
  cwd: maybe(text),
  transcriptPath: maybe(text),
}

const input = z.record(text, z.unknown())

export const hookMessageSchema: z.ZodType<HookMessage> = z.discriminatedUnion('type', [
  z.object({ ...originFields, type: z.literal('prompt_received'), text }),
  z.object({ ...originFields, type: z.literal('turn_ended'), answer: maybe(text) }),
  z.object({ ...originFields, type: z.literal('turn_failed'), error: text, says: maybe(text) }),
  z.object({
    ...originFields,
    type: z.literal('permission_asked'),
    tool: text,
    input,
    suggestions: z.array(z.unknown()),
    decidable: z.boolean(),
  }),
  z.object({ ...originFields, type: z.literal('question_asked'), input }),
  z.object({ ...originFields, type: z.literal('session_started'), source: maybe(text) }),
  z.object({ ...originFields, type: z.literal('session_ended'), reason: maybe(text) }),
  z.object({ ...originFields, type: z.literal('notification'), kind: maybe(text), says: text }),
  z.object({ ...originFields, type: z.literal('compacting'), trigger: maybe(text) }),
])
