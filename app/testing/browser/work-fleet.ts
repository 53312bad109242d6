import type { WorkItem, WorkKind, WorkStatus } from '../../core/work.ts'
import { createMilestone } from '../../db/milestone/write.ts'
import type { Database } from '../../db/open.ts'
import { createProject } from '../../db/project/write.ts'
import { changeWork } from '../../db/work/change.ts'
import { addComment } from '../../db/work/comments.ts'
import { createWork } from '../../db/work/create.ts'
import { linkWork } from '../../db/work/links.ts'

const by = 'anna'
const hourMs = 3_600_000

/** Two projects with milestones, and work of each kind and status: what their pages show. */
export async function populateWork(database: Database, now: number): Promise<void> {
  const shop = await project(database, 'Web shop', '/home/me/code/shop', now)
  await project(database, 'Architect', null, now)
  const first = await milestone(database, shop, { name: 'First sale', targetDate: '2026-06-30' }, now)
  const second = await milestone(database, shop, { name: 'Ten languages', targetDate: '2099-12-31' }, now)
  const items: [WorkKind, string, WorkStatus, object][] = [
    ['feature', 'Pay by bank transfer', 'done', { milestoneId: first, priority: 5 }],
    [
      'feature',
      'Show the total before the order',
      'review',
      { milestoneId: first, assignee: 'session:dev_w1' },
    ],
    [
      'bug',
      'The cart forgets what was in it after a login',
      'in_progress',
      { severity: 'critical', priority: 9 },
    ],
    ['bug', 'Prices show 0.30000000000000004', 'open', { severity: 'low', milestoneId: first }],
    ['devops_task', 'Renew the certificate by itself', 'queued', { priority: 3, assignee: 'user:anna' }],
    ['feature', 'תרגום לעברית 🛒 right to left', 'open', { milestoneId: second }],
    ['devops_task', 'Move to the old server', 'closed', {}],
  ]
  for (const [index, [kind, title, status, more]] of items.entries()) {
    const item = await work(database, { kind, projectId: shop, title, ...more }, now - (9 - index) * hourMs)
    if (status !== 'open') {
      await database.write((db) => changeWork(db, item.id, { status }, { by, now: now - index * 60_000 }))
    }
  }
  await describe(database, now)
}

/** The bug about the cart has everything that an item can have. */
async function describe(database: Database, now: number) {
  const description = [
    'After the login the cart is **empty**.',
    '',
    '1. put something in',
    '2. log in',
    '',
    '```js',
    'cart = session.cart ?? []',
    '```',
  ].join('\n')
  await database.write(async (db) => {
    const item = await changeWork(db, 3, { description }, { by, now: now - 50_000 })
    await linkWork(db, 3, { kind: 'item', ref: '2', relation: 'blocks' }, by, now - 40_000)
    await linkWork(db, 3, { kind: 'commit', ref: '4f2a9c1', relation: 'relates' }, by, now - 40_000)
    await addComment(db, item, { author: 'ben', body: 'Also with `--guest`.' }, now - 30_000)
    await changeWork(db, 4, { status: 'queued' }, { by, now: now - 20_000 })
    const note = 'Prompt 12 failed: the usage limit was reached.'
    await changeWork(db, 4, { status: 'open', note }, { by, now: now - 10_000 })
  })
}

async function project(database: Database, name: string, rootPath: string | null, now: number) {
  const description = rootPath === null ? '' : 'What customers see.'
  const key = name === 'Web shop' ? 'SHOP' : undefined
  const words = { name, key, description, rootPath, repositoryUrl: null, metadata: {} }
  const { id } = await database.write((db) => createProject(db, words, by, now - 30 * hourMs))
  return id
}

async function milestone(
  database: Database,
  projectId: number,
  words: { name: string; targetDate: string },
  now: number,
) {
  const whole = { ...words, projectId, description: '' }
  const { id } = await database.write((db) => createMilestone(db, whole, by, now - 20 * hourMs))
  return id
}

function work(
  database: Database,
  words: { kind: WorkKind; projectId: number; title: string },
  at: number,
): Promise<WorkItem> {
  const usual = {
    description: '',
    milestoneId: null,
    priority: 0,
    severity: null,
    assignee: null,
    metadata: {},
  }
  return database.write((db) => createWork(db, { ...usual, ...words }, by, at))
}
