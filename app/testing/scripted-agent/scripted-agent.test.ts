import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { TmuxHost } from '../../hosts/tmux/tmux-host.ts'
import { loadLibrary, parseRules } from '../../agents/library.ts'
import { readScreen } from '../../agents/screen.ts'
import { readFileSync } from 'node:fs'
import type { Look, PaneRef } from '../../core/host.ts'
import { startTmux } from '../tmux.ts'
import { waitFor } from '../wait-for.ts'
import { type Behaviour, scriptedRules, startScriptedAgent } from './scripted-agent.ts'

const library = new Map([
  ...loadLibrary(),
  ['scripted', parseRules(readFileSync(scriptedRules, 'utf8'), scriptedRules)],
])

function stateOf(look: Look) {
  const { state, acceptsPrompt, draft } = readScreen(library, look)
  return { state, acceptsPrompt, draft }
}

test('a pasted prompt is submitted by Enter, answered, and witnessed byte for byte', async () => {
  await using server = await startTmux()
  await using host = new TmuxHost({ sockets: [server.socket] })
  const agent = await startScriptedAgent(server, { name: 'one', behaviour: { transcript: true } })
  const before = await host.look(agent.pane)

  expect(stateOf(before)).toEqual({ state: 'idle', acceptsPrompt: true, draft: false })
  expect(await host.paste(before, 'say "hi"\n\tto é 😀', 'typed.a.0')).toBe('done')
  await agent.witness(({ type }) => type === 'pasted')
  const typed = await waitFor(async () => {
    const look = await host.look(agent.pane)
    return stateOf(look).draft && look
  }, 'the draft')
  expect(await host.submit(typed, 'entered.a.1')).toBe('done')
  const { answer } = await agent.witness(({ type }) => type === 'turn_end')

  expect(await agent.prompts()).toEqual(['say "hi"\n\tto é 😀'])
  expect(answer).toMatch(/17 characters, sha256 [0-9a-f]{64}/)
  expect((await agent.received()).toString()).toBe('\u001b[200~say "hi"\n\tto é 😀\u001b[201~\r')
})

test.each<[string, Behaviour, string]>([
  ['a first Enter that is lost', { strandEnters: 1 }, 'stranded'],
  [
    'a dialog that opens in the same breath as the paste',
    { events: [{ on: 'paste', do: 'dialog', kind: 'permission' }] },
    'APPROVED',
  ],
  [
    'a dialog that opens later',
    { events: [{ on: 'paste', afterMs: 80, do: 'dialog', kind: 'menu' }] },
    'chose',
  ],
  ['a trailing backslash', {}, 'newline'],
])('%s: a blind Enter submits nothing', async (_what, behaviour, witnessed) => {
  await using play = await start(behaviour)

  await play.paste('text \\')
  await play.agent.witness(({ type }) => type === 'pasted')
  await sleep(200)
  await play.press('Enter')

  await play.agent.witness(({ type }) => type === witnessed)
  expect(await play.agent.prompts()).toEqual([])
})

test.each<[string, Behaviour, ReturnType<typeof stateOf>]>([
  [
    'a draft',
    { events: [{ on: 'now', do: 'type', text: 'half' }] },
    { state: 'idle', acceptsPrompt: false, draft: true },
  ],
  [
    'a permission',
    { events: [{ on: 'now', do: 'dialog', kind: 'permission' }] },
    { state: 'permission', acceptsPrompt: false, draft: false },
  ],
  [
    'a question',
    { events: [{ on: 'now', do: 'dialog', kind: 'question' }] },
    { state: 'question', acceptsPrompt: false, draft: false },
  ],
  [
    'a menu',
    { events: [{ on: 'now', do: 'dialog', kind: 'menu' }] },
    { state: 'menu', acceptsPrompt: false, draft: false },
  ],
  [
    'a turn of its own',
    { thinkMs: 5000, events: [{ on: 'now', do: 'turn' }] },
    { state: 'busy', acceptsPrompt: false, draft: false },
  ],
])('%s that it is told to show is read as that', async (_what, behaviour, expected) => {
  await using play = await start({})

  await play.agent.tell(behaviour)

  const seen = await waitFor(async () => {
    const state = stateOf(await play.look())
    return state.state === expected.state && state.draft === expected.draft && state
  }, expected.state)
  expect(seen).toEqual(expected)
})

test('a usage limit ends its turn, is read with its end, and its turn goes on by itself', async () => {
  await using play = await start({ limit: { resetsInMs: 1500, resumes: true } })

  await play.paste('work')
  await sleep(60)
  await play.press('Enter')
  await play.agent.witness(({ type, how }) => type === 'turn_end' && how === 'limited')
  const limited = await waitFor(async () => {
    const reading = readScreen(library, await play.look())
    return reading.state === 'limited' && reading
  }, 'the limit')
  const { turn } = await play.agent.witness(({ type, how }) => type === 'turn_end' && how === 'completed')

  expect(limited.limitedUntil).toBeGreaterThan(Date.now() - 2000)
  expect(turn).toBe(2)
  expect(await play.agent.prompts()).toEqual(['work'])
})

test('Escape interrupts a turn, and /clear is a command of its own', async () => {
  await using play = await start({ thinkMs: 5000 })

  await play.paste('work')
  await play.press('Enter')
  await play.agent.witness(({ type }) => type === 'turn_start')
  await play.press('Escape')
  await play.agent.witness(({ type, how }) => type === 'turn_end' && how === 'interrupted')
  await play.paste('/clear')
  await play.press('Enter')
  const { text } = await play.agent.witness(({ type }) => type === 'command')

  expect(text).toBe('/clear')
  expect(await play.agent.prompts()).toEqual(['work'])
})

test.each(['exit', 'kill'] as const)('it can crash by %s at a moment that the test chooses', async (how) => {
  await using play = await start({ events: [{ on: 'submit', do: how }] })

  await play.paste('work')
  await play.press('Enter')

  await waitFor(async () => (await play.look()).dead, 'its death')
  expect(await play.agent.prompts()).toEqual(['work'])
})

test('a long paste shows as a stand-in and arrives whole', async () => {
  await using play = await start({})
  const text = 'line é\n'.repeat(20_000).trimEnd()

  await play.paste(text)
  await play.agent.witness(({ type }) => type === 'pasted')
  const look = await waitFor(async () => {
    const seen = await play.look()
    return seen.rows.some((row) => row.includes('[Pasted text #1 +19999 lines]')) && seen
  }, 'the stand-in')
  await play.press('Enter')
  await play.agent.witness(({ type }) => type === 'prompt')

  expect(stateOf(look)).toMatchObject({ draft: true, acceptsPrompt: false })
  expect(await play.agent.prompts()).toEqual([text])
})

/** An agent that is ready, with the least that is needed to type at it. */
async function start(behaviour: Behaviour) {
  const server = await startTmux('set -g remain-on-exit on')
  const host = new TmuxHost({ sockets: [server.socket] })
  const agent = await startScriptedAgent(server, { name: 'one', behaviour })
  const look = (pane: PaneRef = agent.pane) => host.look(pane)
  await waitFor(async () => stateOf(await look()).acceptsPrompt, 'the composer')
  return {
    agent,
    look,
    paste: async (text: string) => host.paste(await look(), text, 'm'),
    press: async (key: string) => server.run('send-keys', '-t', agent.pane.paneId, key),
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}
