import { afterAll, beforeAll, expect, test } from 'vitest'
import { readInvitation } from '../../core/join-token.ts'
import type { MetricSample } from '../../core/metric-sample.ts'
import { nodeProtocol } from '../../core/node.ts'
import { addNode } from '../../db/node/write.ts'
import { noteHeartbeat } from '../../nodes/hearing.ts'
import { redeemJoinToken } from '../../nodes/join.ts'
import type { Person } from './chromium.ts'
import { openStage, type Stage } from './stage.ts'

let stage: Stage
let person: Person

beforeAll(async () => {
  stage = await openStage()
  person = await stage.person({ role: 'admin' })
})
afterAll(async () => {
  await person[Symbol.asyncDispose]()
  await stage[Symbol.asyncDispose]()
})

const sample = (cpu: number): MetricSample => ({
  at: Date.now(),
  cpu,
  load: [0.5, 0.5, 0.5],
  mem: [1e9, 4e9],
  swap: null,
  disks: [['/', 1e9, 4e9]],
  net: [100, 200],
  temp: 48,
  up: 3_600,
  tmux: null,
  agent: null,
  sessions: [],
  pi: null,
})

test('a machine is invited by the command that is shown, and appears by itself when it joins', async () => {
  const { page } = person
  const { web } = stage.dashboard
  await page.goto('/nodes')
  await page.locator('#connection[data-state="live"]').waitFor()

  await page.getByRole('link', { name: 'Invite a node' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Tags').fill('pi kitchen')
  await dialog.getByLabel('How it reaches').fill('http://10.0.0.2:8080')
  await dialog.getByRole('button', { name: 'Invite' }).click()
  const command = await dialog.locator('#invite-command', { hasText: 'deploy.sh' }).textContent()

  const token = /--token (\S+)/.exec(command ?? '')?.[1] ?? ''
  expect(command).toMatch(
    /^\.\/deploy\.sh node-agent --dashboard http:\/\/10\.0\.0\.2:8080 --token archjoin_/,
  )
  expect(readInvitation(token).url).toBe('http://10.0.0.2:8080')
  await dialog.getByRole('link', { name: 'Close' }).click()
  const agent = { name: 'pi-7', protocol: nodeProtocol, agentVersion: '1' }
  const { nodeId } = await redeemJoinToken(web, { token, ...agent })
  await noteHeartbeat(web.nodes, nodeId, { samples: [sample(12)] })

  const card = page.locator('.node-card', { hasText: 'pi-7' })
  await card.getByText('online').waitFor()
  expect(await card.textContent()).toContain('#kitchen')
})

test('while somebody looks, a node sends each second, and the page goes on drawing it', async () => {
  const { page } = person
  const { web } = stage.dashboard
  const { id } = await web.database.write((db) =>
    addNode(db, { name: 'live', kind: 'agent', tags: [] }, Date.now()),
  )
  await noteHeartbeat(web.nodes, id, { samples: [sample(5)] })

  await page.goto('/nodes/live')
  await page.locator('.chart .uplot').first().waitFor()
  await expect.poll(() => web.nodes.watch.sampleEveryMs(id)).toBe(1_000)
  await noteHeartbeat(web.nodes, id, { samples: [sample(77)] })

  await page.locator('[data-live="cpu"]', { hasText: '77 %' }).waitFor()
  await page.locator('.chart-now', { hasText: '77 %' }).first().waitFor()
  await page.goto('/nodes')
  await expect.poll(() => web.nodes.watch.sampleEveryMs(id)).toBe(10_000)
  expect(person.complaints).toEqual([])
})

test('a page in a tab that nobody sees asks for no figures of each second, and for them again when it is seen', async () => {
  const { page } = person
  const { web } = stage.dashboard
  const { id } = await web.database.write((db) =>
    addNode(db, { name: 'unseen', kind: 'agent', tags: [] }, Date.now()),
  )
  await noteHeartbeat(web.nodes, id, { samples: [sample(5)] })
  await page.goto('/nodes/unseen')
  await page.locator('.chart .uplot').first().waitFor()
  await expect.poll(() => web.nodes.watch.sampleEveryMs(id)).toBe(1_000)

  await page.evaluate(turn('hidden'))
  await expect.poll(() => web.nodes.watch.sampleEveryMs(id)).toBe(10_000)
  await page.evaluate(turn('visible'))

  await expect.poll(() => web.nodes.watch.sampleEveryMs(id)).toBe(1_000)
  await page.goto('/nodes')
  expect(person.complaints).toEqual([])
})

// A browser without a window never hides a tab by itself: the page is told what it would be told.
const turn = (state: 'hidden' | 'visible') => `
  Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true })
  Object.defineProperty(document, 'hidden', { value: ${state === 'hidden'}, configurable: true })
  document.dispatchEvent(new Event('visibilitychange'))
`

test('a chart says the time under a cursor, and nothing about it while there is none', async () => {
  const { page } = person
  const { web } = stage.dashboard
  const { id } = await web.database.write((db) =>
    addNode(db, { name: 'pointed-at', kind: 'agent', tags: [] }, Date.now()),
  )
  const past = [50_000, 40_000, 30_000].map((age) => ({ ...sample(5), at: Date.now() - age, age }))
  await noteHeartbeat(web.nodes, id, { samples: past })
  await page.goto('/nodes/pointed-at')
  const chart = page.locator('.chart[data-figures="cpu"]')
  const time = chart.locator('.u-legend .u-series').first()
  await chart.locator('.u-over').waitFor()

  const before = await time.isVisible()
  await chart.locator('.u-over').hover()
  await time.filter({ visible: true, hasText: /20\d\d/ }).waitFor()
  await page.mouse.move(0, 0)

  expect(before).toBe(false)
  await time.waitFor({ state: 'hidden' })
})

test('a chart is looked at closer by dragging, and seen whole again by a double click', async () => {
  const { page } = person
  const { web } = stage.dashboard
  const { id } = await web.database.write((db) =>
    addNode(db, { name: 'zoomed', kind: 'agent', tags: [] }, Date.now()),
  )
  const ages = Array.from({ length: 300 }, (_, index) => (300 - index) * 10_000)
  const past = ages.map((age) => ({ ...sample(age / 100_000), at: Date.now() - age, age }))
  await noteHeartbeat(web.nodes, id, { samples: past })
  await page.goto('/nodes/zoomed')
  const chart = page.locator('.chart[data-figures="cpu"]')
  const over = chart.locator('.u-over')
  await over.waitFor()

  const box = (await over.boundingBox())!
  await page.mouse.move(box.x + box.width * 0.5, box.y + 20)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.7, box.y + 20, { steps: 5 })
  await page.mouse.up()
  await page.locator('.chart[data-figures="cpu"][data-zoomed]').waitFor()
  await over.dblclick()

  await page.locator('.chart[data-figures="cpu"]:not([data-zoomed])').waitFor()
  expect(person.complaints).toEqual([])
})

test('a machine is shut out and forgotten with two clicks each', async () => {
  const { page } = person
  const { web } = stage.dashboard
  const { id } = await web.database.write((db) =>
    addNode(db, { name: 'lost', kind: 'agent', tags: [] }, Date.now()),
  )
  await noteHeartbeat(web.nodes, id, {})
  await page.goto('/nodes/lost')

  await page.getByRole('button', { name: 'Shut out' }).click()
  await page.locator('#ask').getByRole('button', { name: 'Shut out' }).click()
  await page.locator('.node-title').getByText('revoked').waitFor()
  await page.getByRole('button', { name: 'Forget' }).click()
  await page.locator('#ask').getByRole('button', { name: 'Forget' }).click()
  await page.waitForURL('**/nodes')

  await expect(noteHeartbeat(web.nodes, id, {})).rejects.toMatchObject({ code: 'forbidden' })
})
