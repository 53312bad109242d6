import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readTls } from '../../http/tls.ts'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { remoteDesk } from '../desk/remote.ts'
import { remoteAddress } from './address.ts'
import { Dashboard } from './dashboard.ts'

describe('what goes wrong is said in a sentence', () => {
  let dashboard: TestDashboard
  const servers: Server[] = []

  beforeAll(async () => {
    dashboard = await startDashboard()
  })
  afterAll(async () => {
    for (const server of servers) server.close()
    await dashboard[Symbol.asyncDispose]()
  })

  const ask = (url: string, token = 'x') =>
    new Dashboard({ url, token, saidBy: 'ARCHITECT_URL' }).get('/api/assigner/status')

  async function answering(status: number, body: string, headers = {}): Promise<string> {
    const server = createServer((_request, response) => response.writeHead(status, headers).end(body))
    servers.push(server)
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  test('nobody listens', async () => {
    const url = await answering(200, '')
    await new Promise((resolve) => servers.pop()!.close(resolve))

    await expect(ask(url)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^Nothing listens at http:\/\/127.0.0.1:\d+; .* ARCHITECT_URL/),
    })
  })

  test('the token is worth nothing', async () => {
    await expect(ask(dashboard.url, 'wrong')).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringMatching(/does not take ARCHITECT_TOKEN.*\/settings\/tokens/),
    })
  })

  test('the token may only look', async () => {
    const { token } = await dashboard.token(['read'], 'operator')
    const desk = remoteDesk(new Dashboard({ url: dashboard.url, token, saidBy: 'ARCHITECT_URL' }))

    await expect(desk.submit({ content: 'x' })).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('lacks the scope "prompts"'),
    })
  })

  test.each([
    [200, '<html>hello</html>'],
    [404, 'nothing here'],
    [502, ''],
    [500, '{"message": "no"}'],
    [500, 'null'],
  ])('something else answers: %i %j', async (status, body) => {
    await expect(ask(await answering(status, body))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(`no dashboard of Architect \\(status ${status}\\)`),
    })
  })

  test('its certificate is not known here, or it speaks no HTTPS', async () => {
    const tls = await readTls({ ...dashboard.web.config, tls: 'own' }, Date.now())
    const server = createSecureServer(tls!, (_request, response) => response.end('{}'))
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const plain = await answering(200, '{}')
    try {
      const unknown = ask(`https://127.0.0.1:${(server.address() as AddressInfo).port}`)

      await expect(unknown).rejects.toThrow(/not known on this machine. Copy it .*NODE_EXTRA_CA_CERTS=/)
      await expect(ask(plain.replace('http:', 'https:'))).rejects.toThrow(/does not speak HTTPS. Write http:/)
    } finally {
      server.close()
    }
  })

  test('a token is not carried on to where a redirect leads', async () => {
    const asked: string[] = []
    const thief = createServer((request, response) => {
      asked.push(request.headers.authorization ?? '')
      response.end('{}')
    })
    servers.push(thief)
    await new Promise<void>((resolve) => {
      thief.listen(0, '127.0.0.1', resolve)
    })
    const place = `http://127.0.0.1:${(thief.address() as AddressInfo).port}/`

    await expect(ask(await answering(302, '', { Location: place }))).rejects.toMatchObject({
      code: 'unavailable',
    })
    expect(asked).toEqual([])
  })
})

describe('the address', () => {
  test('without ARCHITECT_URL commands work here', () => {
    expect(remoteAddress({ ARCHITECT_TOKEN: 'x' })).toBeNull()
    expect(remoteAddress({ ARCHITECT_URL: '' })).toBeNull()
  })

  test('keeps a path and loses slashes at the end', () => {
    const url = 'https://pi-1:8443/architect//'

    expect(remoteAddress({ ARCHITECT_URL: url, ARCHITECT_TOKEN: 't' })).toEqual({
      url: 'https://pi-1:8443/architect',
      token: 't',
      saidBy: 'ARCHITECT_URL',
    })
  })

  test.each([
    [{ ARCHITECT_URL: 'pi-1:8080', ARCHITECT_TOKEN: 't' }, /ARCHITECT_URL must be an address like/],
    [{ ARCHITECT_URL: 'ftp://pi-1', ARCHITECT_TOKEN: 't' }, /ARCHITECT_URL must be an address like/],
    [{ ARCHITECT_URL: 'https://a:b@pi-1', ARCHITECT_TOKEN: 't' }, /without a user/],
    [{ ARCHITECT_URL: 'https://pi-1/?x=1', ARCHITECT_TOKEN: 't' }, /an address alone/],
    [{ ARCHITECT_URL: 'https://pi-1' }, /ARCHITECT_TOKEN must be too.*https:\/\/pi-1\/settings\/tokens/],
    [{ ARCHITECT_URL: 'https://pi-1', ARCHITECT_TOKEN: 'a b' }, /copy it again/],
  ])('%j is refused', (env, message) => {
    expect(() => remoteAddress(env)).toThrow(message)
  })

  test('a flag that gave it is named in the place of the variable', () => {
    expect(() => remoteAddress({ ARCHITECT_URL: 'pi-1' }, '--dashboard')).toThrow(/^--dashboard must be/)
  })
})
