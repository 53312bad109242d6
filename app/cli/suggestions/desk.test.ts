import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { bothSides } from '../../testing/sides.ts'
import { suggestionDesks } from './desk.ts'

let dashboard: TestDashboard
let projectKey = ''

beforeAll(async () => {
  dashboard = await startDashboard()
  const admin = await dashboard.token()
  const project = await admin.send<{ key: string }>('POST', '/api/projects', { name: 'Shop' })
  projectKey = project.body.key
})
afterAll(() => dashboard[Symbol.asyncDispose]())

const report = (message: string) =>
  dashboard.anonymous.send('POST', '/api/errors', { message, source: message })

describe.each(bothSides(suggestionDesks, () => dashboard, ['read', 'prompts']))(
  'at $name',
  ({ name, open }) => {
    test('what is wrong is suggested, taken up once, skipped and completed', async () => {
      const desk = await open()
      const word = name.length % 2 === 0 ? 'teapot' : 'kettle'
      for (const part of ['lid', 'spout', 'handle', 'foot']) await report(`${word} without its ${part}`)

      const kept = await desk.collect(['error'])
      const pending = await desk.list({ limit: 50, states: ['pending'], sources: ['error'] })
      const [bug, prompt, skipped, done] = pending.filter(({ title }) => title.includes(word))
      const confirmed = await desk.confirm(bug!.id, { as: 'bug', project: projectKey, title: 'No lid' })
      const sent = await desk.confirm(prompt!.id, { as: 'prompt', content: 'Look for it' })
      const after = [await desk.advance(skipped!.id, 'skip'), await desk.advance(done!.id, 'complete')]

      expect(kept).toMatchObject({ added: 4 })
      expect(confirmed).toMatchObject({ state: 'confirmed', became: 'bug', becameId: expect.any(Number) })
      expect(sent).toMatchObject({ state: 'confirmed', became: 'prompt', becameId: expect.any(Number) })
      expect(after.map(({ state }) => state)).toEqual(['skipped', 'completed'])
      await expect(desk.confirm(bug!.id, { as: 'prompt' })).rejects.toMatchObject({ code: 'conflict' })
      await expect(desk.advance(skipped!.id, 'complete')).rejects.toMatchObject({ code: 'conflict' })
      await expect(desk.advance(999_999, 'skip')).rejects.toMatchObject({ code: 'not_found' })
    })

    test('a project or a session that is not there is said, and the suggestion waits on', async () => {
      const desk = await open()
      await report(`at ${name} something else`)
      await desk.collect(['error'])
      const [first] = await desk.list({ limit: 1, states: ['pending'] })

      const nowhere = desk.confirm(first!.id, { as: 'bug', project: 'NONE' })
      const nobody = desk.confirm(first!.id, { as: 'prompt', target: 'ghost' })

      await expect(nowhere).rejects.toMatchObject({
        code: 'not_found',
        message: expect.stringMatching(/NONE/),
      })
      await expect(nobody).rejects.toMatchObject({ message: expect.stringMatching(/ghost/) })
      expect((await desk.list({ limit: 1, states: ['pending'] }))[0]).toEqual(first)
    })
  },
)
