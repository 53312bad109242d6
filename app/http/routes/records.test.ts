import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { askHuman } from '../../broker/human-tasks/ask.ts'
import { listActivity } from '../../db/activity.ts'
import { startDashboard } from '../../testing/dashboard.ts'

test('files are locked, checked, and given back over HTTP; a second session is refused with who and since when', async () => {
  await using dashboard = await startDashboard()
  const program = await dashboard.token(['sessions', 'read'], 'operator')
  const dir = join(dashboard.server.folder, 'project')
  mkdirSync(dir)
  execFileSync('git', ['init', '-q', '-b', 'feature/x-1121', dir])
  const take = (session: string, files: string[]) =>
    program.send('POST', '/api/locks', { session, dir, files })

  const taken = await take('w1', ['src/'])
  const refused = await take('w2', ['src/a.ts'])
  const check = await program.get(`/api/locks/check?session=w2&dir=${dir}&file=src/a.ts&file=b`)
  const id = (taken.body as { lock: { id: number } }).lock.id
  const ready = await program.send('POST', `/api/locks/${id}/ready`, { note: 'tested' })
  const released = await program.send('POST', `/api/locks/${id}/release`, {})

  expect(taken).toMatchObject({
    status: 200,
    body: { lock: { branch: 'feature/x-1121', files: [{ path: 'src/' }] } },
  })
  expect(refused).toMatchObject({
    status: 409,
    body: { error: { message: expect.stringContaining('locked by w1') } },
  })
  expect(check).toMatchObject({
    status: 200,
    body: { free: false, held: [{ wanted: 'src/a.ts', path: 'src/', session: 'w1' }] },
  })
  expect(ready.status).toBe(200)
  expect(released).toMatchObject({ status: 200, body: { left: null } })
  expect(await program.get('/api/locks')).toMatchObject({ body: { items: [] } })
})

test('a question is asked, shown among what needs a person, and answered once', async () => {
  await using dashboard = await startDashboard()
  const { web } = dashboard
  const program = await dashboard.token(['prompts', 'read'], 'operator')
  const browser = await dashboard.signIn('operator')

  const asked = await program.send('POST', '/api/human-tasks', {
    session: 'w1',
    question: 'Drop <b>users</b>?',
    choices: ['yes', '"><script>no'],
  })
  const page = await (await browser.fetch('/needs-you', { headers: { Accept: 'text/html' } })).text()
  const card = await (await browser.fetch('/questions/1', { headers: { Accept: 'text/html' } })).text()
  const answered = await browser.send('POST', '/api/human-tasks/1/answer', { answer: 'yes' })
  const again = await program.send('POST', '/api/human-tasks/1/answer', { answer: 'no' })

  expect(asked).toMatchObject({ status: 200, body: { created: true, human_task: { id: 1, state: 'open' } } })
  expect(page).toMatch(/Drop &(lt|#60);b&(gt|#62);users&(lt|#60);\/b&(gt|#62);\?/)
  expect(page + card).not.toMatch(/<b>users|<script>no/)
  expect(answered).toMatchObject({
    status: 200,
    body: { human_task: { answered_by: 'test-operator', answer_prompt_id: 1 } },
  })
  expect(again).toMatchObject({
    status: 409,
    body: { error: { message: expect.stringContaining('answered already by test-operator: yes') } },
  })
  const [event] = await listActivity(web.database.kysely, { noun: 'question', type: 'answer', limit: 1 })
  expect(event?.actor).toMatchObject({ kind: 'user', name: 'test-operator' })
})

test('a viewer reads questions and answers none', async () => {
  await using dashboard = await startDashboard()
  const { web } = dashboard
  const viewer = await dashboard.signIn('viewer')
  await askHuman(web.database, { node: web.config.node, session: 'w1', question: 'Which?' }, web.clock.now())

  const list = await viewer.get('/api/human-tasks?state=open')
  const answer = await viewer.send('POST', '/api/human-tasks/1/answer', { answer: 'x' })
  const dismiss = await viewer.send('POST', '/api/human-tasks/1/dismiss', {})

  expect(list).toMatchObject({ status: 200, body: { items: [{ question: 'Which?' }], blocked_prompts: [] } })
  expect([answer.status, dismiss.status]).toEqual([403, 403])
})

test('a channel is made, its secret comes once, and quiet hours are kept', async () => {
  await using dashboard = await startDashboard()
  const admin = await dashboard.signIn('admin')
  const operator = await dashboard.signIn('operator')
  const channel = { kind: 'webhook', name: 'chat', url: 'https://example.org/hook/s3cret', kinds: ['failed'] }
  const quiet = { from: '22:00', to: '07:00', time_zone: 'Europe/Berlin', urgent_through: false }

  const made = await admin.send<{ secret: string }>('POST', '/api/notifications/channels', channel)
  const list = await (await admin.fetch('/api/notifications/channels')).text()
  const page = await (
    await admin.fetch('/settings/notifications', { headers: { Accept: 'text/html' } })
  ).text()
  const forbidden = await operator.send('POST', '/api/notifications/channels', { ...channel, name: 'x' })
  const kept = await admin.send('PUT', '/api/settings/notifications', { quiet, public_url: null })
  const wrong = await admin.send('PUT', '/api/settings/notifications', {
    quiet: { ...quiet, time_zone: 'Mars/Base' },
    public_url: null,
  })

  expect(made).toMatchObject({ status: 200, body: { secret: expect.stringMatching(/^whsec_/) } })
  expect(list + page).toContain('example.org')
  expect(list + page).not.toMatch(/s3cret|whsec_[A-Za-z0-9+/=]{8}/)
  expect([forbidden.status, kept.status, wrong.status]).toEqual([403, 200, 400])
})
