import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { milestonePlanSchema } from '../../core/milestone-plan.ts'
import { makeSourceTree } from '../../testing/source-tree.ts'
import { scanTree } from '../scan/scan-tree.ts'
import { makePlan } from './make-plan.ts'
import { keepPlan, listPlans, planOf } from './plan-files.ts'
import { planMarkdown } from './plan-markdown.ts'

let dataDir = ''
beforeEach(() => void (dataDir = mkdtempSync(join(tmpdir(), 'architect-plans-'))))
afterEach(() => rmSync(dataDir, { recursive: true }))

const files = {
  'src/a.ts': '// TODO: sort\n// HACK: waits a second\n// FIXME: loses the last row\n',
  'src/b.ts': '// TODO: faster\n',
  'PLAN.md':
    '# Login\n- [x] form\n- [ ] throttle\n# Board\n- [ ] columns\n- [ ] colours\n# Done\n- [x] all\n',
  'README.md': '- [ ] a picture\n',
}

const planFor = async (root: string, at = 0, name = 'Shop') =>
  makePlan({ name, id: null, root }, await scanTree(root), at)

test('what is to be done is put into four phases', async () => {
  using tree = makeSourceTree(files)

  const plan = await planFor(tree.root)

  const titles = plan.phases.map(({ id, tasks }) => [id, tasks.map(({ title }) => title)])
  expect(titles).toEqual([
    ['repair', ['FIXME: loses the last row']],
    ['finish', ['Login']],
    ['build', ['Board', 'a picture']],
    ['tidy', ['2 notes in src/a.ts', 'TODO: faster']],
  ])
  expect(plan.progress).toEqual({ done: 2, total: 10 })
  expect(milestonePlanSchema.parse(plan)).toEqual(plan)
})

test('a key stays when lines move and when a list grows, and no two are the same', async () => {
  using tree = makeSourceTree({ ...files, 'src/c.ts': '// FIXME: x\n// FIXME: x\n' })
  const keysOf = async () =>
    (await planFor(tree.root)).phases.flatMap(({ tasks }) => tasks.map(({ key }) => key))

  const before = await keysOf()
  tree.write('src/a.ts', `\n\n${files['src/a.ts']}`)
  tree.write('PLAN.md', files['PLAN.md'].replace('- [ ] colours', '- [ ] colours\n- [ ] shapes'))

  expect(await keysOf()).toEqual(before)
  expect(new Set(before).size).toBe(before.length)
})

test('the same tree gives the same files apart from the date, and no second plan', async () => {
  using tree = makeSourceTree(files)

  const first = await keepPlan(dataDir, await planFor(tree.root, 1_000))
  const again = await keepPlan(dataDir, await planFor(tree.root, 60_000))
  tree.write('src/b.ts', '')
  const changed = await keepPlan(dataDir, await planFor(tree.root, 120_000))

  expect(again).toEqual({ ...first, isNew: false })
  expect(changed.isNew).toBe(true)
  expect(readdirSync(join(dataDir, 'milestones')).sort()).toEqual([
    'shop_milestones_19700101T000001.json',
    'shop_milestones_19700101T000200.json',
    'shop_summary.md',
  ])
  expect((await planOf(dataDir, tree.root))?.generated_at).toBe('1970-01-01T00:02:00.000Z')
})

test("projects of one name do not write each other's files, and a name leads nowhere", async () => {
  using one = makeSourceTree(files)
  using other = makeSourceTree({})

  await keepPlan(dataDir, await planFor(one.root, 0))
  await keepPlan(dataDir, await planFor(other.root, 0))
  await keepPlan(dataDir, await planFor(other.root, 0, '../../etc/passwd'))
  await keepPlan(dataDir, await planFor(other.root, 0, '日本'))

  expect(await listPlans(dataDir)).toHaveLength(4)
  expect(readdirSync(dataDir)).toEqual(['milestones'])
})

test('old plans go, and rubbish between them is stepped over', async () => {
  using tree = makeSourceTree({})
  for (let n = 1; n <= 15; n += 1) {
    tree.write('a.ts', `// TODO: ${n}\n`)
    await keepPlan(dataDir, await planFor(tree.root, n * 1_000))
  }
  writeFileSync(join(dataDir, 'milestones', 'shop_milestones_29990101T000000.json'), '{"half":')

  const [newest] = await listPlans(dataDir)

  expect(newest?.plan.phases[3]!.tasks[0]!.title).toBe('TODO: 15')
  expect(readdirSync(join(dataDir, 'milestones'))).toHaveLength(12)
})

test('what files say is text in the summary, and no Markdown', async () => {
  using tree = makeSourceTree({
    'a`b\n# c.ts': '// FIXME: <img src=x> [click](javascript:x) `*\n',
    'closed.bin': '',
  })

  const text = planMarkdown(await planFor(tree.root))

  expect(text).toContain('\\<img src=x\\> \\[click\\](javascript:x)')
  expect(text.split('\n').filter((line) => line.startsWith('# '))).toEqual(['# Shop: what is to be done'])
  expect(text).toContain('`` a`b # c.ts:1 ``')
})
