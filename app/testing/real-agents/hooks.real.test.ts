import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readHookInput } from '../../broker/interactions/hook-input.ts'
import type { HookMessageOf, PermissionDecision } from '../../core/hook.ts'
import type { Prompt } from '../../core/prompt.ts'
import { hookStatus } from '../../hooks/settings/install.ts'
import { waitFor } from '../wait-for.ts'
import { startHookedBroker, type HookedBroker } from './hooked-broker.ts'

describe.each(['claude', 'codex', 'gemini'] as const)('a real %s with hooks', (kind) => {
  let broker: HookedBroker

  beforeAll(async () => {
    broker = await startHookedBroker(kind, async () => null)
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('tells that it got a prompt, and its answer', async () => {
    const { prompt, attempt } = await broker.settled(await broker.send('hello hooks'))

    expect(prompt).toMatchObject({ state: 'completed', reason: null })
    expect(attempt.outcome).toBe('completed')
    // Whose word comes first on a busy machine, the hook's or the record's, is chance.
    expect(['hook', 'transcript']).toContain(attempt.answerSource)
    const told = await waitFor(async () => {
      const records = await broker.told()
      return records.includes('turn_ended') && records
    }, 'what its hooks told')
    expect(told).toContain('prompt_received')
    expect(attempt.answer).toMatch(/^ECHO sha=/)
    const choice = { env: { HOME: broker.agent.home }, project: null }
    expect((await hookStatus(kind, broker.program, choice)).state).toBe('installed')
  })

  test('draws its dialog as usual when nobody decides', async () => {
    const made = join(broker.agent.dir, 'by-hand.txt')
    const id = await broker.send(`make it [[bash touch ${made}]]`)
    await broker.agent.pane.waitFor(/Do you want to proceed|Would you like to run|Allow execution/, 30_000)
    const before = existsSync(made)

    await sleep(500)
    await broker.agent.pane.press('Enter')

    expect((await broker.settled(id)).prompt.state).toBe('completed')
    expect(before).toBe(false)
    expect(existsSync(made)).toBe(true)
  })
})

describe.each(['claude', 'codex'] as const)('a real %s that asks by hook', (kind) => {
  let broker: HookedBroker
  const asked: HookMessageOf<'permission_asked'>[] = []
  let decision: PermissionDecision = { behavior: 'allow' }

  beforeAll(async () => {
    broker = await startHookedBroker(kind, async (request) => {
      asked.push(request)
      return decision
    })
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('runs a command that was allowed without any key', async () => {
    const made = join(broker.agent.dir, 'allowed.txt')
    decision = { behavior: 'allow' }

    const prompt = await settledByHook(broker, `make it [[bash touch ${made}]]`)

    expect(prompt.state).toBe('completed')
    expect(existsSync(made)).toBe(true)
    expect(asked.at(-1)).toMatchObject({ tool: 'Bash', input: { command: `touch ${made}` } })
  })

  test('does not run a command that was denied, and its turn goes on', async () => {
    const made = join(broker.agent.dir, 'denied.txt')
    decision = { behavior: 'deny', message: 'not in this house' }

    const prompt = await settledByHook(broker, `make it [[bash touch ${made}]]`)

    expect(existsSync(made)).toBe(false)
    expect(prompt.state).toBe('completed')
  })
})

describe('a real codex that patches files', () => {
  let broker: HookedBroker
  const asked: HookMessageOf<'permission_asked'>[] = []

  beforeAll(async () => {
    broker = await startHookedBroker('codex', async (request) => {
      asked.push(request)
      return { behavior: 'allow' }
    })
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('asks with the text of its patch, in which every file is found', async () => {
    const made = join(broker.agent.dir, 'by patch.txt')
    const patch = `*** Begin Patch\n*** Add File: ${made}\n+hello\n*** End Patch`

    const id = await broker.send(`make it [[bash apply_patch <<'X'\n${patch}\nX]]`)
    const { prompt } = await broker.settled(id)

    expect(prompt.state).toBe('completed')
    expect(asked).toMatchObject([{ tool: 'apply_patch', input: { command: patch } }])
    expect(readHookInput('apply_patch', asked[0]!.input)).toMatchObject({
      input: { paths: [made] },
      inputWhole: true,
    })
    expect(existsSync(made)).toBe(true)
  })
})

/** An agent waits for a decision for half a second only: on a busy machine its dialog may be quicker now and then. */
const tries = 3

/** The prompt whose permission request was decided by hook; one whose dialog stayed open is left and sent again. */
async function settledByHook(broker: HookedBroker, content: string): Promise<Prompt> {
  for (let left = tries - 1; ; left -= 1) {
    const ending = broker.settled(await broker.send(content))
    const isOver = ending.then(() => true)
    const isLate = await Promise.race([isOver.then(() => false), dialogStays(broker, isOver)])
    if (!isLate || left === 0) return (await ending).prompt
    await broker.agent.pane.press('Escape')
    await ending
  }
}

/** One that flashes while the agent takes the decision does not count. */
async function dialogStays({ agent }: HookedBroker, isOver: Promise<boolean>): Promise<boolean> {
  for (let seen = 0; seen < 6;) {
    if (await Promise.race([isOver, sleep(500, false)])) return false
    seen = /Do you want to proceed|Would you like to run/.test(await agent.pane.text()) ? seen + 1 : 0
  }
  return true
}
