import { openChannel, sendTest } from '../../broker/notifications/channels.ts'
import { sendDeliveries } from '../../broker/notifications/send.ts'
import {
  noticeKinds,
  type Channel,
  type ChannelKind,
  type Delivery,
  type NoticeKind,
} from '../../core/notification.ts'
import { AppError } from '../../core/errors.ts'
import { listChannels, removeChannel } from '../../db/notification/channels.ts'
import { findDelivery, listDeliveries } from '../../db/notification/deliveries.ts'
import { toJson } from '../../json.ts'
import { assignerRuns } from '../assigner/start.ts'
import { openOutput } from '../output/output.ts'
import { renderAge } from '../output/time.ts'
import { withDatabase } from '../with.ts'

interface Json {
  json?: true
}

export async function listAll(options: Json): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async ({ database }) => {
    const channels = await listChannels(database.kysely)
    if (output.json) return output.document({ items: channels.map(shown), next_cursor: null })
    if (channels.length === 0) return output.line('No channel. Add one: ./deploy.sh notifications add --help')
    output.table(channels, [
      { title: 'ID', align: 'right', value: ({ id }) => String(id) },
      { title: 'KIND', value: ({ kind, enabled }) => (enabled ? kind : `${kind} (off)`) },
      { title: 'NAME', value: ({ name }) => name },
      { title: 'TELLS', value: ({ kinds }) => kinds.join(', ') },
      { title: 'TO', value: hostOf },
    ])
  })
}

interface AddOptions extends Json {
  kind: ChannelKind
  name: string
  url?: string
  secret?: string
  on?: NoticeKind[]
  allowPrivate?: true
}

export async function addOne(options: AddOptions): Promise<void> {
  const output = openOutput(options)
  const { kind, name, url = null, secret = null, on = [...noticeKinds] } = options
  const input = { kind, name, url, secret, kinds: on, allowPrivate: options.allowPrivate ?? false }
  await withDatabase(async ({ database, clock }) => {
    const opened = await openChannel(database, input, clock.now())
    if (output.json) return output.document({ channel: shown(opened.channel), secret: opened.secret })
    output.line(
      `Channel ${opened.channel.id} is open. Try it: ./deploy.sh notifications test ${opened.channel.id}`,
    )
    if (opened.secret !== null) output.line(`Its secret, shown only this once: ${opened.secret}`)
  })
}

export async function removeOne(id: number, options: Json): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async ({ database, clock }) => {
    await database.write((db) => removeChannel(db, id, clock.now()))
    if (output.json) output.document({ success: true })
    else output.line(`Channel ${id} is removed.`)
  })
}

/** Longer than a try can take. */
const waitMs = 15_000

/** The assigner sends it; where none runs, this command does. */
export async function testOne(id: number, options: Json): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async ({ config, database, clock }) => {
    const messageId = await sendTest(database, id, clock.now())
    const until = clock.now() + waitMs
    for (;;) {
      if (!assignerRuns(config)) await sendDeliveries({ database, clock })
      const delivery = await findDelivery(database.kysely, messageId)
      if (delivery && delivery.log.length > 0) return report(delivery)
      if (clock.now() > until)
        throw new AppError('unavailable', 'The test was not sent within 15 s; is the assigner busy?')
      await clock.sleep(200)
    }
  })

  function report(delivery: Delivery) {
    const { state, failure } = delivery
    if (state !== 'sent') process.exitCode = 1
    if (output.json) output.document(toJson(delivery))
    else output.line(state === 'sent' ? 'Sent.' : `Not sent: ${failure}`)
  }
}

export async function showSent(options: Json & { limit?: number }): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async ({ database }) => {
    const deliveries = await listDeliveries(database.kysely, { limit: options.limit ?? 20 })
    if (output.json) return output.document({ items: toJson(deliveries), next_cursor: null })
    if (deliveries.length === 0) return output.line('Nothing was sent yet.')
    output.table(deliveries, [
      { title: 'WHEN', align: 'right', value: ({ createdAt }) => renderAge(createdAt, Date.now()) },
      { title: 'CHANNEL', align: 'right', value: ({ channelId }) => String(channelId) },
      { title: 'STATE', value: ({ state }) => state },
      { title: 'TRIES', align: 'right', value: ({ tries }) => String(tries) },
      { title: 'MESSAGE', flexible: true, value: ({ title }) => title },
      { title: 'FAILURE', value: ({ failure }) => failure ?? '' },
    ])
  })
}

/** Its address may be a secret. */
function shown({ url, ...channel }: Channel) {
  return { ...toJson(channel), goes_to: url === null ? null : new URL(url).host }
}

function hostOf({ url }: Channel): string {
  return url === null ? 'open tabs' : new URL(url).host
}
