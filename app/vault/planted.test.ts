import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAttemptLog } from '../broker/attempt/log.ts'
import { keepRubbish } from '../broker/locks/view/rubbish.ts'
import type { Tools } from '../broker/tools.ts'
import { keepCapture } from '../captures.ts'
import { sayWhatFailed } from '../cli/failure.ts'
import { writeHistory } from '../cli/terminal/history.ts'
import type { Screen } from '../core/agent.ts'
import { systemClock } from '../core/clock.ts'
import type { HookMessage, ProcessIdentity } from '../core/hook.ts'
import type { Look } from '../core/host.ts'
import { maskText } from '../core/masking.ts'
import { errorLimits } from '../core/reported-error.ts'
import { appendEvent } from '../db/events.ts'
import { backUp } from '../db/sqlite/backup.ts'
import { openSpool } from '../hooks/spool.ts'
import { openLog } from '../log.ts'
import { planProject } from '../sources/plan/plan-project.ts'
import { readSecrets } from '../suites/hide-secrets.ts'
import { junitXml } from '../suites/junit.ts'
import { parseSuite } from '../suites/load-suite.ts'
import { runSuite } from '../suites/run-suite.ts'
import { startDashboard, type Client, type TestDashboard } from '../testing/dashboard.ts'
import { startScriptedAgent } from '../testing/scripted-agent/scripted-agent.ts'
import { makeSourceTree } from '../testing/source-tree.ts'
import { Hooks, startSteppedAssigner } from '../testing/stepped-assigner.ts'
import { waitFor } from '../testing/wait-for.ts'
import { localDesk } from '../../workers/task-worker/local-desk.ts'
import { allHandlers } from '../../workers/task-worker/handlers.ts'
import { TaskWorker } from '../../workers/task-worker/worker.ts'

const planted = 'ghp_p1anted-value-0123456789'
const encoded = Buffer.from(`ann:${planted}`).toString('base64')
const inAddress = `https://x/?t=${encodeURIComponent(planted)}`
const broken = ['it is ghp_p1anted-val', 'ue-0123456789, says it']

let dashboard: TestDashboard
let admin: Client
beforeAll(async () => {
  dashboard = await startDashboard()
  admin = await dashboard.signIn('admin')
  await admin.send('POST', '/api/secrets', { name: 'TOKEN', value: planted })
  await waitFor(async () => maskText(planted) !== planted, 'the mask')
})
afterAll(() => dashboard[Symbol.asyncDispose]())

/** What is stored or written holds no trace of the value, in no form; a backup is among it. */
function expectNoTrace() {
  const { dataDir } = dashboard.web.config
  const handle = new Sqlite(join(dataDir, 'architect.db'))
  mkdirSync(join(dataDir, 'backups'), { recursive: true })
  backUp(handle, dataDir, 'test', Date.now())
  handle.close()
  const files = filesUnder(dataDir)
  expect(files.some((file) => file.includes('backups/'))).toBe(true)
  expect(files.flatMap((file) => tracesIn(readFileSync(file, 'latin1')).map((how) => [file, how]))).toEqual(
    [],
  )
}

function tracesIn(text: string): string[] {
  const forms = [planted, 'p1anted', 'ue-0123456789', encoded, Buffer.from(planted).toString('base64')]
  return forms.filter((form) => text.includes(form))
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
}

test('what people and programs send is stored without the value, and answered without it', async () => {
  const post = async (path: string, body: object) => {
    const { status, body: answer } = await admin.send<{ id: number }>('POST', path, body)
    expect([path, status < 300]).toEqual([path, true])
    return answer
  }
  const cutInTwo = `${'x'.repeat(errorLimits.stackChars / 2 - 20)}${planted}${'y'.repeat(40_000)}`
  await admin.get('/api/secrets/1')
  await admin.send('PUT', '/api/secrets/1', { description: `the same as ${planted}` })
  await post('/api/errors', { message: `401 for ${planted}`, source: encoded, stack_trace: cutInTwo })
  await post('/api/errors', {
    message: `${'z'.repeat(errorLimits.messageChars - 20)}${planted}`,
    metadata: { [planted]: [inAddress] },
  })
  const { id: projectId } = await post('/api/projects', { name: `Shop ${planted}`, key: 'SHOP' })
  const bug = { project_id: projectId, title: planted, description: `${broken.join('\n')} ${encoded}` }
  const { id } = await post('/api/bugs', bug)
  await post(`/api/work/${id}/comments`, { body: inAddress })
  await admin.send('PUT', `/api/bugs/${id}`, { version: 1, assignee: `user:${planted}` })
  await post('/api/tasks/suggest', { sources: ['error', 'bug'] })
  await post('/api/activity', {
    action: planted,
    message: encoded,
    details: { deep: [{ [planted]: inAddress }] },
  })
  const channel = { kind: 'webhook', name: planted, url: 'http://127.0.0.1:1/', kinds: ['failed'] }
  await post('/api/notifications/channels', { ...channel, allow_private: true })

  const refused = await admin.send('POST', '/api/notifications/channels', {
    ...channel,
    name: 'calls with it',
    url: `http://127.0.0.1:1/${planted}`,
  })

  const paths = [
    '/api/errors',
    '/api/errors/groups',
    '/api/errors/1',
    '/api/errors/2',
    '/api/activity?limit=200',
    '/api/work/export?format=csv',
    '/api/work/export?format=json',
    `/api/work/${id}/history`,
    '/api/tasks/suggest',
    '/api/stats',
    '/metrics',
    '/api/search?q=shop',
    '/api/secrets',
    '/api/vault/audit',
    '/api/notifications/channels',
    '/api/events?limit=200',
    `/work/${id}`,
    '/errors',
    '/overview',
    '/activity',
  ]
  const told = await Promise.all(
    paths.map(async (path) => [path, tracesIn(await (await admin.fetch(path)).text())]),
  )

  expect(refused).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining('"TOKEN"') } },
  })
  expect(told).toEqual(paths.map((path) => [path, []]))
  expectNoTrace()
})

test('what an agent shows and answers is stored without the value', async () => {
  const { config, database } = dashboard.web
  const ada = await startScriptedAgent(dashboard.server, {
    name: 'ada',
    behaviour: {
      ask: 'permission',
      command: `deploy --token ${planted}`,
      answer: `done with ${planted}`,
      transcript: true,
    },
  })
  const assigner = await startSteppedAssigner(config, new Hooks())

  const { body } = await admin.send<{ prompt_id: number }>('POST', '/api/assigner/send', {
    content: 'deploy it',
    target_session: 'ada',
  })
  await ada.witness(({ type }) => type === 'dialog')
  await waitFor(
    async () => (await database.kysely.selectFrom('interactions').select('id').execute()).length > 0,
    'what it asks',
  )
  await dashboard.server.run('send-keys', '-t', ada.pane.paneId, 'Enter')
  const ended = await waitFor(async () => {
    const { body: prompt } = await admin.get<{ state: string; answer: string }>(
      `/api/assigner/prompts/${body.prompt_id}`,
    )
    return prompt.state === 'completed' && prompt
  }, 'the end of the prompt')
  await assigner.stop()

  expect(ended.answer).toContain('done with [secret TOKEN]')
  expect(filesUnder(config.dataDir).some((file) => file.includes('logs/prompts/'))).toBe(true)
  expectNoTrace()
})

test('a task is given the value, and its log, result and reason show none of it; its data is refused with one', async () => {
  const { database, vault, config } = dashboard.web
  const { handlers, problems } = await allHandlers({ dataDir: config.dataDir, tmuxSocket: null }, [])
  const worker = new TaskWorker({
    desk: localDesk({ database, vault, clock: systemClock }, 'tester'),
    clock: systemClock,
    log: { info() {}, warn() {} },
    progress() {},
    name: 'tester',
    node: 'here',
    version: '1',
    concurrency: 2,
    dataDir: config.dataDir,
    handlers,
    problems,
  })
  const stopping = new AbortController()
  const work = worker.run(stopping.signal)
  // In pieces, with a pause between: what comes together is no proof.
  const command =
    'printf "%s" "${T%%value*}"; sleep 0.6; printf "%s\\n" "${T#*anted-}"; echo "$T" | base64; echo "$T" >&2; exit 3'
  const tasks = '/api/tasks'

  const refused = await admin.send('POST', tasks, { type: 'shell', data: { command: `echo ${planted}` } })
  const made = await admin.send<{ id: number }>('POST', tasks, {
    type: 'shell',
    data: { command },
    secrets: ['T=TOKEN'],
    max_retries: 0,
    name: planted,
  })
  const ended = await waitFor(async () => {
    const { body } = await admin.get<{ state: string }>(`${tasks}/${made.body.id}`)
    return body.state === 'failed' && body
  }, 'the end of the task')
  const log = await admin.get(`${tasks}/${made.body.id}/logs`)
  stopping.abort()
  await work

  expect(refused).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining('"TOKEN"') } },
  })
  expect(tracesIn(JSON.stringify([ended, log.body]))).toEqual([])
  expect(JSON.stringify(log.body)).toContain('[secret')
  expectNoTrace()
})

test('files that Architect writes beside the database show none of it', async () => {
  const { config, database, clock } = dashboard.web
  const { dataDir } = config
  const attempt = openAttemptLog(dataDir, clock, { promptId: 9, number: 1 }, never)
  attempt.line(`it said ${planted}`)
  attempt.screen({ rows: broken } as unknown as Look)
  writeHistory(dataDir, [`os: use ${planted}`])
  using log = openLog(config, 'test')
  log.json.error({ err: new Error(`refused: ${planted}`), encoded }, planted)
  log.progress(`used ${planted}`)
  const screen = { rows: broken, title: planted } as unknown as Screen
  keepCapture(dataDir, log, { kind: 'claude', version: '9', since: 1, reason: planted }, screen)
  await keepRubbish({ database } as unknown as Tools, dataDir, [`{ "token": "${planted}"`], 1)
  sayWhatFailed(new Error(`no way with ${planted}`), { ARCHITECT_DATA: dataDir })
  await plantInHooks(dataDir)
  using code = makeSourceTree({ 'a.ts': `// TODO: replace ${planted} by another\n` })
  const project = { id: null, name: 'code', key: null, root: code.root }
  await planProject({ database, clock, dataDir }, project)
  writeFileSync(join(dataDir, 'junit.xml'), await failingSuite())
  await database.write(async (db) =>
    appendEvent(db, { at: 1, noun: 'note', nounId: '', type: 'note', data: { planted, encoded } }),
  )

  expectNoTrace()
  expect(readFileSync(log.path, 'utf8')).toContain('refused: [secret TOKEN]')
  const kept = [
    'cli-errors.log',
    'terminal-history',
    'unread/',
    'records/',
    'captures/',
    'milestones/',
    'junit.xml',
  ]
  for (const name of [...kept, 'not_understood.txt']) {
    const files = filesUnder(dataDir).filter((file) => file.includes(name))
    expect([name, files.some((file) => readFileSync(file, 'utf8').includes('[secret TOKEN]'))]).toEqual([
      name,
      true,
    ])
  }
})

const never = (error: unknown) => {
  throw error
}

/** A message that is kept with its agent, and one that nobody understands. */
async function plantInHooks(dataDir: string) {
  const warned: string[] = []
  await using spool = await openSpool({ dataDir, log: { warn: (_data, message) => warned.push(message) } })
  const agent: ProcessIdentity = { pid: 4_711, startedAt: 17 }
  const ids = { id: 'one', conversation: 'c', turnId: 't' }
  const message = { type: 'turn_ended', at: 1, ...ids, answer: planted, text: planted, prompt: planted }
  await spool.keep(agent, message as unknown as HookMessage)
  const name = '1-1-1'
  writeFileSync(join(dataDir, 'hooks/incoming', name), `nonsense ${planted}\nend ${name}\n`)
  await spool.listen(() => Promise.resolve())
  await waitFor(async () => warned.length > 0, 'the end of a message that is not understood')
}

async function failingSuite(): Promise<string> {
  const suite =
    'name: s\nsecrets: [TOKEN]\ncases: [{ name: c, steps: [{ shell: { command: [echo, "${TOKEN}"] }, expect: { stdout: x } }] }]'
  const result = await runSuite(parseSuite(suite, 's.yaml'), {
    file: 's.yaml',
    dashboard: { url: null, token: null },
    secrets: readSecrets(['TOKEN'], { TOKEN: planted }),
    variables: new Map(),
    clock: systemClock,
    signal: new AbortController().signal,
  })
  await admin.send('POST', '/api/test-runs', result)
  return junitXml(result)
}
