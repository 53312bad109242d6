import type { LoggedEvent } from '../../core/event.ts'
import { settleMs, type NoticeKind } from '../../core/notification.ts'
import { stateGlyph, type SessionState } from '../../core/session.ts'

/** What an event means for people; null for almost all. */
export interface NoticeText {
  kind: NoticeKind
  title: string
  body: string
  /** In the dashboard. */
  path: string
  /** It is told after this, when it still holds. */
  waitMs: number
}

export function noticeOf(event: LoggedEvent): NoticeText | null {
  const { noun, type, data } = event
  if (noun === 'prompt') return ofPrompt(event)
  if (noun === 'session' && type === 'state') return ofSession(event)
  if (noun === 'question' && type === 'ask') {
    const title = `${text(data['session'])} asks: ${text(data['question'])}`
    return { kind: 'needs_person', title, body: '', path: `/questions/${event.nounId}`, waitMs: 0 }
  }
  if (noun === 'alert' && type === 'raise') {
    const title = `▲ ${text(data['says'])}`
    return { kind: 'node', title, body: '', path: `/nodes/${text(data['node'])}`, waitMs: settleMs }
  }
  if (noun === 'secret' && type === 'expires') {
    const day = new Date(Number(data['expiresAt'])).toLocaleDateString('sv')
    const title = `▲ The secret ${text(data['name'])} expires on ${day}`
    return { kind: 'needs_person', title, body: '', path: `/vault/${event.nounId}`, waitMs: 0 }
  }
  if (noun === 'error' && type === 'regress') {
    const title = `↻ Error ${event.nounId}, which was resolved, is back`
    const body = `${text(data['errorType'])}: ${text(data['message'])}`
    return { kind: 'failed', title, body, path: `/errors/${event.nounId}`, waitMs: 0 }
  }
  if (noun === 'lock' && type === 'ready') {
    const title = `${text(data['branch'])} is ready for merge`
    const note = text(data['note'])
    return {
      kind: 'ready',
      title,
      body: `${text(data['session'])}${note && `: ${note}`}`,
      path: '/locks',
      waitMs: 0,
    }
  }
  return null
}

function ofPrompt({ nounId, type, data }: LoggedEvent): NoticeText | null {
  const path = `/prompts/${nounId}`
  const where = text(data['sessionName'])
  const body = [where, text(data['reason'])].filter(Boolean).join(': ')
  if (type === 'finish') return { kind: 'done', title: `✓ Prompt ${nounId} is done`, body, path, waitMs: 0 }
  if (type === 'fail' || type === 'expire') {
    return { kind: 'failed', title: `✕ Prompt ${nounId} failed`, body, path, waitMs: 0 }
  }
  if (type === 'submit' && data['state'] === 'staged') {
    return {
      kind: 'needs_person',
      title: `Prompt ${nounId} waits for approval`,
      body,
      path,
      waitMs: settleMs,
    }
  }
  if (type === 'doubt' || type === 'attention') {
    return { kind: 'needs_person', title: `? Prompt ${nounId} is in doubt`, body, path, waitMs: settleMs }
  }
  return null
}

const asks: Partial<Record<SessionState, string>> = {
  permission: 'asks for permission',
  question: 'asks a question',
  onboarding: 'waits for a login, a key or another first step',
  error: 'ended its turn with an error',
}

function ofSession({ nounId, data }: LoggedEvent): NoticeText | null {
  const state = data['state'] as SessionState
  const says = asks[state]
  if (says === undefined) return null
  const title = `${stateGlyph[state]} ${text(data['name'])} ${says}`
  return { kind: 'needs_person', title, body: nounId, path: '/needs-you', waitMs: settleMs }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
