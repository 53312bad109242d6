import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageRoot } from '../../core/paths.ts'
import { openStage, screenshot, type Stage } from './stage.ts'

/*
 * Everything that a new user does with an agent on the first day, from the browser alone.
 */

let stage: Stage
let folder: string

beforeAll(async () => {
  stage = await openStage({ agents: {} })
  folder = join(stage.dashboard.server.folder, 'shop')
  await installScripted()
})
afterAll(() => stage[Symbol.asyncDispose]())

test('a session is created, given prompts, watched, answered by hand, and found again', async () => {
  await using person = await stage.person({ role: 'operator' })
  const { page, complaints } = person
  const drawn = page.locator('#terminal .xterm-rows')
  await page.goto('/')

  await page.getByRole('link', { name: 'Create a session' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Name').fill('shop')
  await form.getByLabel('Agent').selectOption('scripted')
  await form.getByLabel('Folder').fill(folder)
  await form.getByRole('button', { name: 'Create' }).click()
  await page.waitForURL(/\/sessions\/test\/.+\/\d+$/)
  await drawn.getByText('scripted · ready').waitFor()
  await page.locator('.head-line .state-idle').waitFor()

  await page.getByRole('link', { name: 'Send a prompt' }).click()
  await page.getByRole('dialog').getByLabel('Prompt', { exact: true }).fill('Paint the shed')
  await page.keyboard.press('Control+Enter')
  await page.waitForURL('**/prompts/*')
  const promptPath = new URL(page.url()).pathname
  await page.locator('#live-screen').getByText('Allow this command?').waitFor()
  await page.locator('[data-needs-count]').getByText('1').waitFor()

  await page.keyboard.type('gy')
  await page.getByRole('link', { name: /^shop asks for permission/ }).click()
  await drawn.getByText('Allow this command?').waitFor()
  await screenshot(page, 'session-permission-light')
  await page.locator('#terminal .xterm').click()
  await page.keyboard.press('Enter')
  await drawn.getByText('Painted.').waitFor()
  await page.getByRole('button', { name: 'Give it back' }).click()

  await page.keyboard.press('Shift+Escape')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('paint the shed')
  await page.getByRole('option', { name: /Paint the shed/ }).click()
  await page.waitForURL(`**${promptPath}`)
  await page.getByRole('heading', { name: 'Answer' }).waitFor()

  expect(await page.locator('.answer').textContent()).toContain('Painted.')
  expect(await page.locator('.story').innerText()).toContain('asks for permission')
  expect(complaints).toEqual([])
})

test('a session is ended from its page, after a question', async () => {
  await using person = await stage.person({ role: 'operator' })
  const { page } = person
  await page.goto('/sessions')
  await page.getByRole('link', { name: 'shop', exact: true }).click()

  await page.getByRole('button', { name: 'End session' }).click()
  await page.getByRole('button', { name: 'End it' }).click()
  await page.waitForURL('**/sessions')

  await page.getByRole('heading', { name: 'No session has an agent' }).waitFor()
  expect(await stage.dashboard.server.run('list-sessions', '-F', '#{session_name}')).not.toContain('shop')
})

test('what the server refuses to create is said in the form', async () => {
  await using person = await stage.person({ role: 'operator' })
  const { page } = person
  await page.goto('/sessions/new')
  await page.getByLabel('Name').fill('lost')
  await page.getByLabel('Folder').fill('/nowhere/at/all')

  await page.getByRole('button', { name: 'Create' }).click()

  expect(await page.getByRole('alert').textContent()).toContain('/nowhere/at/all')
})

/** `scripted` in the PATH of the tmux server, as an agent's command is on a user's machine. */
async function installScripted() {
  const bin = join(stage.dashboard.server.folder, 'bin')
  await mkdir(bin)
  await mkdir(folder)
  const behaviour = { ask: 'permission', answer: 'Painted.', thinkMs: 200, revision: 1 }
  await writeFile(join(folder, 'behaviour.json'), JSON.stringify(behaviour))
  const agent = join(packageRoot, 'app/testing/scripted-agent/agent.mjs')
  await writeFile(join(bin, 'scripted'), `#!/bin/sh\nexec ${process.execPath} ${agent} ${folder}\n`)
  await chmod(join(bin, 'scripted'), 0o755)
  await stage.dashboard.server.open({ name: 'other', command: ['sleep', '3600'] })
  await stage.dashboard.server.run('set-environment', '-g', 'PATH', `${bin}:${process.env['PATH']}`)
}
