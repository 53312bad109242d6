import { afterAll, beforeAll, expect, test } from 'vitest'
import { becomeOnly } from '../../single-instance.ts'
import { populateAsking } from './asking-fleet.ts'
import { colourRules, seriousFindings } from './axe.ts'
import type { Person } from './chromium.ts'
import { populateErrors } from './error-fleet.ts'
import { populate } from './fleet.ts'
import { populateNodes } from './node-fleet.ts'
import { populateSources } from './source-fleet.ts'
import { openStage, screenshot, type Stage } from './stage.ts'
import { populateTasks } from './task-fleet.ts'
import { populateVault } from './vault-fleet.ts'
import { populateWork } from './work-fleet.ts'

const panels: Record<string, string> = {
  overview: '/',
  'needs-you': '/needs-you',
  interactions: '/interactions',
  'interaction-permission': '/interactions/8',
  'interaction-question': '/interactions/9',
  'interaction-boxes': '/interactions/10',
  'interaction-denied': '/interactions/6',
  patterns: '/patterns',
  'pattern-draft': '/patterns/1',
  'pattern-new': '/patterns/new',
  'pattern-edit': '/patterns/1/edit',
  question: '/questions/1',
  locks: '/locks',
  notifications: '/settings/notifications',
  'prompt-whole': '/prompts/16',
  'prompt-reviewed': '/prompts/17',
  'prompt-part': '/prompts/19',
  'session-led': '/sessions/test/default/2',
  queue: '/queue',
  prompt: '/prompts/5',
  'prompt-raw': '/prompts/5?raw=1',
  'prompt-running': '/prompts/7',
  'prompt-new': '/prompts/new',
  'prompt-edit': '/prompts/9/edit',
  sessions: '/sessions',
  'sessions-list': '/sessions?as=list',
  session: '/sessions/test/default/0',
  'session-explain': '/sessions/test/default/0/explain',
  'session-settings': '/sessions/test/default/0/settings',
  'session-new': '/sessions/new',
  broadcast: '/sessions/broadcast',
  nodes: '/nodes',
  'nodes-search': '/nodes?q=pi&state=online',
  node: '/nodes/pi-2',
  'node-gap': '/nodes/pi-3',
  'node-day': '/nodes/pi-1?span=24h',
  'node-own': '/nodes/test',
  'node-revoked': '/nodes/old-phone',
  'node-settings': '/nodes/pi-1/settings',
  'node-invite': '/nodes/invite',
  'node-new': '/nodes/new',
  errors: '/errors',
  'errors-search': '/errors?view=resolved&q=disk',
  error: '/errors/1',
  'error-send': '/errors/1/send',
  tasks: '/tasks',
  'task-running': '/tasks/1',
  'task-done': '/tasks/2',
  'task-failed': '/tasks/3',
  'task-new': '/tasks/new',
  workers: '/workers',
  schedules: '/schedules',
  'schedule-new': '/schedules/new',
  'schedule-edit': '/schedules/1/edit',
  'task-retry': '/tasks/3/retry',
  work: '/work',
  'work-all': '/work?view=all&order=priority&project=1',
  board: '/board',
  'work-item': '/work/SHOP-3',
  'work-new': '/work/new?kind=bug&project=1',
  'work-edit': '/work/3/edit',
  'work-assign': '/work/3/assign',
  'error-bug': '/errors/1/bug',
  projects: '/projects',
  project: '/projects/1',
  'project-new': '/projects/new',
  'project-edit': '/projects/1/edit',
  'milestone-new': '/milestones/new?project=1',
  'milestone-edit': '/milestones/1/edit',
  sources: '/sources',
  'sources-found': '/sources?look=1',
  plans: '/plans',
  files: '/projects/GRDN/files',
  file: '/projects/GRDN/file?path=src/pump.py',
  'file-new': '/projects/GRDN/file/new?folder=src',
  search: '/search?q=the',
  plan: '/plans/GRDN',
  'plan-tasks': '/plans/GRDN/tasks/tidy',
  suggestions: '/suggestions',
  suggestion: '/suggestions/1',
  'test-runs': '/test-runs',
  'test-run': '/test-runs/1',
  vault: '/vault',
  'vault-audit': '/vault/audit',
  'service-accounts': '/vault/accounts',
  'service-account-new': '/vault/accounts/new',
  'service-account-edit': '/vault/accounts/1/edit',
  'ssh-key': '/vault/ssh-key',
  secret: '/vault/1',
  'secret-new': '/vault/new',
  'secret-edit': '/vault/1/edit',
  'secret-reveal': '/vault/1/reveal',
  activity: '/activity',
  documentation: '/documentation',
  document: '/documentation/delivery',
  api: '/documentation/api',
  account: '/settings',
  tokens: '/settings/tokens',
  users: '/settings/users',
  usage: '/settings/usage',
  retention: '/settings/retention',
  system: '/settings/system',
  keys: '/keys',
  nowhere: '/nowhere',
}

let stage: Stage
let assigner: Disposable
let person: Person
let beating: Disposable
let sources: Disposable

beforeAll(async () => {
  stage = await openStage()
  const { config, database, host } = stage.dashboard.web
  // Nobody assigns here, but the panels are those of a system that is whole.
  assigner = becomeOnly(config.dataDir, 'assigner', '')
  await populate(database, host.node, Date.now())
  await populateAsking(database, host.node, Date.now())
  await populateErrors(database, Date.now())
  await populateTasks(database, Date.now())
  await populateVault(stage.dashboard.web, Date.now())
  await populateWork(database, Date.now())
  sources = await populateSources(stage.dashboard.web, Date.now())
  beating = await populateNodes(stage.dashboard.web, Date.now())
  person = await stage.person({ role: 'admin', hasTouch: true })
})
afterAll(async () => {
  beating[Symbol.dispose]()
  sources[Symbol.dispose]()
  await person[Symbol.asyncDispose]()
  assigner[Symbol.dispose]()
  await stage[Symbol.asyncDispose]()
})

interface Look {
  colorScheme: 'light' | 'dark'
  width: number
  height: number
}

/*
 * A panel is opened once and looked at in these; the same document takes every size and theme. Themes differ in
 * colours alone, so that each is seen in full in one size, and in the other one where that shows something else.
 */
const light: Look = { colorScheme: 'light', width: 1280, height: 900 }
const dark: Look = { ...light, colorScheme: 'dark' }
const darkPhone: Look = { colorScheme: 'dark', width: 360, height: 740 }
const lightPhone: Look = { ...darkPhone, colorScheme: 'light' }
const wall: Look = { colorScheme: 'dark', width: 3840, height: 600 }

test.each(Object.entries(panels))(
  '%s is accessible, fits a phone and a wall, in light and dark, and keeps to the policy of its page',
  async (name, address) => {
    const { page, complaints } = person
    complaints.length = 0
    const faults: string[] = []
    const lookAt = async (kind: string, look: Look, rules?: readonly string[]) => {
      await page.setViewportSize(look)
      await page.emulateMedia({ colorScheme: look.colorScheme })
      await page.locator(`html[data-bs-theme="${look.colorScheme}"]`).waitFor()
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      if (overflow > 0) faults.push(`${kind}: ${overflow} px wider than the window`)
      faults.push(...(await seriousFindings(page, rules)).map((finding) => `${kind}: ${finding}`))
      if (process.env['ARCHITECT_SCREENSHOTS']) await screenshot(page, `${name}-${kind}`)
    }
    await page.goto(address, { waitUntil: 'load' })
    await page.locator('#connection[data-state="live"]').waitFor()

    await lookAt('light', light)
    await page.evaluate(rememberShown)
    await lookAt('phone', darkPhone)
    const { hidden, added } = await page.evaluate<{ hidden: number; added: number }>(shownNow(name))
    if (hidden > 0) await lookAt('dark', dark, colourRules)
    if (added > 0) await lookAt('light phone', lightPhone, colourRules)
    await lookAt('wall', wall, [])

    expect(faults).toEqual([])
    // Of the address that does not exist; and one session's pane is a fiction.
    expect(complaints.filter((complaint) => !complaint.includes('404 (Not Found)'))).toEqual([])
  },
)

const rememberShown = `window.shown = new Set([...document.body.querySelectorAll('*')].filter((each) => each.checkVisibility()))`

/** How many elements are shown no more or only now. What is around the panels is compared in the first of them alone. */
function shownNow(name: string): string {
  const within = name === Object.keys(panels)[0] ? 'body' : '#panel'
  return `(() => {
    const all = [...document.querySelectorAll('${within} *')]
    const isChanged = (each, isShown) => each.checkVisibility() === isShown && shown.has(each) !== isShown
    return {
      hidden: all.filter((each) => isChanged(each, false)).length,
      added: all.filter((each) => isChanged(each, true)).length,
    }
  })()`
}

test('an empty system shows three steps and buttons that do them', async () => {
  await using empty = await openStage()
  await using person = await empty.person({ role: 'admin' })
  const { page } = person

  await page.goto('/')
  await screenshot(page, 'empty-light')
  await page.getByRole('link', { name: 'Create a session' }).click()
  await page.getByRole('dialog').getByLabel('Name').waitFor()

  expect(await seriousFindings(page)).toEqual([])
})

test('what has no room at the bottom of a phone is on a sheet', async () => {
  await using person = await stage.person({ role: 'admin', hasTouch: true })
  const { page } = person
  await page.setViewportSize(lightPhone)
  await page.goto('/')
  const sheet = page.locator('.rail-sheet')
  const isShownBefore = await sheet.isVisible()

  await page.getByText('More', { exact: true }).tap()
  await sheet.getByRole('link', { name: 'Vault' }).waitFor()
  await screenshot(page, 'sheet-phone')
  const findings = await seriousFindings(page)
  await sheet.getByRole('link', { name: 'Rules' }).tap()
  await page.waitForURL('**/patterns')

  expect(isShownBefore).toBe(false)
  expect(findings).toEqual([])
})

test('without JavaScript everything can be read', async () => {
  await using person = await stage.person({ role: 'viewer', javaScriptEnabled: false })
  const { page } = person

  await page.goto('/queue?view=completed')
  await page.getByRole('link', { name: 'Fix the flaky login test' }).click()

  await page.locator('.written').getByText('All 214 tests pass').waitFor()
  expect(await page.locator('noscript').textContent()).toContain('Reading works without JavaScript')
})

test('a page weighs at most 500 kB on its way, without the terminal', async () => {
  await using person = await stage.person({ role: 'admin' })
  const { page, context } = person
  const network = await context.newCDPSession(page)
  await network.send('Network.enable')
  let bytes = 0
  network.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength))

  await page.goto('/', { waitUntil: 'load' })
  await page.locator('#connection[data-state="live"]').waitFor()

  expect(bytes).toBeGreaterThan(10_000)
  expect(bytes).toBeLessThan(500_000)
})
