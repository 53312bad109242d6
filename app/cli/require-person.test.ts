import { expect, test } from 'vitest'
import { ProcessTable } from '../agents/process-table.ts'
import { askHuman } from '../broker/human-tasks/ask.ts'
import { submit } from '../broker/commands.ts'
import { saveSession } from '../db/sessions.ts'
import { startDashboard } from '../testing/dashboard.ts'
import { storedSession } from '../testing/stored-session.ts'
import { localDesk } from './desk/local.ts'
import { interactionDesks } from './interactions/desk.ts'
import { patternDesks } from './patterns/desk.ts'
import { questionDesks } from './questions/desk.ts'

test('an agent approves and answers nothing by the command that its session lets it run', async () => {
  await using dashboard = await startDashboard()
  const { web } = dashboard
  const { database, config, clock } = web
  const { startedAt } = new ProcessTable().entry(process.ppid)!
  const agent = { name: 'dev', node: config.node, key: `${config.node}/default/%3` }
  const { task } = await askHuman(database, { node: config.node, session: 'dev', question: 'May I?' }, 1)
  const { prompt } = await submit(database, { content: 'x', staged: true }, clock.now())
  const attempts = () => [
    interactionDesks.local(web).answer(1, { say: 'approve' }),
    questionDesks.local(web).answer(task.id, 'yes'),
    questionDesks.local(web).dismiss(task.id, null),
    localDesk(web).approve(prompt.id),
    patternDesks.local(web).enable(1, 1),
  ]

  const running = storedSession({ ...agent, generation: `1.${process.ppid}.${startedAt}` })
  await database.write((db) => saveSession(db, running))
  const refused = await Promise.allSettled(attempts())
  await database.write((db) => saveSession(db, { ...running, generation: `1.${process.ppid}.1` }))
  const answered = await questionDesks.local(web).answer(task.id, 'yes')

  for (const result of refused) {
    expect(result).toMatchObject({
      reason: { code: 'forbidden', message: expect.stringContaining('the agent of dev started this') },
    })
  }
  expect(answered).toMatchObject({ state: 'answered' })
})
