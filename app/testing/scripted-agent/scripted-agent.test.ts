import { expect, test } from 'vitest'
import { TmuxHost } from '../../hosts/tmux/tmux-host.ts'
import { loadLibrary, parseRules } from '../../agents/library.ts'
import { readScreen } from '../../agents/screen.ts'
import { readFileSync } from 'node:fs'
import type { Look } from '../../core/host.ts'
import { startTmux } from '../tmux.ts'
import { waitFor } from '../wait-for.ts'
import { scriptedRules, startScriptedAgent } from './scripted-agent.ts'

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
