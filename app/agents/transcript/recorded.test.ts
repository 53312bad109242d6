import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { claudeTurnLog } from './claude-log.ts'
import { codexTurnLog } from './codex-log.ts'
import { geminiTurnLog } from './gemini-log.ts'
import type { RecordedTurn, TurnLog } from './recorded-turn.ts'

describe('Claude Code 2.1 records', () => {
  const turns = turnsIn('claude-2.1.329', claudeTurnLog())

  test('a completed turn with its answer and tokens', () => {
    expect(turns[0]).toMatchObject({
      text: 'hello',
      how: 'completed',
      answer: 'ECHO sha=2cf24dba len=5',
      tokensIn: 100,
      tokensOut: 20,
    })
  })

  test('two equal prompts as two turns, in their order', () => {
    const [first, second] = turns.filter(({ text }) => text === 'hello')

    expect(first?.endedAt).toBeLessThan(second?.promptSeenAt ?? 0)
  })

  test('a turn with a tool call as one turn, its tokens summed', () => {
    expect(turnOf(turns, 'tool [[bash ls]]')).toMatchObject({
      how: 'completed',
      tokensIn: 200,
      tokensOut: 40,
    })
  })

  test('an interrupt, with what was said until then', () => {
    const turn = turnOf(turns, 'slow [[stream 15]] [[long 40]]')

    expect(turn.how).toBe('interrupted')
    expect(turn.answer).toContain('Line 1 of 40')
  })

  test('an error of the API with its message', () => {
    expect(turnOf(turns, 'fail [[error 400]]')).toMatchObject({
      how: 'error',
      error: 'API Error: 400 stub error 400',
      answer: null,
    })
  })

  test('a usage limit with its end', () => {
    const [turn] = turnsIn('claude-2.1.329-limit', claudeTurnLog())

    expect(turn).toMatchObject({ how: 'limited', limitedUntil: 1_795_259_692_000 })
  })

  test('the commands of the agent as turns of their own, and what follows a compaction', () => {
    const texts = turnsIn('claude-2.1.329-cleared-compacted', claudeTurnLog()).map(({ text, how }) => [
      text,
      how,
    ])

    expect(texts).toEqual([
      ['/clear', 'completed'],
      ['hello', 'completed'],
      ['/compact', 'completed'],
      ['after compact', 'completed'],
    ])
  })
})

describe.each(['claude-2.1.329-queued', 'claude-2.0.77-queued'])('%s records', (name) => {
  const turns = turnsIn(name, claudeTurnLog())

  test('a queued prompt as a turn of its own', () => {
    expect(turnOf(turns, 'queued one')).toMatchObject({
      how: 'completed',
      answer: 'ECHO sha=1af648d6 len=10',
    })
  })

  test('a prompt that was merged into a running turn, ending with it', () => {
    const merged = turnOf(turns, 'merged one')

    expect(merged.how).toBe('completed')
    expect(merged.endedAt).toBe(turnOf(turns, 'work [[bash sleep 4]] [[after 1]]').endedAt)
  })
})

describe('Codex records', () => {
  const turns = turnsIn('codex-0.169.0', codexTurnLog())

  test.each([
    ['hello', 'completed', 'ECHO sha=2cf24dba len=5', 100],
    ['tool [[bash ls]]', 'completed', 'ECHO sha=803021cf len=16', 200],
    ['slow [[stream 15]] [[long 40]]', 'interrupted', null, 0],
    ['fail [[error 400]]', 'error', null, null],
  ])('%s as %s', (text, how, answer, tokensIn) => {
    expect(turnOf(turns, text)).toMatchObject({ how, answer, tokensIn })
  })

  test('a usage limit with its end', () => {
    const turn = turnOf(turns, 'over [[limit]]')

    expect(turn.how).toBe('limited')
    expect(turn.limitedUntil).toBeGreaterThan(turn.promptSeenAt)
  })

  test('prompts that steered a running turn, all with its end', () => {
    const steered = turnsIn('codex-0.144.6-steered', codexTurnLog())

    expect(turnOf(steered, 'merged one').endedAt).toBe(
      turnOf(steered, 'work [[bash sleep 4]] [[after 1]]').endedAt,
    )
  })

  test('a limit that an older version does not call one', () => {
    const steered = turnsIn('codex-0.144.6-steered', codexTurnLog())

    expect(turnOf(steered, 'over [[limit]]').how).toBe('limited')
  })
})

describe('Gemini CLI records', () => {
  const turns = turnsIn('gemini-0.61.0', geminiTurnLog())

  test.each([
    ['hello', null, 'ECHO sha=2cf24dba len=5', 100],
    ['tool [[bash ls]]', null, 'ECHO sha=803021cf len=16', 200],
    ['slow [[stream 15]] [[long 40]]', 'interrupted', null, null],
    ['fail [[error 400]]', 'error', null, null],
  ])('%s as %s', (text, how, answer, tokensIn) => {
    expect(turnOf(turns, text)).toMatchObject({ how, answer, tokensIn })
  })

  test('no turn as completed: a tool call may still follow the words', () => {
    expect(turns.filter(({ how }) => how === 'completed')).toEqual([])
  })

  test('nothing that the agent told itself as a prompt', () => {
    expect(turns.map(({ text }) => text).filter((text) => text.includes('<'))).toEqual([])
  })
})

test.each([
  ['claude-2.1.329', claudeTurnLog],
  ['gemini-0.61.0', geminiTurnLog],
  ['codex-0.169.0', codexTurnLog],
])('%s: a line that is cut, foreign or of another shape changes nothing', (name, createLog) => {
  const lines = linesOf(name)
  const log = createLog()

  for (const line of lines) {
    log.addLine('{"type":"user"')
    log.addLine('null')
    log.addLine('{"type":"user","timestamp":5}')
    log.addLine('{"type":"event_msg","payload":[]}')
    log.addLine(line)
  }

  expect(log.turns).toEqual(turnsIn(name, createLog()))
})

function linesOf(name: string): string[] {
  return readFileSync(new URL(`recorded/${name}.jsonl`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
}

function turnsIn(name: string, log: TurnLog): RecordedTurn[] {
  for (const line of linesOf(name)) log.addLine(line)
  return log.turns
}

function turnOf(turns: RecordedTurn[], text: string): RecordedTurn {
  const found = turns.find((turn) => turn.text === text)
  if (!found) throw new Error(`no turn says ${text}`)
  return found
}
