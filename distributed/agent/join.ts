import { connect } from 'node:tls'
import { io } from 'socket.io-client'
import { AppError } from '../../app/core/errors.ts'
import { joinNamespace, nodesPath, type JoinMessage, type JoinReply } from '../protocol/sockets.ts'
import { whyNotConnected } from './why-not-connected.ts'

const answerWithinMs = 15_000

/** Takes the invitation to the dashboard, which gives a key for it. Throws what the dashboard says against it. */
export async function joinCluster(
  url: string,
  ca: string | null,
  message: JoinMessage,
): Promise<{ name: string; key: string }> {
  const socket = io(new URL(joinNamespace, url).href, {
    path: nodesPath,
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    ...(ca !== null && { ca, checkServerIdentity: () => undefined }),
  })
  let timer: NodeJS.Timeout | undefined
  try {
    const reply = await new Promise<JoinReply>((resolve, reject) => {
      const unreachable = (why: string) =>
        reject(
          new AppError('unavailable', `There is no dashboard at ${url}: ${why}. Is it the right address?`),
        )
      timer = setTimeout(() => unreachable('it did not answer'), answerWithinMs)
      socket.on('connect_error', (error) => unreachable(whyNotConnected(error)))
      socket.emit('join', message, resolve)
    })
    if ('refused' in reply) throw new AppError('unauthorized', reply.refused)
    return reply
  } finally {
    clearTimeout(timer)
    socket.disconnect()
  }
}

/**
 * The dashboard's certificate in PEM, when it is the very one that the invitation names. Throws `forbidden` when
 * another one answers at that address.
 */
export function pinnedCertificate(url: string, fingerprint: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    // Looked at only: nothing is said before the fingerprint was compared.
    const socket = connect({ host: hostname, port: Number(port || 443), rejectUnauthorized: false }, () => {
      const { raw, fingerprint256 } = socket.getPeerX509Certificate() ?? {}
      socket.destroy()
      if (!raw || fingerprint256?.replaceAll(':', '').toLowerCase() !== fingerprint) {
        reject(
          new AppError(
            'forbidden',
            `Somebody else answers at ${url}: its certificate is not that of the invitation. Make another invitation, and look who that is.`,
          ),
        )
        return
      }
      const lines = raw.toString('base64').match(/.{1,64}/g) ?? []
      resolve(`-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`)
    })
    socket.setTimeout(answerWithinMs, () => socket.destroy(new Error('it did not answer')))
    socket.on('error', (error) => {
      reject(
        new AppError('unavailable', `There is no dashboard at ${url}: ${error.message}.`, { cause: error }),
      )
    })
  })
}
