import { afterAll, beforeAll, expect, test } from 'vitest'
import { setSessionSettings } from '../../db/session-settings.ts'
import { populate } from './fleet.ts'
import { openStage, type Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
  await populate(stage.dashboard.web.database, stage.dashboard.web.host.node, Date.now())
})
afterAll(() => stage[Symbol.asyncDispose]())

test('keys lead through areas, lists and prompts, and back', async () => {
  await using person = await stage.person({ role: 'operator' })
  const { page } = person
  await page.goto('/')

  await page.keyboard.type('gq')
  await page.waitForURL('**/queue')
  await page.keyboard.type('jj')
  const selected = await page.locator('[data-row][aria-selected=true]').getAttribute('id')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/prompts/*')
  await page.goBack()
  await page.waitForURL('**/queue')
  await page.keyboard.type('gs')
  await page.waitForURL('**/sessions')

  expect(selected).toMatch(/^prompt-\d+$/)
})

test('the palette finds prompts, sessions and commands', async () => {
  await using person = await stage.person({ role: 'operator' })
  const { page } = person
  await page.goto('/')

  await page.keyboard.press('Control+k')
  await page.keyboard.type('payment client')
  await page.getByRole('option', { name: /Upgrade the payment client/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/prompts/*')
  await page.keyboard.press('/')
  await page.keyboard.type('infra')
  await page
    .getByRole('option', { name: /^infra/ })
    .first()
    .waitFor()
  await page.keyboard.press('Enter')

  await page.waitForURL('**/sessions/test/default/3')
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('infra')
})

test('dialogs open and close by keys and give the focus back; the help names them all', async () => {
  await using person = await stage.person({ role: 'operator' })
  const { page } = person
  await page.goto('/queue')
  const opener = page.getByRole('link', { name: 'New prompt' })
  await opener.focus()

  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByLabel('Prompt', { exact: true }).waitFor()
  await page.keyboard.type('gq stays text')
  const typed = await page.getByRole('dialog').getByLabel('Prompt', { exact: true }).inputValue()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  const isBack = await page.evaluate<boolean>(`document.activeElement.textContent.includes('New prompt')`)
  await page.keyboard.press('?')

  await page.getByRole('dialog', { name: 'Keyboard' }).getByText('new prompt').waitFor()
  expect(typed).toBe('gq stays text')
  expect(isBack).toBe(true)
})

/** The focused element, when nothing around it shows that. */
const unmarkedFocus = `(() => {
  const element = document.activeElement
  if (!element || element === document.body) return null
  const { outlineStyle, outlineWidth } = getComputedStyle(element)
  const isMarked = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2
  return isMarked ? null : element.outerHTML.slice(0, 120)
})()`

test('everything on a page can be reached by Tab, and shows that it has the focus', async () => {
  await using person = await stage.person({ role: 'operator' })
  const { page } = person
  await page.goto('/')
  const unmarked: string[] = []

  const count = await page.locator('a[href], button, input, select, summary').count()
  for (let i = 0; i < count; i++) {
    await page.keyboard.press('Tab')
    const fault = await page.evaluate<string | null>(unmarkedFocus)
    if (fault) unmarked.push(fault)
  }

  expect(count).toBeGreaterThan(30)
  expect(unmarked).toEqual([])
})

test('the chosen theme stays, and follows the system again when asked to', async () => {
  await using person = await stage.person({ role: 'operator', colorScheme: 'light' })
  const { page } = person
  const theme = () => page.evaluate<string>('document.documentElement.dataset.bsTheme')
  await page.goto('/settings')
  const before = await theme()

  await page.locator('#panel').getByRole('button', { name: 'dark' }).click()
  await page.goto('/queue')
  const chosen = await theme()
  await page.goto('/settings')
  await page.locator('#panel').getByRole('button', { name: 'auto' }).click()

  expect([before, chosen, await theme()]).toEqual(['light', 'dark', 'light'])
})

test('the time line of a session says by arrow keys what was when, and stays there when news comes', async () => {
  const { database } = stage.dashboard.web
  await using person = await stage.person({ role: 'viewer' })
  const { page } = person
  await page.goto('/sessions/test/default/0')
  await page.locator('#connection[data-state="live"]').waitFor()
  const says = page.locator('[data-time-line] output')

  await page.getByRole('slider').focus()
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('PageDown')
  await says.getByRole('link', { name: /Move the session store/ }).waitFor()
  const told = await says.textContent()
  await database.write((db) =>
    setSessionSettings(db, { node: 'test', name: 'api' }, { tags: ['x'] }, Date.now()),
  )
  await database.bus.notify('sessions')
  await page.locator('.head-line').getByText('#x').waitFor()

  expect(told).toContain('busy')
  expect(await says.textContent()).toBe(told)
  await says.getByRole('link').click()
  await page.waitForURL('**/prompts/*')
})
