import { UsageError } from '../failure.ts'

/** Where another machine's dashboard is, and what opens it. */
export interface RemoteAddress {
  /** Without a slash at the end. */
  url: string
  token: string
  /** What the person said it with, as messages name it. */
  saidBy: string
}

/**
 * `ARCHITECT_URL` and `ARCHITECT_TOKEN`; null: commands work on this machine. `saidBy`: what stands in the variable's
 * place in messages, where a flag has set it. Throws `UsageError`.
 */
export function remoteAddress(env: NodeJS.ProcessEnv, saidBy = 'ARCHITECT_URL'): RemoteAddress | null {
  const address = env['ARCHITECT_URL']
  if (!address) return null
  const url = URL.canParse(address) ? new URL(address) : null
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`${saidBy} must be an address like https://pi-1:8080; "${address}" is none.`)
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new UsageError(`${saidBy} must be an address alone, without a user, a "?" or a "#".`)
  }
  const token = env['ARCHITECT_TOKEN']
  if (!token) {
    throw new UsageError(
      `${saidBy} is set, so ARCHITECT_TOKEN must be too: make a token at ${trimmed(url)}/settings/tokens.`,
    )
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError('ARCHITECT_TOKEN holds characters that no token has; copy it again.')
  }
  return { url: trimmed(url), token, saidBy }
}

function trimmed({ href }: URL): string {
  return href.replace(/\/+$/, '')
}
