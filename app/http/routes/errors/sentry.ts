import type { Request, Response } from 'express'
import { z } from 'zod'
import { LimitedError } from '../../../core/errors.ts'
import { errorLimits } from '../../../core/reported-error.ts'
import { takeUnpacked, TooLarge } from '../../../errors/sentry/decode.ts'
import { itemsOf, jsonObject } from '../../../errors/sentry/envelope.ts'
import { reportOfEvent } from '../../../errors/sentry/event.ts'
import { HttpFailure } from '../../failures.ts'
import { OwnAnswer } from '../../own-answer.ts'
import { defineRoute, type Route } from '../../route.ts'
import type { Web } from '../../web.ts'

/** Any project and any key: what comes without a login needs no name for it. */
const params = z.object({ project: z.string().regex(/^\w{1,100}$/, { error: 'must be a word' }) })

/** As Sentry answers. */
const reply = z.object({ id: z.string().optional() })

interface From {
  web: Web
  project: string
  address: string
}

type Take = (body: Buffer, from: From) => Promise<string | null>

function sentryRoute(word: 'envelope' | 'store', summary: string, take: Take): Route {
  return defineRoute({
    method: 'post',
    path: `/api/:project/${word}`,
    tag: 'Errors',
    summary,
    access: 'public',
    anonymous: true,
    crossOrigin: true,
    params,
    reply,
    handle: ({ web, params: { project }, address }) =>
      Promise.resolve(
        new OwnAnswer(async (request, response) => {
          const id = await takeBody(request, response, { web, project, address }, take)
          response.json(id === null ? {} : { id })
        }),
      ),
  })
}

async function takeBody(
  request: Request,
  response: Response,
  from: From,
  take: Take,
): Promise<string | null> {
  try {
    const encoding = request.headers['content-encoding'] ?? ''
    return await takeUnpacked(request, encoding, (body) => take(body, from))
  } catch (error) {
    if (error instanceof LimitedError) {
      const seconds = Math.ceil(error.retryAfterMs / 1000)
      response.setHeader('X-Sentry-Rate-Limits', `${seconds}:error;default:key`)
    }
    if (!(error instanceof TooLarge)) throw error
    from.web.errors.refuse({ node: '', source: `project ${from.project}`, reason: 'too large' })
    throw new HttpFailure({ status: 413, code: 'too_large', message: 'The body is too large.' })
  }
}

/** What is no error is counted and left out: we measure no performance and keep no files. */
async function takeEnvelope(body: Buffer, from: From): Promise<string | null> {
  let first: string | null = null
  for (const { type, payload } of itemsOf(body)) {
    if (type === 'event' && payload.length <= errorLimits.bodyBytes) {
      const id = await takeEvent(payload, from)
      first ??= id
      continue
    }
    const reason = type === 'event' ? 'too large' : `sentry ${nameOf(type)}`
    from.web.errors.refuse({ node: '', source: `project ${from.project}`, reason })
  }
  return first
}

async function takeEvent(body: Buffer, { web, project, address }: From): Promise<string | null> {
  const { id, report } = reportOfEvent(jsonObject(body, 'event'), project)
  await web.errors.report(report, address)
  return id
}

/** Of what there is; other words of a stranger name no row of ours. */
const known = [
  'transaction',
  'session',
  'sessions',
  'attachment',
  'client_report',
  'profile',
  'replay_event',
  'log',
]

function nameOf(type: string): string {
  return known.includes(type) ? type : 'item of another type'
}

export const sentryRoutes: readonly Route[] = [
  sentryRoute(
    'envelope',
    'Errors as SDKs of Sentry send them, by DSN; other items are counted and dropped',
    takeEnvelope,
  ),
  sentryRoute('store', 'One event, as older SDKs of Sentry send it', takeEvent),
]
