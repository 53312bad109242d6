import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { byKey } from '../../core/by-key.ts'
import { fromJson } from '../../db/columns.ts'
import { openDatabase } from '../../db/open.ts'
import { clientOf, type Client } from '../dashboard.ts'
import { waitFor } from '../wait-for.ts'
import { openCliWorld, type CliWorld } from './cli.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const password = 'correct horse battery'
const user = { ARCHITECT_USER: 'anna', ARCHITECT_PASSWORD: password }

let world: CliWorld
let running: Running
beforeAll(async () => {
  world = await openCliWorld(user)
  running = await startAgain()
})
afterAll(() => world[Symbol.asyncDispose]())

interface Running {
  pid: number
  person: Client
}

async function startAgain(): Promise<Running> {
  const started = await world.run(['--daemon'])
  if (started.code !== 0) throw new Error(started.stderr)
  const { dashboard } = await world.json<{ dashboard: { pid: number; address: string } }>(['status'])
  const url = dashboard.address.replace(/\/$/, '')
  const login = { username: 'anna', password }
  const { body } = await clientOf(url, {}).send<{ access_token: string }>('POST', '/api/token', login)
  return { pid: dashboard.pid, person: clientOf(url, { Authorization: `Bearer ${body.access_token}` }) }
}

/** What is to be given to sessions: features by the path of their nouns, and errors. */
async function makeSubjects({ person }: Running, round: number): Promise<{ type: string; id: number }[]> {
  const make = async (type: string, path: string, body: object) => {
    const answer = await person.send<{ id: number }>('POST', path, body)
    return { type, id: answer.body.id }
  }
  return Promise.all(
    Array.from({ length: 30 }, (_, n) => {
      // Digits alone would make one kind of all.
      const name = `${'abcdefghij'[n % 10]}${'klm'[Math.floor(n / 10)]} ${'nopqrs'[round]}`
      return n % 3 === 0
        ? make('error', '/api/errors', { message: name, source: name, error_type: 'E' })
        : make('feature', '/api/features', { project_id: 1, title: name })
    }),
  )
}

test('a dashboard killed while it gives work out loses none of it, and gives none of it twice', async () => {
  await running.person.send('POST', '/api/projects', { name: 'Shop', key: 'SHOP' })
  const given: { type: string; id: number }[] = []
  let unanswered = 0

  for (const answersBeforeDeath of [0, 6]) {
    const subjects = await makeSubjects(running, given.length / 30)
    given.push(...subjects)
    let answers = 0
    const { pid, person } = running
    const assign = async (to: Client, subject: { type: string; id: number }) => {
      const body = { ...subject, idempotency_key: `${subject.type} ${subject.id}` }
      return (await to.send('POST', '/api/assign-to-tmux', body)).status
    }
    if (answersBeforeDeath === 0) setTimeout(() => process.kill(pid, 'SIGKILL'), 15)
    const first = await Promise.allSettled(
      subjects.map(async (subject) => {
        const status = await assign(person, subject)
        answers += 1
        if (answers === answersBeforeDeath) process.kill(pid, 'SIGKILL')
        return status
      }),
    )
    running = await startAgain()
    const lost = subjects.filter((_, n) => first[n]!.status === 'rejected')
    unanswered += lost.length
    const again = await Promise.all(lost.map((subject) => assign(running.person, subject)))
    expect(again).toEqual(lost.map(() => 200))
  }

  expect(unanswered).toBeGreaterThan(10)
  const prompts = await promptsByPurpose()
  const named = given.map(({ type, id }) => `${type} ${id}`)
  expect([...prompts.keys()].toSorted()).toEqual(named.toSorted())
  expect([...prompts.values()].filter((ids) => ids.length !== 1)).toEqual([])
  for (const { type, id } of given) {
    const [promptId] = prompts.get(`${type} ${id}`)!
    expect(await linkedPrompts(running.person, type, id)).toEqual([promptId])
  }
})

test('what nobody asks for again is linked by whoever follows the log', async () => {
  const subjects = await makeSubjects(running, 5)

  const all = subjects.map((subject) => running.person.send('POST', '/api/assign-to-tmux', subject))
  await Promise.any(all)
  process.kill(running.pid, 'SIGKILL')
  await Promise.allSettled(all)
  running = await startAgain()

  const prompts = await promptsByPurpose()
  const linked = async () => {
    const links = await Promise.all(subjects.map(({ type, id }) => linkedPrompts(running.person, type, id)))
    return links.flat().toSorted((a, b) => a - b)
  }
  const sent = subjects.flatMap(({ type, id }) => prompts.get(`${type} ${id}`) ?? [])
  await waitFor(async () => (await linked()).length >= sent.length, 'each prompt at what it is for')
  expect(await linked()).toEqual(sent.toSorted((a, b) => a - b))
})

/** Prompts by what they say that they are for. */
async function promptsByPurpose(): Promise<Map<string, number[]>> {
  await using database = await openDatabase({ dataDir: world.dataDir })
  const rows = await database.kysely.selectFrom('prompts').select(['id', 'metadata']).orderBy('id').execute()
  const prompts = rows.map(({ id, metadata }) => {
    const { work_item_id: item, error_id: error } = fromJson(metadata) as Record<string, number | undefined>
    return { id, purpose: error === undefined ? `feature ${item}` : `error ${error}` }
  })
  const byPurpose = byKey(prompts, ({ purpose }) => purpose)
  return new Map([...byPurpose].map(([purpose, all]) => [purpose, all.map(({ id }) => id)]))
}

async function linkedPrompts(person: Client, type: string, id: number): Promise<number[]> {
  if (type === 'error') {
    const { body } = await person.get<{ group: { prompt_id: number | null } }>(`/api/errors/${id}`)
    return body.group.prompt_id === null ? [] : [body.group.prompt_id]
  }
  const { body } = await person.get<{ items: { kind: string; ref: string }[] }>(`/api/work/${id}/links`)
  return body.items.filter(({ kind }) => kind === 'prompt').map(({ ref }) => Number(ref))
}
