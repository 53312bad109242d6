import { mkdirSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Page } from 'playwright-core'
import { submit } from '../../broker/commands.ts'
import { sessionPath } from '../../http/session-path.ts'
import { becomeOnly } from '../../single-instance.ts'
import { populate } from './fleet.ts'
import { startScriptedAgent } from '../scripted-agent/scripted-agent.ts'
import { openStage } from './stage.ts'

/*
 * The pictures of the README and of the documentation. `npm run pictures` puts them into public/pictures; without
 * ARCHITECT_PICTURES they are made and weighed only.
 */

const folder = process.env['ARCHITECT_PICTURES'] ?? join(tmpdir(), 'architect-pictures')
const mostBytes = 150_000
const size = { width: 1280, height: 800 }

test(
  'a fleet at work makes pictures of the overview, the queue and a prompt',
  { timeout: 120_000 },
  async () => {
    await using stage = await openStage()
    const { config, database, host } = stage.dashboard.web
    using _assigner = becomeOnly(config.dataDir, 'assigner', '')
    await populate(database, host.node, Date.now())
    await using person = await stage.person({ ...size, role: 'operator' })
    const { page } = person

    const bytes: number[] = []
    for (const [name, address] of [
      ['overview', '/'],
      ['queue', '/queue'],
      ['prompt', '/prompts/5'],
    ] as const) {
      await page.goto(address)
      await page.locator('#connection[data-state="live"]').waitFor()
      bytes.push(await picture(page, name))
    }

    expect(Math.max(...bytes)).toBeLessThan(mostBytes)
  },
)

test('an agent that asks makes a picture of its session, in dark', { timeout: 120_000 }, async () => {
  await using stage = await openStage({ agents: {} })
  const { config, database } = stage.dashboard.web
  const dir = await mkdtemp(join(tmpdir(), 'shop-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const behaviour = { ask: 'permission', thinkMs: 300 } as const
  const agent = await startScriptedAgent(stage.dashboard.server, {
    name: 'shop',
    dir,
    behaviour,
    width: 120,
    height: 18,
  })
  using _assigner = becomeOnly(config.dataDir, 'assigner', '')
  await submit(database, { content: 'Clear the build folder and build the shop again' }, Date.now())
  await using person = await stage.person({ ...size, colorScheme: 'dark', role: 'operator' })
  const { page } = person
  const { server, paneId } = agent.pane

  await page.goto(sessionPath({ node: 'test', server, paneId }))
  await page.locator('.head-line .state-permission').waitFor()
  await page.locator('#terminal .xterm-rows').getByText('Allow this command?').waitFor()

  expect(await picture(page, 'session')).toBeLessThan(mostBytes)
})

/** Returns its size in bytes. */
async function picture(page: Page, name: string): Promise<number> {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${name}.png`)
  await page.screenshot({ path, animations: 'disabled' })
  return statSync(path).size
}
