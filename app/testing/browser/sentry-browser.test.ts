import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageRoot } from '../../core/paths.ts'
import type { Person } from './chromium.ts'
import { openStage, type Stage } from './stage.ts'

let stage: Stage
let person: Person

beforeAll(async () => {
  stage = await openStage()
  person = await stage.person({})
})
afterAll(async () => {
  await person[Symbol.asyncDispose]()
  await stage[Symbol.asyncDispose]()
})

test('an unmodified @sentry/browser reports from the page of another site by its DSN', async () => {
  const dsn = `${stage.dashboard.url.replace('://', '://key@')}/3`
  const script = await bundledWith(dsn)
  await using site = await serve({ '/': '<!doctype html><script src="/app.js"></script>', '/app.js': script })
  const answered = person.page.waitForResponse((response) => response.url().includes('/api/3/envelope/'))

  await person.page.goto(site.url)
  const answer = await answered

  expect(answer.status()).toBe(200)
  const reader = await stage.dashboard.token(['read'], 'viewer')
  const { body } = await reader.get<{ items: object[] }>('/api/errors/groups?q=shelf')
  expect(body.items).toMatchObject([{ error_type: 'TypeError', message: 'the shelf is bare', count: 1 }])
  expect(person.complaints.filter((complaint) => complaint.includes('CORS'))).toEqual([])
})

async function bundledWith(dsn: string): Promise<string> {
  const entryPoints = [join(packageRoot, 'app/testing/browser/sentry-page.main.ts')]
  const define = { 'process.env.SENTRY_DSN': JSON.stringify(dsn) }
  const options = { bundle: true, write: false, format: 'iife', logLevel: 'error' } as const
  const { outputFiles } = await build({ ...options, entryPoints, define })
  return outputFiles[0]!.text
}

/** Another origin: its own port. */
async function serve(files: Record<string, string>): Promise<AsyncDisposable & { url: string }> {
  const server = createServer(({ url = '/' }, response) => {
    response.setHeader('Content-Type', url.endsWith('.js') ? 'text/javascript' : 'text/html')
    response.end(files[url] ?? '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
