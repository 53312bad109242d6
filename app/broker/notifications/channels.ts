import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { secretsIn } from '../../core/masking.ts'
import type { Channel, ChannelKind, NoticeKind } from '../../core/notification.ts'
import { addChannel, findChannel, listChannels, missing } from '../../db/notification/channels.ts'
import type { Database } from '../../db/open.ts'
import { getNotificationRules } from '../../db/settings.ts'
import { queueMessage } from './compose.ts'
import { topicOf } from './payload.ts'
import { checkUrl } from './post.ts'
import { isWebhookSecret, makeWebhookSecret } from './sign.ts'

/** More than anybody looks after. */
const maxChannels = 50

export interface NewChannel {
  kind: ChannelKind
  name: string
  url: string | null
  /** Of a webhook: made when none is given. Of ntfy: an access token. */
  secret: string | null
  kinds: readonly NoticeKind[]
  allowPrivate: boolean
}

/** Returns the secret that was made, for the only time; null when it was given or there is none. */
export async function openChannel(
  database: Database,
  input: NewChannel,
  now: EpochMs,
): Promise<{ channel: Channel; secret: string | null }> {
  const { kind, url } = input
  if ((await listChannels(database.kysely)).length >= maxChannels) {
    throw new AppError('limited', `There are ${maxChannels} channels already; remove one first.`)
  }
  refuseSecrets(input)
  if (kind === 'browser') return add(database, { ...input, url: null, secret: null }, null, now)
  const { href } = checkUrl(url ?? '')
  if (kind === 'ntfy') {
    checkTopic(href)
    return add(database, { ...input, url: href }, null, now)
  }
  if (input.secret !== null && !isWebhookSecret(input.secret)) {
    throw new AppError(
      'invalid',
      'A webhook secret is whsec_ and 24 to 64 bytes in base64; leave it out to get a good one.',
    )
  }
  const made = input.secret === null ? makeWebhookSecret() : null
  return add(database, { ...input, url: href, secret: input.secret ?? made }, made, now)
}

/** Masked when it is stored, it would call somewhere else, or sign with something else. */
function refuseSecrets({ url, secret }: NewChannel) {
  const [name] = secretsIn(`${url ?? ''}\n\n${secret ?? ''}`)
  if (name === undefined) return
  throw new AppError(
    'invalid',
    `The secret "${name}" of the vault stands in this channel, and would be masked where the channel is kept. ` +
      'A channel keeps its address and its secret by itself: take that one out of the vault, or use another.',
  )
}

/** Queues a message that says only that it arrives; returns its id. */
export async function sendTest(database: Database, id: number, now: EpochMs): Promise<string> {
  const channel = await findChannel(database.kysely, id)
  if (!channel) throw missing(id)
  const { publicUrl } = await getNotificationRules(database.kysely)
  const words = { title: 'A test from Architect', body: `This is how "${channel.name}" will tell you.` }
  const text = {
    ...words,
    kind: 'test' as const,
    path: '/settings/notifications',
    count: 1,
    items: [],
    publicUrl,
  }
  const messageId = await database.write((db) => queueMessage(db, channel, text, now))
  await database.bus.notify('prompts')
  return messageId
}

async function add(database: Database, input: NewChannel, made: string | null, now: EpochMs) {
  const channel = await database.write((db) => addChannel(db, { ...input, enabled: true }, now))
  return { channel, secret: made }
}

function checkTopic(url: string) {
  if (/^[-_A-Za-z0-9]{1,64}$/.test(topicOf(url))) return
  throw new AppError(
    'invalid',
    'The address of an ntfy topic looks like https://ntfy.sh/my-topic (letters, digits, - and _).',
  )
}
