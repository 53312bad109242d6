import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { becomeOnly } from '../../single-instance.ts'
import { seriousFindings } from './axe.ts'
import { populate } from './fleet.ts'
import { openStage, screenshot, type Stage } from './stage.ts'

const panels: Record<string, string> = {
  overview: '/',
  'needs-you': '/needs-you',
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

/** Wide windows differ in nothing that axe looks at; a phone has its own bars. */
const looks = {
  light: { colorScheme: 'light', width: 1280 },
  dark: { colorScheme: 'dark', width: 1280 },
  phone: { colorScheme: 'light', width: 360, height: 740, hasTouch: true },
  wide: { colorScheme: 'dark', width: 3840, height: 2160 },
} as const

let stage: Stage
let assigner: Disposable

beforeAll(async () => {
  stage = await openStage()
  // Nobody assigns here, but the panels are those of a system that is whole.
  assigner = becomeOnly(stage.dashboard.web.config.dataDir, 'assigner', '')
  await populate(stage.dashboard.web.database, stage.dashboard.web.host.node, Date.now())
})
afterAll(async () => {
  assigner[Symbol.dispose]()
  await stage[Symbol.asyncDispose]()
})

describe.each(Object.entries(looks))('in %s', (kind, look) => {
  test(
    'every panel is accessible, fits its window, and keeps to the policy of its page',
    { timeout: 240_000 },
    async () => {
      await using person = await stage.person({ ...look, role: 'admin' })
      const { page, complaints } = person
      const faults: string[] = []

      for (const [name, address] of Object.entries(panels)) {
        await page.goto(address, { waitUntil: 'load' })
        await page.locator('#connection[data-state="live"]').waitFor()
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
        if (overflow > 0) faults.push(`${name}: ${overflow} px wider than the window`)
        if (kind !== 'wide')
          faults.push(...(await seriousFindings(page)).map((finding) => `${name}: ${finding}`))
        await screenshot(page, `${name}-${kind}`)
      }

      expect(faults).toEqual([])
      // Of the address that does not exist; and one session's pane is a fiction.
      expect(complaints.filter((complaint) => !complaint.includes('404 (Not Found)'))).toEqual([])
    },
  )
})

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
