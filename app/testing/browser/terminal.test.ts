import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { readPaneLease } from '../../db/leases.ts'
import { sessionPath } from '../../http/session-path.ts'
import { waitFor } from '../wait-for.ts'
import { openStage, screenshot, type Stage } from './stage.ts'

let stage: Stage
let path: string
let key: string
beforeAll(async () => {
  stage = await openStage({ agents: { worker: { thinkMs: 300, answer: 'Typed by hand.' } } })
  const { server, paneId } = stage.agents['worker']!.pane
  path = sessionPath({ node: 'test', server, paneId })
  key = `test/${server}/${paneId}`
})
afterAll(() => stage[Symbol.asyncDispose]())

const drawn = (page: Page) => page.locator('#terminal .xterm-rows')
const words = (page: Page) => page.locator('.terminal-words')

const openDialog = () =>
  stage.agents['worker']!.tell({ events: [{ on: 'now', do: 'dialog', kind: 'permission' }] })
const closeDialog = () =>
  stage.dashboard.server.run('send-keys', '-t', stage.agents['worker']!.pane.paneId, 'Escape')

test('looking on shows the screen, in its colours and within the policy, and takes nothing', async () => {
  await using person = await stage.person({ role: 'operator' })
  const { page, complaints } = person
  await page.goto(path)

  await drawn(page).getByText('scripted · ready').waitFor()
  await page.mouse.move(400, 400)
  await page.mouse.wheel(0, 300)
  await page.waitForTimeout(500)

  expect(await words(page).textContent()).toContain('You look on.')
  expect(await readPaneLease(stage.dashboard.web.database.kysely, key)).toBeNull()
  expect(complaints).toEqual([])
  await screenshot(page, 'terminal-light')
})

test('a person types a prompt by hand, automation waits, and gets the session back', async () => {
  await using person = await stage.person({ role: 'operator' })
  const { page, complaints } = person
  const { kysely } = stage.dashboard.web.database
  await page.goto(path)
  await drawn(page).getByText('scripted · ready').waitFor()

  await page.locator('#terminal .xterm').click()
  await page.keyboard.type('by hand, with ümlaut')
  await drawn(page).getByText('❯ by hand, with ümlaut').waitFor()
  await words(page).getByText('Automation is paused').waitFor()
  const held = await readPaneLease(kysely, key)
  await screenshot(page, 'terminal-typing-light')
  await page.keyboard.press('Enter')
  await drawn(page).getByText('Typed by hand.').waitFor()
  await page.getByRole('button', { name: 'Give it back' }).click()
  await words(page).getByText('You look on.').waitFor()

  expect(held?.until).toBeGreaterThan(Date.now())
  expect((await readPaneLease(kysely, key))?.until).toBe(0)
  expect(await stage.agents['worker']!.prompts()).toEqual(['by hand, with ümlaut'])
  expect(complaints).toEqual([])
})

test('Shift-Escape leaves the terminal, and a paste arrives whole', async () => {
  await using person = await stage.person({ role: 'operator' })
  const { page } = person
  await page.goto(path)
  await drawn(page).getByText('scripted').first().waitFor()
  await page.locator('#terminal .xterm').click()

  const text = 'first line\nsecond line'
  await page.evaluate(
    `(() => {
      const data = new DataTransfer()
      data.setData('text/plain', ${JSON.stringify(text)})
      const target = document.querySelector('.xterm-helper-textarea')
      target.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
    })()`,
  )
  const received = () => stage.agents['worker']!.received()
  const arrived = await waitFor(async () => (await received()).includes('\u001b[200~first line'), 'the paste')
  await page.keyboard.press('Shift+Escape')

  expect(arrived).toBe(true)
  expect((await received()).toString()).toContain('second line\u001b[201~')
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Scrollback')
})

test('a viewer looks on and is not offered more', async () => {
  await using person = await stage.person({ role: 'viewer' })
  const { page, complaints } = person
  await page.goto(path)
  await drawn(page).getByText('scripted').first().waitFor()
  const before = (await stage.agents['worker']!.received()).length

  await page.locator('#terminal .xterm').click()
  await page.keyboard.type('nothing of this')
  await page.waitForTimeout(500)

  expect((await stage.agents['worker']!.received()).length).toBe(before)
  expect(await page.getByRole('button', { name: 'Fit to my window' }).isVisible()).toBe(false)
  expect(complaints).toEqual([])
})

test('a browser that slept is told what it missed, and its terminal is drawn again', async () => {
  await using person = await stage.person({ role: 'operator' })
  const { page, context } = person
  await page.goto(path)
  await drawn(page).getByText('scripted').first().waitFor()
  await page.locator('#connection[data-state="live"]').waitFor()

  await context.setOffline(true)
  stage.dashboard.disconnectSockets()
  await page.locator('#connection[data-state="lost"]').waitFor()
  await openDialog()
  await context.setOffline(false)

  await page.locator('#connection[data-state="live"]').waitFor()
  await drawn(page).getByText('Enter to choose').waitFor()
  await closeDialog()
  expect(await words(page).textContent()).not.toContain('lost')
})

test('the wall of sessions shows their screens as they change', async () => {
  await using person = await stage.person({ role: 'viewer' })
  const { page, complaints } = person
  await page.goto('/sessions')
  const thumb = page.locator(`[data-screen="${key}"]`)

  await thumb.getByText('scripted · ').waitFor()
  await openDialog()
  await thumb.getByText('Enter to choose').waitFor()
  await closeDialog()
  await thumb.getByText('scripted · ').waitFor()

  const below = await page.evaluate(
    `(({ scrollTop, clientHeight, scrollHeight }) => scrollHeight - clientHeight - scrollTop)(document.querySelector('.thumb'))`,
  )
  expect(complaints).toEqual([])
  expect(below).toBeLessThan(2)
  await screenshot(page, 'sessions-live-light')
})
