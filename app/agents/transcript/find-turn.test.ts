import { appendFile, mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ProcessTable } from '../process-table.ts'
import type { AgentProcess } from '../process.ts'
import { projectFolder } from './claude.ts'
import { createTranscripts } from './find-turn.ts'
import { createTail } from './tail.ts'

const start = Date.parse('2026-11-21T09:00:00Z')
const cwd = '/home/me/project.x'
let home: string
let folder: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'transcript-'))
  folder = join(home, '.claude/projects', projectFolder(cwd))
  await mkdir(folder, { recursive: true })
})
afterEach(() => rm(home, { recursive: true, force: true }))

describe('findTurn', () => {
  test('finds nothing before the prompt is recorded, then the running turn, then its end', async () => {
    const transcripts = createTranscripts()
    const ask = () => transcripts.findTurn(question('go'))

    const before = ask()
    await write('a', user('go', 1000))
    const running = ask()
    await write('a', assistant('done', 2000))
    const ended = ask()

    expect(before).toBeNull()
    expect(running).toMatchObject({ promptSeenAt: start + 1000, endedAt: null, how: null })
    expect(ended).toMatchObject({ endedAt: start + 2000, how: 'completed', answer: 'done' })
  })

  test('tells a prompt from an equal one before it', async () => {
    const transcripts = createTranscripts()
    await write('a', user('go', 1000), assistant('first', 2000))

    const early = transcripts.findTurn(question('go', { since: start + 3000 }))
    await write('a', user('go', 4000), assistant('second', 5000))
    const late = transcripts.findTurn(question('go', { since: start + 3000 }))

    expect(early).toBeNull()
    expect(late?.answer).toBe('second')
  })

  test('reads a line that is written in two halves once it is whole', async () => {
    const transcripts = createTranscripts()
    const line = `${user('go', 1000)}\n`
    await appendFile(file('a'), line.slice(0, 40))
    const half = transcripts.findTurn(question('go'))
    await appendFile(file('a'), line.slice(40))

    expect(half).toBeNull()
    expect(transcripts.findTurn(question('go'))).not.toBeNull()
  })

  test('follows the agent into a new file', async () => {
    const transcripts = createTranscripts()
    await write('a', user('first', 1000), assistant('one', 2000))
    transcripts.findTurn(question('first', { sessionId: 'a' }))
    await write('b', user('second', 3000))

    expect(transcripts.findTurn(question('second', { sessionId: 'b' }))).not.toBeNull()
    expect(transcripts.findTurn(question('first', { sessionId: 'b' }))).not.toBeNull()
  })

  test('does not take the record of another agent in the same folder for a proof', async () => {
    const transcripts = createTranscripts()
    await write('a', user('go on', 1000))

    expect(transcripts.findTurn(question('go on', { sessionId: 'b' }))).toBeNull()
  })

  test('without a status file, a record belongs to the living agent that was found in it', async () => {
    const self = new ProcessTable().entry(process.pid)
    const other = { pid: process.pid, startedAt: self?.startedAt ?? 0 }
    const transcripts = createTranscripts()
    await write('a', user('go on', 1000))
    const theirs = transcripts.findTurn(question('go on', { agent: agent(other), sessionId: null }))
    const ours = transcripts.findTurn(question('go on', { sessionId: null }))

    expect(theirs).not.toBeNull()
    expect(ours).toBeNull()
  })

  test('a file that was replaced is read anew', async () => {
    const transcripts = createTranscripts()
    await write('a', user('go', 1000), assistant('old answer, longer than the new one', 2000))
    transcripts.findTurn(question('go'))
    await writeFile(join(home, 'next'), `${user('go', 1000)}\n${assistant('new', 2000)}\n`)
    await rename(join(home, 'next'), file('a'))

    expect(transcripts.findTurn(question('go'))?.answer).toBe('new')
  })

  test('a missing folder is no fault', () => {
    const elsewhere = { ...agent(), cwd: '/nowhere' }

    expect(createTranscripts().findTurn(question('go', { agent: elsewhere }))).toBeNull()
  })

  test('a rollout of the folder is found when the process that wrote it is gone', async () => {
    const day = new Date(start).toISOString().slice(0, 10).replaceAll('-', '/')
    const sessions = join(home, '.codex/sessions', day)
    await mkdir(sessions, { recursive: true })
    const event = (payload: object, afterMs: number) =>
      JSON.stringify({ timestamp: at(afterMs), type: 'event_msg', payload })
    const meta = JSON.stringify({ timestamp: at(0), type: 'session_meta', payload: { id: 's1', cwd } })
    const said = event({ type: 'user_message', message: 'go' }, 1000)
    await writeFile(join(sessions, 'rollout-1.jsonl'), `${meta}\n${said}\n`)

    const codex = { ...agent(), kind: 'codex' }
    const turn = createTranscripts(new ProcessTable(), () => start).findTurn(question('go', { agent: codex }))

    expect(turn).toMatchObject({ sessionId: 's1', promptSeenAt: start + 1000 })
  })
})

describe('the tail of a file', () => {
  test('gives every line once, however the bytes come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', ' '))),
        fc.array(fc.integer({ min: 1, max: 9 })),
        async (lines, steps) => {
          const path = join(home, 'tail')
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
          await writeFile(path, '')
          const tail = createTail(path, 0)
          const seen = [...tail.read().lines]
          for (let done = 0, step = 0; done < bytes.length; step += 1) {
            const next = Math.min(bytes.length, done + (steps[step % steps.length] ?? bytes.length))
            await appendFile(path, bytes.subarray(done, next))
            done = next
            seen.push(...tail.read().lines)
          }

          expect(seen).toEqual(lines)
        },
      ),
      { numRuns: 40 },
    )
  })

  test('of a large file begins near the time that is asked for', async () => {
    const path = join(home, 'large')
    const line = (hour: number) => `{"timestamp":"${at(hour * 3_600_000)}","pad":"${'x'.repeat(1000)}"}\n`
    const hours = Array.from({ length: 100 }, (_, hour) => line(hour).repeat(100))
    await writeFile(path, hours.join(''))

    const { lines } = createTail(path, start + 98 * 3_600_000).read()

    expect(lines.length).toBeGreaterThanOrEqual(200)
    expect(lines.length).toBeLessThan(2500)
    expect(lines.at(-1)).toBe(line(99).trimEnd())
  })
})

function agent(identity = { pid: 4_190_000, startedAt: 1 }): AgentProcess {
  const none = { claudeConfigDir: null, codexHome: null, xdgDataHome: null }
  return { kind: 'claude', ...identity, argv: ['claude'], cwd, home, ...none }
}

function question(text: string, changes: object = {}) {
  return { agent: agent(), sessionId: 'a', text, since: start, ...changes }
}

function file(session: string): string {
  return join(folder, `${session}.jsonl`)
}

async function write(session: string, ...lines: string[]) {
  await appendFile(file(session), lines.map((line) => `${line}\n`).join(''))
  await utimes(file(session), new Date(), new Date(Date.now() + 86_400_000))
}

function at(afterMs: number): string {
  return new Date(start + afterMs).toISOString()
}

function user(content: string, afterMs: number): string {
  return JSON.stringify({ type: 'user', timestamp: at(afterMs), message: { role: 'user', content } })
}

function assistant(text: string, afterMs: number): string {
  const message = { id: `m${afterMs}`, content: [{ type: 'text', text }], stop_reason: 'end_turn' }
  return JSON.stringify({ type: 'assistant', timestamp: at(afterMs), message })
}
