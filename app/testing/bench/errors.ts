import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordErrors } from '../../db/error/record.ts'
import { listErrorGroups } from '../../db/error/read.ts'
import { openDatabase } from '../../db/open.ts'
import { nameReport, occurrenceOf } from '../../errors/report.ts'
import { forkServer } from './fork-server.ts'
import { answerTimes, getRequest, postRequest, requestsPerSecond } from './http-load.ts'
import { percentile } from './percentile.ts'
import type { Row } from './results.ts'

/** Short rounds in turn, so that a noisy neighbour meets both. */
const rounds = 8
const roundMs = 700
const warmUpMs = 2_000
const asked = 100
/** `BENCH_ERRORS_OF_ONE_KIND`: the long form has 1,000,000. */
const oneKind = Number(process.env['BENCH_ERRORS_OF_ONE_KIND'] ?? 50_000)

/** Errors that are taken, against Express that only parses them, and lists of 10,000 kinds. */
export async function benchErrors(): Promise<Row[]> {
  await using dashboard = await forkServer('error-server', [])
  await using bare = await forkServer('error-server', ['bare'])
  const rows: Row[] = []
  for (const kilobytes of [1, 50]) rows.push(...(await intake(dashboard.port, bare.port, kilobytes)))
  const api = { Authorization: dashboard.authorization }
  rows.push(
    await timed(
      'GET /api/errors/groups, 10,000 kinds',
      dashboard.port,
      getRequest('/api/errors/groups', api),
    ),
    await timed('GET /api/errors, 10,000 errors', dashboard.port, getRequest('/api/errors', api)),
    await timed(
      'The page of errors, 10,000 kinds',
      dashboard.port,
      getRequest('/errors', { Cookie: dashboard.cookie }),
    ),
  )
  return [...rows, await manyOfOneKind()]
}

async function intake(ours: number, theirs: number, kilobytes: number): Promise<Row[]> {
  const requests = Array.from({ length: 200 }, (_, n) =>
    postRequest('/api/errors', bodyOf(n, kilobytes * 1_000)),
  )
  let sent = 0
  const next = () => requests[sent++ % requests.length]!
  const rates: [number[], number[]] = [[], []]
  for (const port of [ours, theirs]) await requestsPerSecond(port, next, warmUpMs)
  for (let round = 0; round < rounds; round += 1) {
    rates[0].push(await requestsPerSecond(ours, next, roundMs))
    rates[1].push(await requestsPerSecond(theirs, next, roundMs))
  }
  const [own, bare] = [percentile(rates[0], 50), percentile(rates[1], 50)]
  const share = (100 * own) / bare
  const atLeast = kilobytes >= 50 ? 100 : 0
  return [
    {
      what: `Errors of ${kilobytes} kB stored durably (40 kinds, 5 nodes), against Express that parses them only`,
      measured: `${share.toFixed(0)} % (${Math.round(own).toLocaleString('en')}/s; ${Math.round(bare).toLocaleString('en')}/s bare)`,
      target: atLeast > 0 ? `≥ 50 %, ≥ ${atLeast}/s` : '≥ 50 %',
      ok: share >= 50 && own >= atLeast,
    },
  ]
}

/** One of 40 kinds in five wordings each, from five nodes, with a stack that fills it up. */
function bodyOf(n: number, bytes: number): string {
  const kind = 'abcdefghij'[n % 10]! + 'klmn'[Math.floor(n / 10) % 4]!
  const said = {
    node_id: `pi-${n % 5}`,
    error_type: 'TypeError',
    message: `${kind}: row ${n} is missing`,
    source: `${kind}.js`,
  }
  const line = `    at render${kind} (/home/pi/shop/node_modules/view/${kind}.js:41:18)\n`
  return JSON.stringify({
    ...said,
    stack_trace: line.repeat(Math.max(1, Math.floor((bytes - 160) / line.length))),
  })
}

async function timed(what: string, port: number, request: string): Promise<Row> {
  await answerTimes(port, request, 10)
  const times = await answerTimes(port, request, asked)
  const [median, late] = [percentile(times, 50), percentile(times, 95)]
  const measured = `median ${median.toFixed(1)} ms, p95 ${late.toFixed(1)} ms`
  return { what, measured, target: 'p95 ≤ 150 ms', ok: late <= 150 }
}

/** Each in other words and with a stack of 2 kB, so that nothing but the limits keeps them small. */
async function manyOfOneKind(): Promise<Row> {
  const dataDir = mkdtempSync(join(tmpdir(), 'architect-bench-errors-'))
  const startedAt = performance.now()
  {
    await using database = await openDatabase({ dataDir })
    const stack = '    at f (x.js:1:2)\n'.repeat(100)
    for (let from = 0; from < oneKind; from += 500) {
      const occurrences = Array.from({ length: 500 }, (_, n) => {
        const said = { errorType: 'Error', message: `row ${from + n} is missing`, source: 'app.js' }
        const report = { ...said, node: `pi-${n % 9}`, stack, session: null, metadata: {} }
        return occurrenceOf(report, nameReport(report), 1_000 + from + n)
      })
      await database.write((db) => recordErrors(db, occurrences))
    }
    const [group] = await listErrorGroups(database.kysely, {}, { limit: 2, offset: 0 })
    if (group?.count !== oneKind) throw new Error(`${group?.count} are counted.`)
  }
  const bytes = statSync(join(dataDir, 'architect.db')).size
  rmSync(dataDir, { recursive: true })
  const seconds = (performance.now() - startedAt) / 1_000
  return {
    what: `${oneKind.toLocaleString('en')} errors of one kind, each in other words: the whole database`,
    measured: `${(bytes / 1e6).toFixed(1)} MB, after ${seconds.toFixed(0)} s`,
    target: '≤ 5 MB',
    ok: bytes <= 5e6,
  }
}
