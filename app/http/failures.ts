import type { ErrorRequestHandler, Request, Response } from 'express'
import { z } from 'zod'
import { AppError, isAppError, LimitedError, StaleError, type ErrorCode } from '../core/errors.ts'
import { toJson } from '../json.ts'
import type { Web } from './web.ts'

const statusOf: Record<ErrorCode, number> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  limited: 429,
  unavailable: 503,
}

/** What is sent instead of a reply: `{error: {code, message, request_id}}`. */
export interface Failure {
  status: number
  code: string
  message: string
  /** How it is now what somebody else changed first; beside the error. */
  current?: object
}

/** A failure that only HTTP knows. */
export class HttpFailure extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

/** Every failure as people and programs see it; a fault of ours goes to the log and is not described. */
export function failureOf(error: unknown): Failure {
  if (error instanceof HttpFailure) return error.failure
  if (error instanceof StaleError) return staleFailure(error)
  if (isAppError(error)) return { status: statusOf[error.code], code: error.code, message: error.message }
  if (error instanceof z.ZodError) return { status: 400, code: 'invalid', message: describeIssues(error) }
  if (error instanceof URIError) return { status: 400, code: 'invalid', message: 'The address is not valid.' }
  const parsing = bodyFailures[(error as { type?: string } | null)?.type ?? '']
  if (parsing) return parsing
  return { status: 500, code: 'internal', message: 'Something went wrong here; the log tells what.' }
}

function staleFailure({ code, message, current }: StaleError): Failure {
  return { status: 409, code, message, current: toJson(current) }
}

/** As the body parsers of Express name them. */
const bodyFailures: Record<string, Failure> = {
  'entity.too.large': { status: 413, code: 'too_large', message: 'The body is too large.' },
  'parameters.too.many': { status: 413, code: 'too_large', message: 'The form has too many fields.' },
  'entity.parse.failed': { status: 400, code: 'invalid', message: 'The body is not valid JSON.' },
  'encoding.invalid': { status: 400, code: 'invalid', message: 'The body is not valid UTF-8.' },
  'encoding.unsupported': { status: 415, code: 'unsupported', message: 'This encoding is not understood.' },
  'charset.unsupported': { status: 415, code: 'unsupported', message: 'Only UTF-8 is understood.' },
  'request.aborted': { status: 400, code: 'invalid', message: 'The request broke off.' },
  'request.size.invalid': {
    status: 400,
    code: 'invalid',
    message: 'The body has another length than it says.',
  },
}

/** What is wrong with a body may repeat the body; a sentence has an end. In characters. */
const longestSentence = 1_000

/** Of what may be said in several ways, only the way that was nearly right. */
function ofOneAlternative(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const [nearest] = issue.errors.toSorted((a, b) => a.length - b.length)
  if (!nearest?.length) return [issue]
  return nearest.flatMap((inner) => ofOneAlternative({ ...inner, path: [...issue.path, ...inner.path] }))
}

/** `content: must not be empty; priority: …`. */
function describeIssues({ issues }: z.ZodError): string {
  const sentence = issues
    .flatMap(ofOneAlternative)
    .map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
    .join('; ')
  return sentence.length > longestSentence ? `${sentence.slice(0, longestSentence)}…` : sentence
}

export function answerFailures(web: Web): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const failure = failureOf(error)
    if (failure.status === 500) web.log.json.error({ err: error, request: request.id }, 'a request failed')
    if (response.headersSent) return next(error)
    sayWhenToRetry(error, response)
    response.status(failure.status).json(failureBody(failure, request))
  }
}

export function failureBody({ code, message, current }: Failure, { id }: Pick<Request, 'id'>) {
  return { error: { code, message, request_id: id }, ...(current && { current }) }
}

/** For what no route answers. */
export function notFound(path: string): AppError {
  return new AppError('not_found', `There is nothing at ${path}.`)
}

/** How long somebody who did something too often has to wait. */
export function sayWhenToRetry(error: unknown, response: Response): void {
  if (!(error instanceof LimitedError)) return
  response.setHeader('Retry-After', String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))))
}
