import express from 'express'
import { errorLimits } from '../../core/reported-error.ts'
import { recordErrors } from '../../db/error/record.ts'
import { setReportRates } from '../../db/settings.ts'
import { nameReport, occurrenceOf } from '../../errors/report.ts'
import { startDashboard, type TestDashboard } from '../dashboard.ts'
import { parentGone, tell } from './http-servers.ts'

const groups = 10_000

/** The dashboard with 10,000 kinds of errors, which takes as many as come; it works until its parent is gone. */
export async function serveErrors(): Promise<void> {
  const dashboard = await startDashboard()
  await fill(dashboard)
  const { token } = await dashboard.token(['read'], 'viewer')
  const { cookie } = await dashboard.signIn('viewer')
  tell({ port: dashboard.listening.port, authorization: `Bearer ${token}`, cookie })
  await parentGone()
  await dashboard[Symbol.asyncDispose]()
}

/** Express with one route that parses the same body, stores nothing and answers as much. */
export async function serveBareErrors(): Promise<void> {
  const app = express()
  app.post('/api/errors', express.json({ limit: errorLimits.bodyBytes }), (_request, response) => {
    response.json({ success: true, id: 12_345, group_id: 12_345, count: 1_234, is_new: false })
  })
  const server = app.listen(0, '127.0.0.1', () => {
    const address = server.address()
    tell({ port: typeof address === 'object' ? address!.port : 0, authorization: '', cookie: '' })
  })
  await parentGone()
  server.closeAllConnections()
  server.close()
}

async function fill({ web: { database } }: TestDashboard): Promise<void> {
  const most = 1_000_000
  const rates = {
    perSecond: most,
    burst: most,
    addressPerSecond: most,
    addressBurst: most,
    kindsPerMinute: most,
  }
  await database.write((db) => setReportRates(db, rates, 1))
  for (let from = 0; from < groups; from += 500) {
    const occurrences = Array.from({ length: 500 }, (_, n) => {
      const word = lettersOf(from + n)
      const said = { errorType: 'Error', message: `${word} is missing`, source: `${word}.py` }
      const report = { ...said, node: `pi-${n % 9}`, stack: `at ${word}`, session: null, metadata: {} }
      return occurrenceOf(report, nameReport(report), Date.now() - from)
    })
    await database.write((db) => recordErrors(db, occurrences))
  }
}

/** Another word for each number, without a digit that a group would leave out. */
function lettersOf(number: number): string {
  return String(number).replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)]!)
}
