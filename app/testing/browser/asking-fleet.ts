import { accept, sendBack } from '../../broker/delegation/review.ts'
import { askHuman } from '../../broker/human-tasks/ask.ts'
import { ruleFromInteraction } from '../../broker/interactions/new-rule.ts'
import { systemClock } from '../../core/clock.ts'
import type { InteractionAnswer, DecidedBy } from '../../core/interaction.ts'
import { endAttempt } from '../../db/attempts.ts'
import { appendEvent } from '../../db/events.ts'
import { advanceInteraction, noteDecision } from '../../db/interaction/advance.ts'
import { openInteraction, type NewInteraction } from '../../db/interaction/open.ts'
import { markReady, saveLock, type LockValues } from '../../db/lock/write.ts'
import { addChannel } from '../../db/notification/channels.ts'
import { addDelivery } from '../../db/notification/deliveries.ts'
import type { Database } from '../../db/open.ts'
import { advancePattern } from '../../db/pattern/change.ts'
import { advancePrompt } from '../../db/prompts.ts'
import { setSessionSettings } from '../../db/session-settings.ts'
import { finish, run } from './fleet.ts'

/*
 * What the sessions of the fleet (`fleet.ts`) ask, hold and pass on to each other: permission prompts with the rules
 * that answer them, questions to people, locks, messages to telephones, and a piece of work in parts.
 */

const minuteMs = 60_000
const ada = { kind: 'user', name: 'ada', address: null } as const

/** Where something that was made for a test stands. */
export interface Asked {
  /** The permission prompt and the question that are open. */
  permission: number
  question: number
  /** A question with boxes to tick. */
  boxes: number
  /** One that was approved and that a draft of a rule was made from. */
  approved: number
  draft: number
  task: number
  /** The first of a tree of prompts, and a part that can be reviewed. */
  whole: number
  part: number
}

/** Fills what `populate` has filled before. */
export async function populateAsking(database: Database, node: string, now: number): Promise<Asked> {
  const tree = await delegate(database, node, now)
  const past = await askBefore(database, node, now)
  const draft = await makeRules(database, past, now)
  const open = await askNow(database, node, now)
  const task = await askPeople(database, node, now)
  await lockPaths(database, node, now)
  await tellPeople(database, now)
  return { ...tree, ...open, approved: past, draft, task }
}

const shell: NewInteraction = {
  agent: 'claude',
  kind: 'permission',
  tool: 'shell',
  toolName: 'Bash',
  input: { command: 'npm test' },
  inputFrom: 'hook',
  inputWhole: true,
  unsure: null,
  sessionKey: '',
  sessionName: 'web',
  node: '',
  generation: 'web-1',
  cwd: '/home/ada/shop/web',
  promptId: null,
  callId: null,
  question: 'Do you want to proceed?',
  options: [
    { keys: ['1'], label: 'Yes', meaning: 'allow_once' },
    { keys: ['2'], label: 'Yes, and do not ask again for this command', meaning: 'allow_always' },
    { keys: ['3'], label: 'No, and tell Claude what to do differently', meaning: 'deny' },
  ],
  selected: 0,
  screen: 'Bash command\n\n  npm test\n  Run the tests\n\nDo you want to proceed?',
  screenDigest: 'd1',
}

const web = (node: string): NewInteraction => ({ ...shell, node, sessionKey: `${node}/default/%1` })

const yes: InteractionAnswer = { meaning: 'allow_once', option: 0, text: null }
const no: InteractionAnswer = { meaning: 'deny', option: 2, text: null }

/** What was asked and answered earlier today; returns the last one that a person approved. */
async function askBefore(database: Database, node: string, now: number): Promise<number> {
  const person: DecidedBy = { kind: 'person', name: 'ada' }
  const history: [string, InteractionAnswer, DecidedBy][] = [
    ['npm test', yes, person],
    ['npm test -- --run src/cart', yes, person],
    ['git push --force origin main', no, person],
    ['git status', yes, { kind: 'shipped', name: 'look around' }],
    ['npm run lint', yes, { kind: 'policy', tier: 'manager' }],
    ['rm -rf node_modules', no, person],
    ['npm test', yes, person],
  ]
  let last = 0
  for (const [index, [command, answer, decidedBy]] of history.entries()) {
    const at = now - (200 - index * 20) * minuteMs
    const screen = `Bash command\n\n  ${command}\n\nDo you want to proceed?`
    const ask = { ...web(node), input: { command }, screen, screenDigest: `d${index}` }
    const { id } = await database.write((db) => openInteraction(db, ask, at))
    const by = decidedBy.kind === 'person' ? ada : ({ kind: 'rule', name: 'rules', address: null } as const)
    await database.by(by).write((db) => {
      return advanceInteraction(db, id, 'decide', { decidedBy, answer, token: `t${index}` }, at + 9_000)
    })
    await database.write((db) => advanceInteraction(db, id, 'confirm', {}, at + 9_400))
    last = id
  }
  return last
}

/** A draft, one that is live, and one that is off; returns the draft. */
async function makeRules(database: Database, from: number, now: number): Promise<number> {
  const then = { database, clock: { ...systemClock, now: () => now - 40 * minuteMs } }
  const draft = await ruleFromInteraction(then, from, { effect: 'allow', wider: 1 }, ada)
  const live = await ruleFromInteraction(then, from - 3, { effect: 'allow' }, ada)
  const off = await ruleFromInteraction(then, from - 1, { effect: 'deny' }, ada)
  await database.by(ada).write(async (db) => {
    await advancePattern(db, live.id, 'enable', now - 30 * minuteMs)
    await advancePattern(db, off.id, 'enable', now - 30 * minuteMs)
    await advancePattern(db, off.id, 'disable', now - 20 * minuteMs)
  })
  return draft.id
}

async function askNow(database: Database, node: string, now: number) {
  const command = 'npm publish --access public --tag next'
  const publish = {
    ...web(node),
    input: { command },
    screen: `Bash command\n\n  ${command}\n`,
    screenDigest: 'o1',
  }
  const { id: permission } = await database.write((db) => openInteraction(db, publish, now - 3 * minuteMs))
  const by = { kind: 'policy', tier: 'manager' } as const
  const reason = 'it publishes to a registry, which no policy grants'
  await database.write((db) => {
    return noteDecision(db, permission, { effect: 'ask', by, also: [], reason }, now - 3 * minuteMs)
  })
  const asks: NewInteraction = {
    ...shell,
    kind: 'question',
    tool: 'other',
    toolName: 'AskUserQuestion',
    input: { text: 'Which database do the reviews live in?' },
    sessionKey: 'pi-2/default/%5',
    sessionName: 'review',
    node: 'pi-2',
    generation: 'review-1',
    cwd: '/home/pi/review',
    question: 'Which database do the reviews live in?',
    options: [
      { keys: ['1'], label: 'The one of the shop', meaning: 'answer' },
      { keys: ['2'], label: 'One of their own', meaning: 'answer' },
    ],
    screen: 'Which database do the reviews live in?\n\n❯ 1. The one of the shop\n  2. One of their own',
    screenDigest: 'o2',
  }
  const { id: question } = await database.write((db) => openInteraction(db, asks, now - 11 * minuteMs))
  const ticks: NewInteraction = {
    ...asks,
    sessionKey: 'pi-2/default/%6',
    sessionName: 'tools',
    generation: 'tools-1',
    input: { text: 'Which tools should watch over the shop?' },
    question: 'Which tools should watch over the shop?',
    options: [
      { keys: ['1'], label: 'Lint (reads the code)', meaning: 'answer', ticked: true },
      { keys: ['2'], label: 'Tests (run the code)', meaning: 'answer', ticked: false },
      { keys: ['3'], label: 'Bench (times the code)', meaning: 'answer', ticked: false },
      { keys: ['4'], label: 'Type something', meaning: 'answer', ticked: false },
      { keys: ['5'], label: 'Chat about this', meaning: 'answer' },
    ],
    screen:
      '←  ☒ Tools  ✔ Submit  →\n\nWhich tools should watch over the shop?\n\n❯ 1. [✔] Lint\n         Reads the code\n  2. [ ] Tests\n         Runs the code\n  3. [ ] Bench\n         Times the code\n  4. [ ] Type something\n     Submit\n  5. Chat about this',
    screenDigest: 'o3',
  }
  const { id: boxes } = await database.write((db) => openInteraction(db, ticks, now - 9 * minuteMs))
  return { permission, question, boxes }
}

async function askPeople(database: Database, node: string, now: number): Promise<number> {
  const ask = {
    node,
    session: 'api',
    question: 'Drop the old column `orders.total_cents`?',
    context:
      'Nothing has read it since 2.4, and 14 GB become free.\nThe migration locks the table for about 40 s; ' +
      'the way back is a restore from last night.',
    choices: ['Drop it now', 'Keep it until 3.0', 'Drop it tonight at 3:00'],
    dueAt: now + 180 * minuteMs,
  }
  const { task } = await askHuman(database, ask, now - 19 * minuteMs)
  const other = { node, session: 'docs', question: 'Who may read the release notes before Monday?' }
  await askHuman(database, other, now - 2 * minuteMs)
  return task.id
}

async function lockPaths(database: Database, node: string, now: number): Promise<void> {
  const project = '/home/ada/shop/.git'
  const base = { node, project, warning: null, refused: [] as string[], generation: null }
  const locks: LockValues[] = [
    {
      ...base,
      root: '/home/ada/shop/api',
      session: 'api',
      sessionKey: `${node}/default/%0`,
      branch: 'feature/session-store-1121',
      paths: ['app/sessions/', 'migrations/041-sessions.ts', 'package.json'],
    },
    {
      ...base,
      root: '/home/ada/shop/web',
      session: 'web',
      sessionKey: `${node}/default/%1`,
      branch: 'fix/cart-rounding-1120',
      paths: ['web/cart/**'],
      refused: ['package.json'],
    },
    {
      ...base,
      root: '/home/ada/shop/mobile',
      session: 'mobile',
      sessionKey: `${node}/default/%4`,
      branch: 'refactor/onboarding-1119',
      paths: [],
      warning: 'The branch has 31 commits that main does not have.',
    },
  ]
  const kept = await database.write(async (db) => {
    const rows = []
    for (const [index, lock] of locks.entries())
      rows.push(await saveLock(db, lock, now - (index + 1) * 26 * minuteMs))
    return rows
  })
  await database.write((db) => markReady(db, kept[2]!, 'tests are green', now - 5 * minuteMs))
}

async function tellPeople(database: Database, now: number): Promise<void> {
  const kinds = ['needs_person', 'failed'] as const
  const shared = { secret: null, kinds, enabled: true, allowPrivate: false }
  await database.by(ada).write(async (db) => {
    const phone = {
      ...shared,
      kind: 'ntfy',
      name: "ada's phone",
      url: 'https://ntfy.example/shop-fleet',
    } as const
    const { id } = await addChannel(db, phone, now - 300 * minuteMs)
    await addChannel(db, { ...shared, kind: 'browser', name: 'open tabs', url: null }, now - 290 * minuteMs)
    for (const [index, title] of [
      'web asks for permission',
      'Run the load test against staging failed',
    ].entries()) {
      const message = {
        channel_id: id,
        message_id: `m${index}`,
        kind: kinds[index]!,
        title,
        count: 1,
        payload: '{}',
      }
      await addDelivery(db, message, now - (30 - index * 20) * minuteMs)
    }
  })
}

/** A whole that waits for its parts: one accepted, one sent back, one that runs, one that waits. */
async function delegate(database: Database, node: string, now: number) {
  const at = now - 70 * minuteMs
  const lead = 'mobile'
  await database.write(async (db) => {
    await setSessionSettings(db, { node, name: lead }, { tier: 'manager' }, at)
    for (const name of ['docs', 'infra']) await setSessionSettings(db, { node, name }, { manager: lead }, at)
  })
  const whole = await run(
    database,
    node,
    { content: 'Make the checkout work without a network, and prove it', kind: 'code' },
    lead,
    at,
  )
  const part = (content: string, kind: string, parent = whole.prompt.id) => {
    return { content, kind, parent, from: { node, name: lead } }
  }
  const done = await finish(database, node, {
    content: part('Find out which requests the checkout makes', 'research'),
    session: 'docs',
    endedAt: now - 52 * minuteMs,
    added: 0,
    removed: 0,
  })
  await accept(database, done, null, 'Exactly what was needed.', now - 50 * minuteMs)
  const reviewable = await finish(database, node, {
    content: part('Queue orders in the browser until the network is back', 'code'),
    session: 'docs',
    endedAt: now - 31 * minuteMs,
    added: 318,
    removed: 22,
  })
  await sendBack(
    database,
    reviewable,
    null,
    'Orders are sent twice when two tabs are open.',
    now - 29 * minuteMs,
  )
  const tried = await run(
    database,
    node,
    part('Try the checkout on a slow telephone', 'test'),
    'infra',
    now - 9 * minuteMs,
  )
  await database.write(async (db) => {
    const said = { text: 'Two of five telephones are done; the third one is charging.', name: 'infra' }
    const noted = {
      at: now - 4 * minuteMs,
      noun: 'prompt',
      nounId: String(tried.prompt.id),
      type: 'report',
    } as const
    appendEvent(db, { ...noted, data: said })
    await endAttempt(
      db,
      whole.attempt,
      'completed',
      { answer: 'Three parts are under way.' },
      now - 8 * minuteMs,
    )
    await db.updateTable('sessions').set({ prompt_id: null }).where('name', '=', lead).execute()
    return advancePrompt(
      db,
      whole.prompt.id,
      'hand_over',
      { hold: 'children', waitingFor: 'waits for 2 of its 3 parts' },
      now - 8 * minuteMs,
    )
  })
  return { whole: whole.prompt.id, part: done }
}
