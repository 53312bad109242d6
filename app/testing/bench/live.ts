import { setTimeout as sleep } from 'node:timers/promises'
import { Server } from 'socket.io'
import { io, type Socket } from 'socket.io-client'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { submit } from '../../broker/commands.ts'
import { startDashboard } from '../dashboard.ts'
import { connectLive } from '../live-client.ts'
import { waitFor } from '../wait-for.ts'
import { percentile } from './percentile.ts'
import type { Row } from './results.ts'

const clientCount = 200
const changes = 60
/** Long enough for the last client: each change is measured by itself. */
const betweenMs = 120
/** A state change is on screen 250 ms after its event; a browser draws within a few frames of that. */
const targetMs = 200

/** From the commit of a change until the last of 200 clients has it; all in one process, clients included. */
export async function benchLive(): Promise<Row[]> {
  const ours = await throughTheLog()
  const theirs = await bareBroadcast()
  const middle = percentile(ours, 50)
  const worst = percentile(ours, 95)
  const ratio = middle / percentile(theirs, 50)
  return [
    {
      what: `A change at the last of ${clientCount} clients, after its commit`,
      measured: `median ${middle.toFixed(0)} ms, p95 ${worst.toFixed(0)} ms; ${ratio.toFixed(1)} × a bare Socket.IO broadcast of the same run`,
      target: `p95 ≤ ${targetMs} ms`,
      ok: worst <= targetMs,
    },
  ]
}

async function throughTheLog(): Promise<number[]> {
  await using dashboard = await startDashboard()
  const viewer = await dashboard.signIn('viewer')
  const clients = await Promise.all(Array.from({ length: clientCount }, () => connectLive(dashboard, viewer)))
  await Promise.all(clients.map((client) => client.ask('follow', { topics: ['prompts'] })))
  const times: number[] = []
  for (let count = 0; count < changes; count += 1) {
    const { prompt } = await submit(dashboard.web.database, { content: `change ${count}` }, Date.now())
    const committedAt = performance.now()
    const id = String(prompt.id)
    const has = ({ events }: (typeof clients)[number]) => events.some(({ noun_id }) => noun_id === id)
    await waitFor(async () => clients.every(has), 'the change at every client')
    times.push(performance.now() - committedAt)
    await sleep(betweenMs)
  }
  await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()))
  return times
}

/** The naive way: no log, no cursor, no check of who asks. */
async function bareBroadcast(): Promise<number[]> {
  const http = createServer()
  const server = new Server(http, { transports: ['websocket'] })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  let heard = 0
  const clients = await Promise.all(
    Array.from({ length: clientCount }, () => connectBare(address, () => (heard += 1))),
  )
  const times: number[] = []
  for (let count = 0; count < changes; count += 1) {
    heard = 0
    const sentAt = performance.now()
    server.emit('events', {
      cursor: count,
      events: [{ id: count, noun: 'prompt', noun_id: String(count), data: {} }],
    })
    await waitFor(async () => heard >= clientCount, 'the broadcast at every client')
    times.push(performance.now() - sentAt)
    await sleep(betweenMs)
  }
  for (const client of clients) client.disconnect()
  await server.close()
  return times
}

function connectBare(address: string, onEvents: () => void): Promise<Socket> {
  const socket = io(address, { transports: ['websocket'], forceNew: true })
  socket.on('events', onEvents)
  return new Promise((resolve) => socket.once('connect', () => resolve(socket)))
}
