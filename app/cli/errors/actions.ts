import { systemClock } from '../../core/clock.ts'
import { errorGlyph, type ErrorEvent, type ErrorGroup, type ErrorId } from '../../core/reported-error.ts'
import { toJson } from '../../json.ts'
import { runUntilSignal } from '../../process.ts'
import { openOutput, type Output } from '../output/output.ts'
import { renderAge } from '../output/time.ts'
import { withSide } from '../with.ts'
import type { ErrorOptions } from './command.ts'
import { errorDesks, type ErrorDesk, type ErrorsWanted } from './desk.ts'
import { newsSince, type Seen } from './news.ts'

export async function listHere(options: ErrorOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(errorDesks, async (desk) => {
    const groups = await desk.list(wantedOf(options))
    if (output.json) return output.document({ items: toJson(groups), next_cursor: null })
    if (groups.length === 0) return output.line('No error.')
    const now = Date.now()
    output.table(groups, [
      { title: 'ID', align: 'right', value: ({ id }) => String(id) },
      { title: 'STATE', value: ({ state }) => `${errorGlyph[state]} ${state}` },
      { title: 'TIMES', align: 'right', value: ({ count }) => String(count) },
      { title: 'LAST', align: 'right', value: ({ lastSeenAt }) => renderAge(lastSeenAt, now) },
      { title: 'NODE', value: ({ lastNode, nodes }) => (nodes > 1 ? `${lastNode} +${nodes - 1}` : lastNode) },
      { title: 'SOURCE', value: ({ source }) => source.slice(-40) },
      { title: 'ERROR', flexible: true, value: ({ errorType, message }) => lineOf(errorType, message) },
    ])
  })
}

/** How often it is looked for more, in ms. */
const lookEveryMs = 1_000
const mostPerLook = 200

export async function tailHere(options: ErrorOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(errorDesks, (desk) =>
    runUntilSignal((signal) => tail(desk, output, { ...wantedOf(options), limit: mostPerLook }, signal)),
  )
}

/** Begins with what was seen last, then says what happens from there on. */
async function tail(
  desk: ErrorDesk,
  output: Output,
  wanted: ErrorsWanted,
  signal: AbortSignal,
): Promise<void> {
  const before = (await desk.list({ ...wanted, limit: 10 })).toReversed()
  if (before.length === 0) output.remark('No error so far. They are told here as they come; Ctrl-C ends it.')
  for (const group of before) say(output, group, 0)
  let seen: Seen = {
    counts: new Map(before.map(({ id, count }) => [id, count])),
    at: before.at(-1)?.lastSeenAt ?? 0,
  }
  while (!signal.aborted) {
    const { news, next } = newsSince(seen, await desk.list({ ...wanted, since: seen.at }))
    for (const { group, times } of news) say(output, group, times)
    seen = next
    await systemClock.sleep(lookEveryMs, signal)
  }
}

/** `more`: how often it happened since it was told last; 0 for what was there before. */
function say(output: Output, group: ErrorGroup, more: number) {
  const { id, state, count, lastSeenAt, lastNode, errorType, message, source } = group
  if (output.json) return output.document({ ...toJson(group), times: more || count })
  const where = [source, lastNode].filter(Boolean).join(' on ')
  const times = more > 0 && more < count ? `${count}× (+${more})` : `${count}×`
  const words = `#${id} ${times} ${lineOf(errorType, message)} (${where})`
  output.line(`${timeOf(lastSeenAt)} ${errorGlyph[state]} ${words}`)
}

/** With the day, unless it is today. */
function timeOf(at: number): string {
  const [day, time] = new Date(at).toLocaleString('sv').split(' ')
  return day === new Date().toLocaleString('sv').slice(0, 10) ? time! : `${day} ${time!.slice(0, 5)}`
}

export async function changeOne(
  event: Exclude<ErrorEvent, 'regress'>,
  id: ErrorId,
  options: ErrorOptions,
): Promise<void> {
  const output = openOutput(options)
  await withSide(errorDesks, async (desk) => {
    const group = await desk.change(id, event)
    if (output.json) output.document(toJson(group))
    else output.line(`Error ${group.id} is ${group.state}.`)
  })
}

function wantedOf({ state, node, search, limit = 50 }: ErrorOptions): ErrorsWanted {
  return {
    limit,
    ...(state && { states: state }),
    ...(node !== undefined && { node }),
    ...(search !== undefined && { text: search }),
  }
}

/** One line, without what would move the cursor. */
function lineOf(errorType: string, message: string): string {
  return `${errorType}: ${message}`.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').slice(0, 200)
}
