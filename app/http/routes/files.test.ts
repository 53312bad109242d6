import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventsAfter } from '../../db/events.ts'
import { startDashboard, type Client, type TestDashboard } from '../../testing/dashboard.ts'

let dashboard: TestDashboard
let person: Client
let root: string

beforeAll(async () => {
  dashboard = await startDashboard()
  person = await dashboard.token(['read', 'prompts'], 'operator')
  root = join(dashboard.server.folder, 'shop')
  mkdirSync(join(root, 'src'), { recursive: true })
  writeFileSync(join(root, 'src/app.ts'), 'let x = 1\n')
  await person.send('POST', '/api/projects', { name: 'Shop', key: 'SHOP', root_path: root })
})
afterAll(() => dashboard[Symbol.asyncDispose]())

interface File {
  content: string
  version: string
  path: string
  error?: { code: string }
}

const read = (body: object) => person.send<File>('POST', '/api/files/read', body)
const write = (body: object) => person.send<File>('POST', '/api/files/write', { project: 'SHOP', ...body })

test('a file is read by project or by its whole path, and replaced by its version', async () => {
  const first = await read({ project: 'shop', path: 'src/app.ts' })
  const whole = await read({ path: join(root, 'src/app.ts') })
  const written = await write({ path: 'src/app.ts', content: 'let x = 2\n', version: first.body.version })
  const late = await write({ path: 'src/app.ts', content: 'let x = 3\n', version: first.body.version })

  expect(first.body).toMatchObject({ project: 'SHOP', path: 'src/app.ts', content: 'let x = 1\n' })
  expect(whole.body).toEqual(first.body)
  expect([written.status, late.status]).toEqual([200, 409])
  expect(readFileSync(join(root, 'src/app.ts'), 'utf8')).toBe('let x = 2\n')
  const log = await eventsAfter(dashboard.web.database.kysely, 0, { limit: 100, noun: 'project' })
  expect(log.at(-1)).toMatchObject({ type: 'write_file', data: { name: 'Shop', detail: 'src/app.ts' } })
})

test('nothing outside of projects is read, and nothing in one that has no folder', async () => {
  symlinkSync('/etc', join(root, 'etc'))
  await person.send('POST', '/api/projects', { name: 'Ideas', key: 'IDEA' })

  const answers = await Promise.all([
    read({ path: '/etc/passwd' }),
    read({ path: `${root}/../tmux.sock` }),
    read({ path: `${root}/etc/passwd` }),
    read({ path: `${root}2/x` }),
    read({ project: 'SHOP', path: '%2e%2e/%2e%2e/etc/passwd' }),
    read({ project: 'IDEA', path: 'x' }),
    read({ project: 'NONE', path: 'x' }),
  ])

  expect(answers.map(({ status }) => status)).toEqual([404, 400, 403, 404, 404, 400, 404])
})

test('bytes go in as base64, and text that is none of either is refused', async () => {
  const made = await write({ path: 'x.bin', content: '//4A', encoding: 'base64' })
  const broken = await write({ path: 'y.bin', content: '//4', encoding: 'base64' })
  const half = await write({ path: 'z.txt', content: '\ud800' })

  expect([made.status, broken.status, half.status]).toEqual([200, 400, 400])
  expect([...readFileSync(join(root, 'x.bin'))]).toEqual([0xff, 0xfe, 0])
})

test('who may only look reads no file, with a token or without one', async () => {
  const viewer = await dashboard.token(['read', 'prompts'], 'viewer')
  const reader = await dashboard.token(['read'], 'operator')

  for (const client of [viewer, reader]) {
    const answer = await client.send('POST', '/api/files/read', { project: 'SHOP', path: 'src/app.ts' })
    expect(answer.status).toBe(403)
  }
})

test('the files of a feature are those that it names', async () => {
  const project = await person.get<{ id: number }>('/api/projects/SHOP')
  const item = {
    project_id: project.body.id,
    title: 'Pay',
    metadata: { files: ['src/pay.ts', 'src/app.ts', 7] },
  }
  const { body } = await person.send<{ id: number; key: string }>('POST', '/api/features', item)

  const byNumber = await person.get(`/api/files/feature/${body.id}`)
  const byKey = await person.get(`/api/files/feature/${body.key}`)

  expect(byNumber.body).toEqual({
    project: 'SHOP',
    items: [
      { path: 'src/app.ts', named: true, prompt_ids: [] },
      { path: 'src/pay.ts', named: true, prompt_ids: [] },
    ],
  })
  expect(byKey.body).toEqual(byNumber.body)
})

test('pages show what can be opened, a file as it is, and say why not', async () => {
  const page = async (client: Client, path: string) => {
    const answer = await client.fetch(`/panels/projects/SHOP/${path}`)
    return { status: answer.status, html: await answer.text() }
  }
  const operator = await dashboard.signIn('operator')
  const viewer = await dashboard.signIn('viewer')
  mkdirSync(join(root, 'odd'))
  writeFileSync(join(root, 'odd/<b>.txt'), '\n</textarea><script>x</script>')
  writeFileSync(join(root, 'odd/crlf.txt'), 'a\r\nb\r\n')
  writeFileSync(join(root, 'odd/mixed.txt'), 'a\r\nb\n')
  writeFileSync(join(root, 'odd/old mac.txt'), 'a\rb\r')
  writeFileSync(join(root, 'odd/.env'), 'KEY=planted')
  writeFileSync(join(root, 'odd/bytes'), Buffer.from([0xff, 0]))
  symlinkSync('/etc', join(root, 'odd/link'))

  const list = await page(operator, 'files?path=odd')
  const markup = await page(operator, `file?path=${encodeURIComponent('odd/<b>.txt')}`)
  const shown = await Promise.all(
    ['crlf.txt', 'mixed.txt', 'old mac.txt', 'bytes'].map(async (name) => {
      const { html } = await page(operator, `file?path=odd/${encodeURIComponent(name)}`)
      return [/name="line_ends" value="(\w+)"/.exec(html)?.[1], html.includes('<textarea')]
    }),
  )
  const refused = ['odd/.env', 'odd/link/passwd', '../x', 'odd', 'none'].map((path) =>
    page(operator, `file?path=${path}`),
  )

  expect(list.html).toContain('&lt;b&gt;.txt')
  expect(list.html).not.toMatch(/\.env|link|planted/)
  expect(markup.html).toContain('>\n\n&lt;/textarea&gt;&lt;script&gt;x')
  expect(shown).toEqual([
    ['crlf', true],
    [undefined, false],
    [undefined, false],
    [undefined, false],
  ])
  expect((await Promise.all(refused)).map(({ status }) => status)).toEqual([403, 403, 400, 403, 404])
  expect((await page(viewer, 'files')).status).toBe(403)
})

test('what a browser sends with bare newlines is written with the ends that the file has', async () => {
  const made = await write({ path: 'dos.txt', content: 'a\r\n', version: null })

  await write({ path: 'dos.txt', content: 'a\nb\r\n', line_ends: 'crlf', version: made.body.version })

  expect(readFileSync(join(root, 'dos.txt'), 'utf8')).toBe('a\r\nb\r\n')
})
