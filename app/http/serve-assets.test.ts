import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDashboard, type TestDashboard } from '../testing/dashboard.ts'
import { loadAssets, vendorFiles } from './assets.ts'

let dashboard: TestDashboard
const { version } = loadAssets()

beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard[Symbol.asyncDispose]())

test('a file under its version may be kept for a year, under another only until it is asked for again', async () => {
  const current = await dashboard.anonymous.fetch(`/assets/${version}/css/tokens.css`)
  const old = await dashboard.anonymous.fetch('/assets/older/css/tokens.css')

  expect(current.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(current.headers.get('content-type')).toBe('text/css; charset=utf-8')
  expect(old.headers.get('cache-control')).toBe('no-cache')
})

test.each(Object.keys(vendorFiles))('the package file %s is served, compressed', async (name) => {
  const response = await dashboard.anonymous.fetch(`/vendor/${name}`, {
    headers: { 'accept-encoding': 'br' },
  })

  expect(response.status).toBe(200)
  expect(response.headers.get('content-encoding')).toBe('br')
})

test('each encoding holds the same bytes', async () => {
  const asset = loadAssets().find('css/architect.css')!
  const [br, gzip, identity] = await Promise.all([
    asset.bytes('br'),
    asset.bytes('gzip'),
    asset.bytes('identity'),
  ])

  expect(brotliDecompressSync(br).equals(identity)).toBe(true)
  expect(gunzipSync(gzip).equals(identity)).toBe(true)
})

test('a page names all modules that it needs at once, so that none waits for another to name it', async () => {
  const browser = await dashboard.signIn('viewer')
  const page = await (await browser.fetch('/nodes', { headers: { Accept: 'text/html' } })).text()
  const named = [...page.matchAll(/rel="modulepreload" href="([^"]+)"/g)].map(([, address]) => address!)

  for (const address of named) {
    const code = await (await dashboard.anonymous.fetch(address)).text()
    const imports = code.matchAll(/(?:^import|\bfrom) ?["'](\.[^"']+)["']/gm)
    const needed = [...imports].map(([, path]) => new URL(path!, `http://x${address}`).pathname)
    expect(named).toEqual(expect.arrayContaining(needed))
  }

  expect(named).toContain(`/assets/${version}/vendor/socket.io.js`)
})

test.each([
  '/vendor/..%2f..%2fpackage.json',
  '/vendor/htmx.org/package.json',
  `/assets/${version}/../../package.json`,
  `/assets/${version}/%2e%2e/%2e%2e/package.json`,
  `/assets/${version}/vendor`,
  '/vendor/__proto__',
])('%s is not there', async (path) => {
  expect((await dashboard.anonymous.fetch(path)).status).toBe(404)
})
