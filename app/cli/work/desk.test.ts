import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { bothSides } from '../../testing/sides.ts'
import { workDesks } from './desk.ts'

let dashboard: TestDashboard
beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard[Symbol.asyncDispose]())

const scopes = ['read', 'prompts'] as const

describe.each(bothSides(workDesks, () => dashboard, [...scopes], 'operator'))(
  'at $name',
  ({ name, open }) => {
    test('projects and their work are added, listed, shown and changed', async () => {
      const desk = await open()
      const dir = join(dashboard.server.folder, `of-${name.length}`)
      mkdirSync(dir)
      const words = { title: 'It breaks', description: '', priority: 3, milestoneId: null, metadata: {} }

      const project = await desk.addProject({
        name: `At ${name}`,
        description: '',
        rootPath: dir,
        repositoryUrl: null,
      })
      const paused = await desk.setProject(project.key, { status: 'paused', description: 'x' })
      const bug = await desk.addItem('bug', project.key, {
        ...words,
        severity: 'high',
        assignee: 'user:anna',
      })
      const done = await desk.setItem(bug.key, { status: 'done' })
      const listed = await desk.items({ kind: 'bug', limit: 5, project: project.key, statuses: ['done'] })

      expect(project).toMatchObject({ rootPath: dir, status: 'active' })
      expect(paused).toMatchObject({ id: project.id, status: 'paused', description: 'x', rootPath: dir })
      expect(await desk.project(String(project.id))).toEqual(paused)
      expect(bug).toMatchObject({ key: `${project.key}-1`, severity: 'high', priority: 3 })
      expect(listed).toEqual([done])
      expect(await desk.item(bug.key)).toEqual(done)
      expect((await desk.projects(200)).map(({ id }) => id)).toContain(project.id)
      await expect(desk.item('NONE-1')).rejects.toMatchObject({ code: 'not_found' })
    })

    test.each<[object, string]>([
      [{ title: ' ' }, 'title: must not be empty'],
      [{ title: 'x'.repeat(10_000) }, 'title'],
      [{ assignee: 'anna' }, 'user:NAME'],
      [{ priority: 11 }, 'priority'],
    ])('work of %j is refused as anywhere: %s', async (wrong, says) => {
      const desk = await open()
      const words = { name: 'Checked', description: '', rootPath: null, repositoryUrl: null }
      const { key } = await desk.addProject(words)
      const bug = { title: 'x', description: '', priority: 0, milestoneId: null, metadata: {} }
      const more = { severity: 'low', assignee: null } as const

      const item = await desk.addItem('bug', key, { ...bug, ...more })

      const added = desk.addItem('bug', key, { ...bug, ...more, ...wrong })
      const refused = { code: 'invalid', message: expect.stringContaining(says) }
      await expect(added).rejects.toMatchObject(refused)
      const changed = desk.setItem(item.key, wrong)

      await expect(changed).rejects.toMatchObject(refused)
    })

    test('a repository with a password in its address is refused', async () => {
      const desk = await open()
      const words = { name: 'Secret', description: '', rootPath: null }

      const added = desk.addProject({ ...words, repositoryUrl: 'https://me:hidden@example.com/x.git' })

      await expect(added).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringMatching(/must hold no password/),
      })
    })
  },
)
