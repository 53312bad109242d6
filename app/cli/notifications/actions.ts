import { noticeKinds, type ChannelKind, type Delivery, type NoticeKind } from '../../core/notification.ts'
import { systemClock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { toJson } from '../../json.ts'
import { openOutput } from '../output/output.ts'
import { renderAge } from '../output/time.ts'
import { withSide } from '../with.ts'
import { notificationDesks } from './desk.ts'

interface Json {
  json?: true
}

export async function listAll(options: Json): Promise<void> {
  const output = openOutput(options)
  await withSide(notificationDesks, async (desk) => {
    const channels = await desk.channels()
    if (output.json) return output.document({ items: toJson(channels), next_cursor: null })
    if (channels.length === 0) return output.line('No channel. Add one: ./deploy.sh notifications add --help')
    output.table(channels, [
      { title: 'ID', align: 'right', value: ({ id }) => String(id) },
      { title: 'KIND', value: ({ kind, enabled }) => (enabled ? kind : `${kind} (off)`) },
      { title: 'NAME', value: ({ name }) => name },
      { title: 'TELLS', value: ({ kinds }) => kinds.join(', ') },
      { title: 'TO', value: ({ goesTo }) => goesTo ?? 'open tabs' },
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
  const wanted = { kind, name, url, secret, kinds: on, allowPrivate: options.allowPrivate ?? false }
  await withSide(notificationDesks, async (desk) => {
    const opened = await desk.open(wanted)
    if (output.json) return output.document({ channel: toJson(opened.channel), secret: opened.secret })
    output.line(
      `Channel ${opened.channel.id} is open. Try it: ./deploy.sh notifications test ${opened.channel.id}`,
    )
    if (opened.secret !== null) output.line(`Its secret, shown only this once: ${opened.secret}`)
  })
}

export async function removeOne(id: number, options: Json): Promise<void> {
  const output = openOutput(options)
  await withSide(notificationDesks, async (desk) => {
    await desk.remove(id)
    if (output.json) output.document({ success: true })
    else output.line(`Channel ${id} is removed.`)
  })
}

/** Longer than a try can take. */
const waitMs = 15_000
const lookAgainMs = 200

/** The assigner sends it; where none runs on this machine, this command does. */
export async function testOne(id: number, options: Json): Promise<void> {
  const output = openOutput(options)
  const clock = systemClock
  await withSide(notificationDesks, async (desk) => {
    const messageId = await desk.test(id)
    const until = clock.now() + waitMs
    for (;;) {
      const delivery = await desk.delivery(id, messageId)
      if (delivery && delivery.log.length > 0) return report(delivery)
      if (clock.now() > until)
        throw new AppError('unavailable', 'The test was not sent within 15 s; is an assigner running?')
      await clock.sleep(lookAgainMs)
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
  await withSide(notificationDesks, async (desk) => {
    const deliveries = await desk.sent(options.limit ?? 20)
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
