import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageRoot } from '../../core/paths.ts'
import { openDatabase, type Database } from '../../db/open.ts'
import { pathOfKey } from '../../http/session-path.ts'
import { joinChromium } from '../browser/shared-chromium.ts'
import { screenshot } from '../browser/stage.ts'
import { startCable } from '../cluster/cable.ts'
import { joinMachine, type Machine } from '../cluster/machine.ts'
import { openCliWorld, type CliWorld } from './cli.ts'

/** A dashboard, another machine with a node agent on a cable, and people in front of browsers. */
let world: CliWorld
let database: Database
let pi: Machine
let browser: Browser
let url: string
/** Of a session with an agent, and of one with a shell. */
let dev: string
let shell: string

beforeAll(async () => {
  world = await openCliWorld({ ARCHITECT_USER: 'eva', ARCHITECT_PASSWORD: 'correct horse battery' })
  const { address } = await world.json<{ address: string }>(['start', '--daemon'])
  url = address.replace(/\/$/, '')
  database = await openDatabase({ dataDir: world.dataDir })
  const cable = await startCable(Number(new URL(address).port))
  pi = await joinMachine(world, database, cable, { name: 'pi-1', agents: { dev: {} } })
  dev = pathOfKey(keyOf(pi.agents['dev']!.pane))
  shell = pathOfKey(keyOf(await pi.tmux.open({ name: 'shell', command: ['bash', '--norc'] })))
  browser = await joinChromium()
})
afterAll(async () => {
  await browser?.close()
  await pi?.[Symbol.asyncDispose]()
  await database?.[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

const keyOf = ({ server, paneId }: { server: string; paneId: string }) => `pi-1/${server}/${paneId}`
const drawn = (page: Page) => page.locator('#terminal .xterm-rows')
const words = (page: Page) => page.locator('.terminal-words')
const agentPid = async () => {
  const { stdout } = await pi.run(['node-agent', '--status', '--json'])
  return (JSON.parse(stdout) as { pid: number }).pid
}

type Looks = NonNullable<Parameters<Browser['newContext']>[0]>

/** Logged in by hand; one context for each person. */
async function openPage(path: string, looks: Looks = {}): Promise<Page> {
  const context: BrowserContext = await browser.newContext({ baseURL: url, ...looks })
  const page = await context.newPage()
  page.setDefaultTimeout(45_000)
  await page.goto('/login')
  await page.getByLabel('User').fill('eva')
  await page.getByLabel('Password').fill('correct horse battery')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.waitForURL(`${url}/`)
  await page.goto(path)
  return page
}

test('two people see a session of another machine, and what one of them types is echoed to both', async () => {
  const [eva, ada] = [await openPage(dev), await openPage(dev)]
  await drawn(eva).getByText('scripted · ready').waitFor()
  await drawn(ada).getByText('scripted · ready').waitFor()

  await eva.locator('#terminal .xterm').click()
  await eva.keyboard.type('typed from afar, with ümlaut')
  await drawn(eva).getByText('❯ typed from afar, with ümlaut').waitFor()
  await drawn(ada).getByText('❯ typed from afar, with ümlaut').waitFor()
  await words(ada).getByText('Automation is paused for this session: eva types.').waitFor()
  await screenshot(eva, 'far-terminal-typing-light')
  await eva.keyboard.press('Enter')
  await pi.agents['dev']!.witness(({ type }) => type === 'prompt')

  expect(await pi.agents['dev']!.prompts()).toEqual(['typed from afar, with ümlaut'])
  await Promise.all([eva.context().close(), ada.context().close()])
})

test('a flood in a session of another machine hurts nobody, and Ctrl-C ends it', async () => {
  const page = await openPage(shell)
  await drawn(page).getByText('bash').first().waitFor()
  const pid = await agentPid()
  const before = await memoryOf(pid)
  await page.locator('#terminal .xterm').click()
  await page.keyboard.type('yes this is a flood\n')
  await drawn(page).getByText('this is a flood').first().waitFor()
  const statuses: number[] = []
  for (let asked = 0; asked < 10; asked += 1) {
    statuses.push((await fetch(`${url}/health`, { signal: AbortSignal.timeout(5_000) })).status)
    await page.waitForTimeout(200)
  }

  await page.keyboard.press('Control+c')
  await page.keyboard.type('echo still "here"\n')
  await drawn(page).getByText('still here').waitFor()

  const grown = (await memoryOf(pid)) - before
  expect(new Set(statuses)).toEqual(new Set([200]))
  expect(grown).toBeLessThan(30e6)
  await page.context().close()
})

test('a terminal tells that its node is away, and is drawn again when the cable is back', async () => {
  const page = await openPage(shell)
  await drawn(page).getByText('still here').waitFor()

  pi.cable.pull()
  await words(page).getByText('pi-1 has').waitFor()
  const said = await words(page).textContent()
  await screenshot(page, 'far-terminal-away-light')
  await pi.tmux.run('send-keys', '-t', '=shell:', 'clear; echo mean""while', 'Enter')
  pi.cable.plugIn()
  await drawn(page).getByText('meanwhile').waitFor()
  // Eva's last key, of the test before, counts for 30 s.
  await words(page).getByText('You look on.').waitFor()

  expect(said).toMatch(/^pi-1 has (just gone away|been away for \d+ min, .*); its terminal is drawn again/)
  await page.context().close()
})

test('a terminal that is opened while its node is away waits for it, also over the death of its agent', async () => {
  const open = await openPage(dev)
  await drawn(open).getByText('scripted').first().waitFor()
  process.kill(await agentPid(), 'SIGKILL')
  await words(open).getByText('pi-1 has').waitFor()
  const late = await openPage(dev)
  await words(late).getByText('pi-1 has').waitFor()

  const { code } = await pi.run(['node-agent', '--daemon'])
  await words(open).getByText('You look on.').waitFor()
  await Promise.all([open, late].map((page) => drawn(page).getByText('scripted').first().waitFor()))

  expect(code).toBe(0)
  const left = await pi.tmux.run('list-clients', '-F', '#{client_control_mode}')
  expect(left.split('\n').filter((mode) => mode === '0')).toHaveLength(1)
  await Promise.all([open.context().close(), late.context().close()])
})

test('its page is as good in the dark and on a phone', async () => {
  const dark = await openPage(dev, { colorScheme: 'dark' })
  await drawn(dark).getByText('scripted').first().waitFor()
  await screenshot(dark, 'far-terminal-dark')
  const phone = await openPage(dev, { viewport: { width: 360, height: 740 }, hasTouch: true })
  await drawn(phone).getByText('scripted').first().waitFor()
  await screenshot(phone, 'far-terminal-phone')

  const width = await phone.evaluate('document.documentElement.scrollWidth')
  expect(width).toBeLessThanOrEqual(360)
  await Promise.all([dark.context().close(), phone.context().close()])
})

test('a session with an agent is made on another machine, shown, and ended, from the browser alone', async () => {
  await installScripted()
  const page = await openPage('/sessions/new?node=pi-1')

  await page.getByLabel('Name').fill('shop')
  const chosen = await page.getByLabel('Node').inputValue()
  await page.getByLabel('Agent').selectOption('scripted')
  await screenshot(page, 'far-session-new-light')
  await page.getByRole('button', { name: 'Create' }).click()
  await page.waitForURL(/\/sessions\/pi-1\/.+\/\d+$/)
  await drawn(page).getByText('scripted · ready').waitFor()
  await page.locator('.head-line .state-idle').waitFor()
  const there = await pi.tmux.run('list-sessions', '-F', '#{session_name}')
  await page.getByRole('button', { name: 'End session' }).click()
  await page.getByRole('button', { name: 'End it' }).click()
  await page.waitForURL('**/sessions')

  expect(chosen).toBe('pi-1')
  expect(there.split('\n')).toContain('shop')
  expect((await pi.tmux.run('list-sessions', '-F', '#{session_name}')).split('\n')).not.toContain('shop')
  await page.context().close()
})

/** As a command in the PATH of that machine's tmux. */
async function installScripted() {
  const bin = join(pi.tmux.folder, 'bin')
  await mkdir(bin)
  await writeFile(join(bin, 'behaviour.json'), JSON.stringify({ answer: 'Done.', revision: 1 }))
  const agent = join(packageRoot, 'app/testing/scripted-agent/agent.mjs')
  await writeFile(join(bin, 'scripted'), `#!/bin/sh\nexec ${process.execPath} ${agent} ${bin}\n`, {
    mode: 0o755,
  })
  await pi.tmux.run('set-environment', '-g', 'PATH', `${bin}:${process.env['PATH']}`)
}

/** Resident, in bytes. */
async function memoryOf(pid: number): Promise<number> {
  return Number((await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')[1]) * 4096
}
