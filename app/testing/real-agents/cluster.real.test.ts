import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openHow } from '../browser/chromium.ts'
import { screenshot } from '../browser/stage.ts'
import type { Cable } from '../cluster/cable.ts'
import { inNamespace, openNetwork, whyNoNetwork, type Network } from '../cluster/network.ts'
import { openCliWorld, type CliWorld } from '../e2e/cli.ts'
import { waitFor } from '../wait-for.ts'
import { endTmux } from './pane.ts'
import { startAgent } from './start.ts'
import { startStubModel, type StubModel } from './stub-model/server.ts'

const why = whyNoNetwork()
const names = ['pi-1', 'pi-2']
/** Ten turns of real agents on a small machine. */
const withinMs = 150_000

test('two machines share ten prompts, one is cut off in the middle, and all of them end once', async ({
  skip,
}) => {
  skip(why !== null, why ?? '')
  await using scene = await startScene()
  const { world, browser, machines, stub } = scene
  const page = await logIn(browser, world)
  const first = await openTerminal(page, 'pi-1')
  const second = await openTerminal(page, 'pi-2')

  // The first two, one for each, are long enough to be cut off in the middle.
  const texts = Array.from({ length: 10 }, (_, index) => {
    const seconds = index < names.length ? 25 : 2
    return `Task ${index}. [[sleep ${seconds}]] [[say Task ${index} is done.]]`
  })
  for (const text of texts) await world.json(['assigner', '--send', text, '--provider', 'claude'])
  await shows(first, /Task \d\./)
  await shows(second, /Task \d\./)
  machines['pi-1']!.pull()
  const held = await waitFor(
    async () => /prompt (\d+) waits for its node: pi-1/.exec(await progress(world))?.[1],
    'a prompt that is held',
    withinMs,
  )
  await first.getByText(/^pi-1 .*its terminal is drawn again as soon as it is back/).waitFor()
  await screenshot(first, 'cluster-held')
  machines['pi-1']!.plugIn()
  const all = await waitFor(
    async () => {
      const { items } = await world.json<{ items: Listed[] }>(['assigner', '--prompts'])
      return items.every(({ state }) => state === 'completed') && items
    },
    'the end of all prompts',
    withinMs,
  )
  await shows(first, /Task \d is done\./)
  await screenshot(first, 'cluster-healed')

  expect(
    stub
      .prompts()
      .filter((text) => text.startsWith('Task'))
      .toSorted(),
  ).toEqual(texts)
  expect(all).toHaveLength(10)
  expect(all.find(({ id }) => id === Number(held))).toMatchObject({ state: 'completed', attempts: 1 })
  expect(new Set(all.map(({ session_key: key }) => key.split('/')[0]))).toEqual(new Set(names))
}, 600_000)

interface Listed {
  id: number
  state: string
  session_key: string
  attempts: number
}

interface Scene extends AsyncDisposable {
  world: CliWorld
  browser: Browser
  machines: Record<string, Cable>
  stub: StubModel
}

/** A dashboard, and two machines that were invited and joined as their owner would do it, with a Claude on each. */
async function startScene(): Promise<Scene> {
  const network = openNetwork()
  const ends: (() => PromiseLike<unknown>)[] = [() => network[Symbol.asyncDispose]()]
  const end = async () => {
    for (const next of ends.splice(0).toReversed()) await next()
  }
  try {
    const stub = await startStubModel()
    ends.push(() => stub[Symbol.asyncDispose]())
    const world = await openCliWorld({ HOST: '0.0.0.0', PORT: '8080' }, network.home)
    ends.push(() => world[Symbol.asyncDispose]())
    await world.json(['start', '--daemon'])
    const machines: Record<string, Cable> = {}
    for (const name of names) {
      const machine = await joinMachine(world, network, stub, name)
      ends.push(() => machine.end())
      machines[name] = machine.cable
    }
    const browser = await openBrowserIn(network.home, world)
    ends.push(() => browser.close())
    return { world, browser, machines, stub, [Symbol.asyncDispose]: end }
  } catch (error) {
    await end()
    throw error
  }
}

async function joinMachine(world: CliWorld, network: Network, stub: StubModel, name: string) {
  const cable = network.wire(8080)
  const socket = `architect-${name}-${process.pid}-${randomUUID().slice(0, 8)}`
  const folder = join(world.tmux.folder, name)
  const env = { ARCHITECT_DATA: join(folder, 'data'), ARCHITECT_TMUX_SOCKET: socket }
  const there = { env, namespace: cable.namespace }
  await mkdir(env.ARCHITECT_DATA, { recursive: true })
  await startAgent({
    kind: 'claude',
    session: 'dev',
    socket,
    home: join(folder, 'home'),
    dir: join(folder, 'project'),
    port: stub.port,
  })
  const url = `http://${network.address}:8080`
  const invited = await world.json<{ command: string }>(['nodes', 'invite', '--name', name, '--url', url])
  const [program, ...args] = invited.command.split(' ')
  expect(program).toBe('./deploy.sh')
  const joined = await world.run(args, there)
  if (joined.code !== 0) throw new Error(`${name} did not join: ${joined.stderr}`)
  return {
    cable,
    async end() {
      await world.run(['node-agent', '--stop'], there)
      await endTmux(socket)
    },
  }
}

/** A browser on the dashboard's machine. */
async function openBrowserIn(namespace: string, { tmux }: CliWorld): Promise<Browser> {
  return openHow(async ({ executablePath, args }) => {
    const inside = join(tmux.folder, 'chromium')
    await writeFile(inside, `#!/bin/sh\nexec ${inNamespace(namespace).join(' ')} ${executablePath} "$@"\n`)
    await chmod(inside, 0o700)
    return chromium.launch({ executablePath: inside, args })
  })
}

async function logIn(browser: Browser, { dataDir }: CliWorld): Promise<Page> {
  const context = await browser.newContext({ baseURL: 'http://127.0.0.1:8080' })
  const page = await context.newPage()
  await page.goto('/')
  await page.getByLabel('User').fill('architect')
  await page.getByLabel('Password').fill((await readFile(join(dataDir, 'initial-password'), 'utf8')).trim())
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.waitForURL('**/')
  return page
}

async function openTerminal(page: Page, node: string): Promise<Page> {
  const own = await page.context().newPage()
  await own.goto(`/sessions?q=${node}`)
  await own.getByRole('link', { name: /dev/ }).first().click()
  await drawn(own).getByText('❯').first().waitFor()
  return own
}

const drawn = (page: Page) => page.locator('#terminal .xterm-rows')

async function shows(page: Page, text: RegExp) {
  await drawn(page).getByText(text).first().waitFor({ timeout: withinMs })
}

function progress({ dataDir }: CliWorld): Promise<string> {
  return readFile(join(dataDir, 'logs', 'progress.log'), 'utf8')
}
