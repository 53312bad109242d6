import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from '../dashboard.ts'
import type { Person } from './chromium.ts'
import { openStage, type Stage } from './stage.ts'

let stage: Stage
let person: Person
let program: Client

beforeAll(async () => {
  stage = await openStage()
  person = await stage.person({ role: 'operator' })
  program = await stage.dashboard.token()
})
afterAll(async () => {
  await person[Symbol.asyncDispose]()
  await stage[Symbol.asyncDispose]()
})

interface Made {
  id: number
  key: string
  status: string
}

async function make(path: string, body: object): Promise<Made> {
  return (await program.send<Made>('POST', path, body)).body
}

test('a project, a milestone and a bug are written down, and the milestone moves when the bug is done', async () => {
  const { page } = person
  await page.goto('/projects')
  await page.getByRole('link', { name: 'New project' }).first().click()
  const dialog = page.locator('#dialog')
  await dialog.getByLabel('Name').fill('Web shop')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('link', { name: 'New milestone' }).click()
  await dialog.getByLabel('Name').fill('First sale')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await page.locator('.milestone-rows', { hasText: 'First sale' }).waitFor()

  await page.getByRole('link', { name: 'New bug' }).click()
  await dialog.getByLabel('Title').fill('It breaks')
  await dialog.getByLabel('Milestone').selectOption({ label: 'First sale' })
  await dialog.getByRole('button', { name: /Create/ }).click()
  await page.locator('h1', { hasText: 'It breaks' }).waitFor()
  await page.getByRole('button', { name: 'done' }).click()
  await page.locator('.head-line .state', { hasText: 'done' }).waitFor()
  await page.getByRole('link', { name: 'Web shop' }).click()

  await page.locator('.milestone-rows', { hasText: '1 of 1' }).waitFor()
  expect(person.complaints).toEqual([])
})

test('a card is moved by its buttons, by dragging, and by somebody else, and the board follows', async () => {
  const { page } = person
  const project = await make('/api/projects', { name: 'Moves' })
  const { id } = await make('/api/features', { project_id: project.id, title: 'Move me' })
  await page.goto(`/board?project=${project.id}`)
  await page.locator('#connection[data-state="live"]').waitFor()
  const cardIn = (status: string) => page.locator(`[data-status="${status}"] #card-${id}`)

  await page.keyboard.press('j')
  await page.keyboard.press('m')
  await cardIn('open').getByRole('button', { name: 'in progress' }).click()
  await cardIn('in_progress').waitFor()
  await cardIn('in_progress').dragTo(page.locator('[data-status="review"]'))
  await cardIn('review').waitFor()
  await program.send('PUT', `/api/work/${id}`, { status: 'done' })
  await cardIn('done').waitFor()

  const { body } = await program.get<Made>(`/api/work/${id}`)
  expect(body.status).toBe('done')
  expect(person.complaints).toEqual([])
})

test('an error becomes a bug, the bug a prompt that is looked over first, and each page leads to the others', async () => {
  const { page } = person
  const project = await make('/api/projects', { name: 'Chain' })
  await stage.dashboard.anonymous.send('POST', '/api/errors', {
    message: 'the chain is broken',
    source: 'c.py',
  })
  await page.goto('/errors?q=chain')
  await page.locator('.error-row').getByRole('link').click()
  const dialog = page.locator('#dialog')

  await page.getByRole('link', { name: 'Make a bug of it' }).click()
  await dialog.getByLabel('Project').selectOption({ value: String(project.id) })
  await dialog.getByLabel('Resolve the error').check()
  await dialog.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('link', { name: 'Assign to a session' }).click()
  expect(await dialog.getByLabel('Prompt', { exact: true }).inputValue()).toContain('the chain is broken')
  await dialog.getByRole('button', { name: /Assign/ }).click()
  await page.locator('.head-line .state', { hasText: 'queued' }).waitFor()
  await page.getByRole('link', { name: /^prompt #/ }).click()
  await page.getByRole('link', { name: /^for / }).click()
  await page.getByRole('link', { name: /^error #/ }).click()

  await page.getByRole('link', { name: /^bug / }).waitFor()
  expect(person.complaints).toEqual([])
})

test('an edit of what somebody else changed meanwhile is refused in the form, and nothing is lost', async () => {
  const { page } = person
  const project = await make('/api/projects', { name: 'Races' })
  const { id } = await make('/api/features', { project_id: project.id, title: 'Before' })
  await page.goto(`/work/${id}`)
  await page.getByRole('link', { name: 'Edit' }).click()
  const dialog = page.locator('#dialog')
  await dialog.getByLabel('Title').fill('Mine')
  await program.send('PUT', `/api/work/${id}`, { title: 'Theirs' })

  await dialog.getByRole('button', { name: /Keep/ }).click()

  await dialog.locator('[data-failure]', { hasText: 'was changed meanwhile' }).waitFor()
  expect(await dialog.getByLabel('Title').inputValue()).toBe('Mine')
  expect((await program.get<{ title: string }>(`/api/work/${id}`)).body.title).toBe('Theirs')
  expect(person.complaints).toEqual([expect.stringContaining('409')])
  person.complaints.length = 0
})

test('what people write is text and Markdown on the page, whatever it says', async () => {
  const { page } = person
  const evil = '<img src=x onerror=alert(1)>'
  const project = await make('/api/projects', { name: evil, description: `${evil}[x](javascript:alert(1))` })
  const words = {
    project_id: project.id,
    title: evil,
    description: `**bold** ${evil}\n[a](javascript:alert(1))`,
  }
  const { id } = await make('/api/bugs', words)
  await make(`/api/work/${id}/comments`, { body: `</div>${evil}<a href="javascript:alert(1)">b</a>` })
  await make('/api/milestones', { project_id: project.id, name: evil, description: evil })

  for (const address of [`/work/${id}`, `/projects/${project.id}`, '/board', '/work', '/projects']) {
    await page.goto(address)
    await page.locator('#connection[data-state="live"]').waitFor()
    expect(await page.locator('#panel img').count()).toBe(0)
    expect(await page.locator('#panel a[href^="javascript"]').count()).toBe(0)
  }
  await page.goto(`/work/${id}`)
  expect(await page.locator('.written strong').first().textContent()).toBe('bold')
  expect(person.complaints).toEqual([])
})

test('a file is changed in the browser, and one that was changed elsewhere meanwhile is not saved over', async () => {
  const { page } = person
  const folder = join(stage.dashboard.server.folder, 'edited')
  mkdirSync(join(folder, 'src'), { recursive: true })
  writeFileSync(join(folder, 'src/till.ts'), '\nlet open = 1\r\n')
  writeFileSync(join(folder, 'src/bell.ts'), 'ring()\n')
  const project = await make('/api/projects', { name: 'Edited', root_path: folder })
  await page.goto(`/projects/${project.id}`)
  await page.getByRole('link', { name: 'Files' }).click()
  await page.getByRole('link', { name: 'src/' }).click()
  await page.getByRole('link', { name: 'bell.ts' }).click()
  const content = page.getByLabel('Content of bell.ts')

  await content.fill('ring(2)\n')
  await page.getByRole('button', { name: /Save/ }).click()
  await page.getByText('8 bytes').waitFor()
  expect(readFileSync(join(folder, 'src/bell.ts'), 'utf8')).toBe('ring(2)\n')
  writeFileSync(join(folder, 'src/bell.ts'), 'theirs()\n')
  await content.fill('mine()\n')
  await page.getByRole('button', { name: /Save/ }).click()

  await page.locator('[data-failure]', { hasText: 'was changed since you read it' }).waitFor()
  expect(await content.inputValue()).toBe('mine()\n')
  expect(readFileSync(join(folder, 'src/bell.ts'), 'utf8')).toBe('theirs()\n')
  await page.goto(`/projects/${project.id}/file?path=src/till.ts`)
  await page.getByText('Its lines end in different ways').waitFor()
  expect(person.complaints).toEqual([expect.stringContaining('409')])
  person.complaints.length = 0
})
