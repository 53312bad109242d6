import { describe, expect, test } from 'vitest'
import type { DecisionFate, HookInbox, HookMessage, PermissionDecider } from '../../core/hook.ts'
import type { LiveSession } from '../../core/fleet.ts'
import type { Fleet } from '../../core/fleet.ts'
import { HookDesk } from './desk.ts'
import { isSender } from './sender.ts'

const claude = { pid: 20, startedAt: 200, name: 'claude' }
const shell = { pid: 10, startedAt: 100, name: 'bash' }
const nested = { pid: 40, startedAt: 400, name: 'claude' }

function session(change: { agent?: string; generation?: string; server?: string } = {}): LiveSession {
  const { agent = 'claude', generation = '10.20.200', server = 'default' } = change
  const pane = { server, paneId: '%7', sessionName: 'dev' }
  const reading = { agent, generation, cwd: '/p', trusted: true }
  return { key: 'node/default/%7', pane, reading } as LiveSession
}

function message(change: Partial<HookMessage> = {}): HookMessage {
  return {
    id: '5-5',
    agent: 'claude',
    at: 1_000,
    event: 'Stop',
    socketPath: '/tmp/tmux-0/default',
    paneId: '%7',
    parents: [claude, shell],
    architectSession: null,
    conversation: 'c',
    turnId: 't',
    cwd: '/p',
    transcriptPath: null,
    type: 'turn_ended',
    answer: 'done',
    ...change,
  } as HookMessage
}

describe('the sender of a message', () => {
  test('is the very process in its pane', () => {
    expect(isSender(message(), session())).toBe(true)
    expect(isSender(message({ parents: [{ ...shell, name: 'sh' }, claude] }), session())).toBe(true)
  })

  test.each([
    ['an earlier process of the same pid', { parents: [{ ...claude, startedAt: 199 }] }],
    ['another pane', { paneId: '%8' }],
    ['another tmux server', { socketPath: '/tmp/tmux-0/other' }],
    ['another kind of agent', { agent: 'codex' }],
    ['nobody that can be told', { parents: [] }],
    ['a Claude that the session started by a tool', { parents: [nested, shell, claude] }],
    ['a Claude that the session started itself', { parents: [nested, claude] }],
  ])('is not %s', (_what, change) => {
    expect(isSender(message(change), session())).toBe(false)
  })

  test('may run as the child of what was started, as Codex and Gemini do', () => {
    const node = { pid: 20, startedAt: 200, name: 'node' }
    const codex = { pid: 21, startedAt: 210, name: 'codex' }

    expect(isSender(message({ agent: 'codex', parents: [codex, node] }), session({ agent: 'codex' }))).toBe(
      true,
    )
  })

  test('is known by its process where its environment was taken away', () => {
    expect(isSender(message({ socketPath: null, paneId: null }), session())).toBe(true)
  })

  test('is told apart on two servers of the same name by its process', () => {
    expect(isSender(message(), session({ server: 'default~2' }))).toBe(true)
    expect(isSender(message(), session({ server: 'default~2', generation: '11.21.210' }))).toBe(false)
  })
})

describe('the desk', () => {
  const request = message({
    type: 'permission_asked',
    tool: 'Bash',
    input: { command: 'ls' },
    suggestions: [],
    decidable: true,
  })

  test('keeps what was told and looks at the session at once', async () => {
    const world = deskWith([session()])

    await world.desk.hear(message())

    expect(world.kept).toEqual(['20 5-5'])
    expect(world.refreshed).toEqual(['%7'])
  })

  test('drops what comes from nobody here, and says so', async () => {
    const world = deskWith([session({ generation: '10.20.999' })])

    await world.desk.hear(message())

    expect(world.kept).toEqual([])
    expect(world.logged).toEqual(['a hook told of an agent that is in no pane here, or no longer'])
  })

  test('hands over the decision of the rules', async () => {
    const world = deskWith([session()], async () => ({ behavior: 'allow' }))

    await world.desk.hear(request)

    expect(world.decided).toEqual([{ behavior: 'allow' }])
    expect(world.said).toEqual(['dev asks to use Bash: allow'])
  })

  test('tells the agent at once when nobody decides', async () => {
    const world = deskWith([session()])

    await world.desk.hear(request)

    expect(world.decided).toEqual([null])
    expect(world.said).toEqual([])
  })

  test('says when a decision was too late', async () => {
    const world = deskWith([session()], async () => ({ behavior: 'deny', message: 'no' }), 'too_late')

    await world.desk.hear(request)

    expect(world.said).toEqual(['dev asks to use Bash: deny (too late: the dialog is open)'])
  })

  test('asks nobody about a request that only its dialog can answer', async () => {
    let asked = 0
    const world = deskWith([session()], async () => ((asked += 1), { behavior: 'allow' }))

    await world.desk.hear({ ...request, decidable: false } as HookMessage)

    expect(asked).toBe(0)
    expect(world.kept).toHaveLength(1)
  })

  test('has the message again when the rules fail', async () => {
    const world = deskWith([session()], () => Promise.reject(new Error('no database')))

    await expect(world.desk.hear(request)).rejects.toThrow('no database')
    expect(world.kept).toEqual([])
  })
})

function deskWith(sessions: LiveSession[], decide?: PermissionDecider, fate: DecisionFate = 'given') {
  const [kept, refreshed, logged, said, decided]: [string[], string[], string[], string[], unknown[]] = [
    [],
    [],
    [],
    [],
    [],
  ]
  const hooks = {
    keep: async (agent: { pid: number }, { id }: HookMessage) => void kept.push(`${agent.pid} ${id}`),
    decide: async (_request: unknown, decision: unknown) => (decided.push(decision), fate),
  } as unknown as HookInbox
  const fleet = {
    find: (isIt: (session: LiveSession) => boolean) => sessions.find(isIt),
    refresh: async ({ paneId }: { paneId: string }) => (refreshed.push(paneId), undefined),
  } as unknown as Fleet
  const log = { info: (_data: object, text: string) => logged.push(text) }
  const clock = { now: () => 60_000, sleep: async () => undefined }
  const host = { list: async () => [] }
  const progress = (line: string) => said.push(line)
  const tools = { host, clock, log, progress, hooks, decidePermission: decide }
  const desk = new HookDesk(tools as unknown as ConstructorParameters<typeof HookDesk>[0], fleet)
  return { desk, kept, refreshed, logged, said, decided }
}
