import { forkServer } from './fork-server.ts'
import { answerTimes, getRequest } from './http-load.ts'
import { percentile } from './percentile.ts'
import type { Row } from './results.ts'

const items = 10_000
const asked = 200
const mostMs = 150

/** How soon lists of 10,000 features, bugs and devops tasks answer, and the search in them. */
export async function benchRecords(): Promise<Row[]> {
  await using server = await forkServer('record-server', [String(items)])
  const api = { Authorization: server.authorization }
  const page = { Cookie: server.cookie }
  const measured: [string, string, Record<string, string>][] = [
    ['GET /api/work', '/api/work?limit=50', api],
    ['GET /api/bugs, of one project, by priority', '/api/bugs?project_id=1&status=open&order=priority', api],
    ['GET /api/work with words', '/api/work?q=word42', api],
    ['GET /api/search', '/api/search?q=word42', api],
    ['The list of work', '/work', page],
    ['The board', '/board', page],
    ['The page of a project', '/projects/1', page],
  ]
  const rows: Row[] = []
  for (const [what, path, headers] of measured) {
    const times = await answerTimes(server.port, getRequest(path, headers), asked)
    const [median, p95] = [percentile(times, 50), percentile(times, 95)]
    rows.push({
      what: `${what}, of 10,000`,
      measured: `median ${median.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`,
      target: `p95 ≤ ${mostMs} ms`,
      ok: p95 <= mostMs,
    })
  }
  return rows
}
