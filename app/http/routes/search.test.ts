import { expect, test } from 'vitest'
import { startDashboard } from '../../testing/dashboard.ts'

test('one search finds all that people wrote, and leads there', async () => {
  await using dashboard = await startDashboard()
  const person = await dashboard.token()
  const browser = await dashboard.signIn('viewer')
  const project = await person.send<{ id: number }>('POST', '/api/projects', { name: 'Permission' })
  await person.send('POST', '/api/bugs', {
    project_id: project.body.id,
    title: 'permission tokens <b>repeat</b>',
  })
  await person.send('POST', '/api/work/1/comments', { body: 'ask <i>for</i> permission' })
  await person.send('POST', '/api/milestones', { project_id: project.body.id, name: 'permission granted' })
  await person.send('POST', '/api/assigner/send', { content: 'explain permission' })
  await dashboard.anonymous.send('POST', '/api/errors', { message: 'permission failed' })

  const all = await person.get<{ items: { kind: string; path: string }[] }>('/api/search?q=permission')
  const some = await person.get<{ items: object[] }>('/api/search?q=permission&kind=error,project')
  const page = await (await browser.fetch('/panels/search?q=permission')).text()

  const kinds = new Set(all.body.items.map(({ kind }) => kind))
  expect([...kinds].toSorted()).toEqual([
    'comment',
    'document',
    'error',
    'milestone',
    'project',
    'prompt',
    'work',
  ])
  expect(some.body.items).toHaveLength(2)
  expect(page).toContain('/work/1')
  expect(page).toContain('&lt;b&gt;repeat')
  expect(page).toContain('href="/work/1#comment-1"')
  expect(page).toContain('PER-1 ask &lt;i&gt;for')
  expect(page).toContain(`/work?project=${project.body.id}&amp;milestone=1&amp;view=all`)
})
