import { isUtf8 } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import express, { type Request, type RequestHandler } from 'express'
import { maxPromptBytes } from '../core/prompt.ts'
import { AppError } from '../core/errors.ts'
import { HttpFailure } from './failures.ts'
import type { Route } from './route.ts'

/** A prompt of the largest size, each of its bytes escaped, and what is around it. */
const maxBodyBytes = 2 * maxPromptBytes + 65_536
/** From somebody who has not proved who they are: a name and a password. */
const maxPublicBodyBytes = 16_384

/** What reads the body of a route, after its caller was authorised; nothing for a route without a body. */
export function bodyReaders({ body, form, bodyBytes, access }: Route): RequestHandler[] {
  if (!body) return []
  const limit = bodyBytes ?? (access === 'public' ? maxPublicBodyBytes : maxBodyBytes)
  const readJson = express.json({ limit, verify: refuseBrokenText })
  return form ? [readJson, express.urlencoded({ limit, extended: false })] : [readJson]
}

/** Bytes that are no UTF-8 would silently become other text. */
function refuseBrokenText(_request: IncomingMessage, _response: ServerResponse, body: Buffer) {
  if (!isUtf8(body)) throw Object.assign(new Error('not UTF-8'), { type: 'encoding.invalid' })
}

/** Nothing that we are sent has a reason to be nested deeper; far deeper ones end in a stack overflow. */
const maxDepth = 64

/** Throws 415 when there is a body that no reader understood, `invalid` for one that is nested too deep. */
export function bodyOf(request: Request): unknown {
  if (isDeeper(request.body, maxDepth)) {
    throw new AppError('invalid', `The body is nested deeper than ${maxDepth} levels.`)
  }
  if (request.body !== undefined) return request.body
  if (Number(request.headers['content-length'] ?? 0) > 0 || request.headers['transfer-encoding']) {
    const message = 'Send JSON, with Content-Type: application/json.'
    throw new HttpFailure({ status: 415, code: 'unsupported', message })
  }
  return {}
}

function isDeeper(value: unknown, most: number): boolean {
  if (value === null || typeof value !== 'object') return false
  return most === 0 || Object.values(value).some((inner) => isDeeper(inner, most - 1))
}
