import { z } from 'zod'
import type { Report } from '../report.ts'

const text = z.string().nullish().catch(null)

const frameSchema = z.looseObject({
  filename: text,
  module: text,
  function: text,
  lineno: z.number().nullish().catch(null),
  colno: z.number().nullish().catch(null),
  in_app: z.boolean().nullish().catch(null),
})
type Frame = z.output<typeof frameSchema>

const exceptionSchema = z.looseObject({
  type: text,
  value: text,
  stacktrace: z
    .looseObject({ frames: z.array(frameSchema).nullish().catch(null) })
    .nullish()
    .catch(null),
})
type Exception = z.output<typeof exceptionSchema>

/** Older SDKs send the list itself. */
const exceptions = z
  .union([
    z.looseObject({ values: z.array(exceptionSchema) }).transform(({ values }) => values),
    z.array(exceptionSchema),
  ])
  .catch([])

const message = z
  .union([
    z.string(),
    z
      .looseObject({ formatted: text, message: text })
      .transform((said) => said.formatted ?? said.message ?? ''),
  ])
  .catch('')

/** What we read of an event; what is missing or of another shape is as if it were not there. */
const eventSchema = z.looseObject({
  event_id: text,
  message,
  logentry: message,
  exception: exceptions,
  level: text,
  logger: text,
  transaction: text,
  culprit: text,
  server_name: text,
  release: text,
  environment: text,
  platform: text,
  tags: z.unknown().optional(),
  extra: z.unknown().optional(),
  contexts: z.unknown().optional(),
})

/** Frames of a stack that are kept; deeper ones are a recursion. */
const mostFrames = 200

/** An event of a Sentry SDK as an error of ours. */
export function reportOfEvent(raw: unknown, project: string): { id: string | null; report: Report } {
  const event = eventSchema.parse(raw)
  // What was caught last comes last, what caused it before.
  const thrown = event.exception.at(-1)
  const tags = tagsOf(event.tags)
  const report: Report = {
    node: event.server_name ?? tags['server_name'] ?? tags['node'] ?? '',
    errorType: thrown?.type ?? event.level ?? 'error',
    message: thrown?.value || event.message || event.logentry || thrown?.type || '(no message)',
    source: sourceOf(thrown) ?? event.transaction ?? event.culprit ?? event.logger ?? '',
    stack:
      event.exception.length === 0 ? null : event.exception.toReversed().map(stackOf).join('\nCaused by: '),
    session: tags['session'] ?? null,
    metadata: {
      project,
      ...given({ event_id: event.event_id, level: event.level, release: event.release }),
      ...given({ environment: event.environment, platform: event.platform, transaction: event.transaction }),
      ...given({ tags: event.tags, extra: event.extra, contexts: event.contexts }),
    },
  }
  return { id: event.event_id ?? null, report }
}

/** `{name: value}`, or a list of pairs. */
function tagsOf(tags: unknown): Record<string, string> {
  const pairs = Array.isArray(tags) ? (tags as unknown[]) : Object.entries(tags ?? {})
  return Object.fromEntries(
    pairs.filter(
      (pair): pair is [string, string] =>
        Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string',
    ),
  )
}

/** The file of the innermost frame that is the program's own. */
function sourceOf(exception: Exception | undefined): string | null {
  const frames = exception?.stacktrace?.frames ?? []
  const own = frames.findLast(({ in_app: isOwn }) => isOwn === true) ?? frames.at(-1)
  return own?.filename ?? own?.module ?? null
}

/** As Node prints it: the innermost frame first. */
function stackOf({ type, value, stacktrace }: Exception): string {
  const head = [type, value].filter(Boolean).join(': ')
  const frames = (stacktrace?.frames ?? []).slice(-mostFrames).toReversed()
  return [head, ...frames.map(lineOf)].join('\n')
}

function lineOf(frame: Frame): string {
  const { filename, module, lineno, colno } = frame
  const place = [filename ?? module ?? '?', lineno, colno].filter((part) => part != null).join(':')
  return `    at ${frame.function ?? '?'} (${place})`
}

function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  )
}
