import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openInteraction, type NewInteraction } from '../../../db/interaction/open.ts'
import { askedByWeb } from '../../../testing/asked.ts'
import { startDashboard, type Client, type TestDashboard } from '../../../testing/dashboard.ts'
import type { InteractionJson, PatternJson } from '../../schemas/interaction.ts'

interface Body extends InteractionJson {
  items: InteractionJson[]
  pattern: PatternJson
  says: string
  would_allow: number
  error: { code: string; message: string }
}

let dashboard: TestDashboard
let admin: Client

beforeAll(async () => {
  dashboard = await startDashboard()
  await dashboard.server.open({ name: 'other', command: ['sleep', '600'] })
  admin = await dashboard.token()
})
afterAll(() => dashboard[Symbol.asyncDispose]())

function ask(changes: Partial<NewInteraction> = {}) {
  const { web } = dashboard
  const { node } = web.host
  const sessionKey = `${node}/${dashboard.server.socket.label}/%99`
  const row = askedByWeb({ node, sessionKey, screen: ' npm test <b>', ...changes })
  return web.database.write((db) => openInteraction(db, row, web.clock.now()))
}

describe('interactions', () => {
  test('are listed and read, and refused as stale when their dialog is gone', async () => {
    const { id } = await ask()

    const list = await admin.get<Body>('/api/claude/interactions?state=open')
    const path = `/api/claude/interactions/${id}/handle`
    const late = await admin.send<Body>('POST', path, { action: 'approve' })
    const after = await admin.get<Body>(`/api/claude/interactions/${id}`)

    expect(list.body.items[0]).toMatchObject({ id, tool: 'shell', input: { command: 'npm test' } })
    expect(late).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringMatching(/the agent that asked is gone/) } },
    })
    expect(after.body).toMatchObject({ state: 'gone', decided_by: { kind: 'person' } })
  })

  test('take no answer that they do not offer, and none without saying which', async () => {
    const { id } = await ask()
    const handle = (body: object) => admin.send<Body>('POST', `/api/claude/interactions/${id}/handle`, body)

    expect((await handle({ action: 'answer', option: 7 })).body.error.message).toMatch(
      /no option 7; there are 1 \(Yes\)/,
    )
    expect((await handle({ action: 'answer' })).status).toBe(400)
    expect((await handle({ action: 'answer', text: 'x' })).body.error.message).toMatch(
      /takes no words of your own/,
    )
    expect((await admin.get<Body>(`/api/claude/interactions/${id}`)).body.state).toBe('open')
  })

  test('become a rule in one step, narrow; it decides only after its version is enabled', async () => {
    const { id } = await ask()

    const made = await admin.send<Body>('POST', `/api/claude/interactions/${id}/create-pattern`, {})
    const { id: rule, version } = made.body.pattern
    const tried = await admin.get<Body>(`/api/claude/patterns/${rule}/dry-run`)
    const other = await admin.send<Body>('PUT', `/api/claude/patterns/${rule}`, { enabled: true, version: 9 })
    const live = await admin.send<Body>('PUT', `/api/claude/patterns/${rule}`, { enabled: true, version })
    const gone = await admin.send<Body>('DELETE', `/api/claude/patterns/${rule}`)

    expect(made.body.pattern).toMatchObject({ state: 'draft', effect: 'allow', made_from: id, version: 1 })
    expect(made.body.pattern.conditions.commands).toEqual(['npm test'])
    expect(tried.body.would_allow).toBeGreaterThan(0)
    expect(other.status).toBe(409)
    expect(live.body.pattern.state).toBe('live')
    expect(gone.body.pattern.state).toBe('deleted')
  })

  test('make no rule that is wider than the widest', async () => {
    const { id } = await ask()

    const made = await admin.send<Body>('POST', `/api/claude/interactions/${id}/create-pattern`, {
      wider: 20,
    })

    expect(made.body.error.message).toMatch(
      /^The widest is number \d of the rules that fit interaction \d+\.$/,
    )
  })

  test('whose options could not be read say how to get to their pane, and take no answer from here', async () => {
    const { id } = await ask({ kind: 'question', options: [], unsure: 'no rule knows this dialog' })
    const browser = await dashboard.signIn('operator')

    const { body } = await admin.get<Body>(`/api/claude/interactions/${id}`)
    const page = await (await browser.fetch(`/interactions/${id}`)).text()
    const path = `/api/claude/interactions/${id}/handle`
    const answered = await admin.send<Body>('POST', path, { action: 'answer', option: 1 })

    const command = `tmux -S '${dashboard.server.socketPath}' attach -t '=web'`
    expect(body.answer_in_pane).toContain(`answer it in its pane: ${command}`)
    expect(page).toContain('answer it in its pane: tmux')
    expect(page).not.toContain('name="text"')
    expect(answered.body.error.message).toMatch(/none that could be read: answer in the pane/)
  })

  test('that were not read with certainty make no rule', async () => {
    const { id } = await ask({ inputWhole: false, unsure: 'the window is too small to show all of it' })

    const made = await admin.send<Body>('POST', `/api/claude/interactions/${id}/create-pattern`, {})

    expect(made).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringMatching(/the window is too small/) } },
    })
  })

  test('are ruled by words that are refused in a sentence, new ones and others alike', async () => {
    const path = '/api/claude/patterns'
    const rule = { name: 'x', effect: 'allow', conditions: { commands: ['ls; rm x'] } }
    const { body } = await admin.send<Body>('POST', path, { ...rule, conditions: { commands: ['ls'] } })

    const nothing = await admin.send<Body>('POST', path, { name: 'x', effect: 'allow' })
    const several = await admin.send<Body>('PUT', `${path}/${body.pattern.id}`, rule)
    const tried = await admin.send<Body>('POST', `${path}/dry-run`, rule)
    const other = await admin.send<Body>('PUT', `${path}/${body.pattern.id}`, { enabled: 'yes' })

    expect(nothing.body.error.message).toMatch(/^conditions: must say what the rule is about/)
    expect(several.body.error.message).toMatch(/^conditions.commands: must be one simple command a line/)
    expect(tried.body.error.message).toBe(several.body.error.message)
    expect(other.body.error.message).toMatch(/^enabled: /)
  })

  test('and rules have pages, with what was drawn as text', async () => {
    const { id } = await ask()
    const made = await admin.send<Body>('POST', `/api/claude/interactions/${id}/create-pattern`, {})
    const browser = await dashboard.signIn('admin')
    const page = async (path: string) => await (await browser.fetch(path)).text()

    expect(await page('/interactions')).toContain('npm test')
    expect(await page(`/interactions/${id}`)).toContain('npm test &lt;b&gt;')
    expect(await page('/patterns')).toContain('Without a rule')
    expect(await page(`/patterns/${made.body.pattern.id}`)).toContain('Tried on what was asked')
    expect(await page('/needs-you')).toContain('What sessions asked')
  })
})
