import { attemptsOf } from '../../db/attempts.ts'
import { openMetricsStore } from '../../db/metrics/store.ts'
import { listNodes } from '../../db/node/read.ts'
import type { Database } from '../../db/open.ts'
import { getPrompt } from '../../db/prompts.ts'
import type { Sent } from '../chaos/feeder.ts'

/** Samples come every ten seconds and are kept in slots of ten: one slot in between may be left out, two are a hole. */
const stepsOfAHole = 3

/** The longest time without a figure of this node between two moments, in ms, and whether that is a hole. */
export async function longestGap(
  database: Database,
  name: string,
  from: number,
  until: number,
): Promise<{ ms: number; isHole: boolean }> {
  const node = (await listNodes(database.kysely)).find((each) => each.name === name)
  if (!node) throw new Error(`there is no node ${name}`)
  await using metrics = openMetricsStore(database, (error) => {
    throw error
  })
  const { times, stepMs } = await metrics.series(node.id, from, Date.now(), ['cpu'])
  const moments = [from, ...times.filter((at) => at > from && at < until), until]
  const ms = Math.max(...moments.map((at, index) => at - (moments[index - 1] ?? at)))
  return { ms, isHole: ms >= stepsOfAHole * stepMs }
}

/** Why each prompt that failed did. */
export async function reasonsOfFailure({ kysely }: Database, sent: readonly Sent[]): Promise<string[]> {
  const prompts = await Promise.all(sent.map(({ id }) => getPrompt(kysely, id)))
  return prompts.flatMap(({ id, state, reason }) => (state === 'failed' ? [`prompt ${id}: ${reason}`] : []))
}

/** Prompts that are said to be completed, and nobody knows with what. */
export async function withoutAnswer({ kysely }: Database, sent: readonly Sent[]): Promise<number[]> {
  const found = await Promise.all(
    sent.map(async ({ id }) => {
      const { state } = await getPrompt(kysely, id)
      const [last] = (await attemptsOf(kysely, id)).slice(-1)
      return state === 'completed' && !last?.answer ? [id] : []
    }),
  )
  return found.flat()
}
