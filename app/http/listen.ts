import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Express } from 'express'
import { AppError } from '../core/errors.ts'
import type { Tls } from './tls.ts'

/** A server that accepts connections; disposing ends it and the connections that are open. */
export interface Listening extends AsyncDisposable {
  server: Server
  port: number
}

/** Throws `conflict` when something else listens there, `invalid` when the address is not this machine's. */
export function listen(
  app: Express,
  address: { host: string; port: number },
  tls: Tls | null = null,
): Promise<Listening> {
  const server = tls ? createTlsServer(tls, app) : createServer(app)
  return new Promise((resolve, reject) => {
    // Later errors are connections that the system could not give us: they are lost, and no reason to end.
    server.on('error', (error: NodeJS.ErrnoException) => reject(describe(error, address)))
    server.listen(address.port, address.host, () => {
      resolve({
        server,
        port: (server.address() as AddressInfo).port,
        [Symbol.asyncDispose]: () => close(server),
      })
    })
  })
}

/** Answers that are under way get this long, in ms. */
const lastAnswersMs = 2_000

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), lastAnswersMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}

function describe(error: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): Error {
  if (error.code === 'EADDRINUSE') {
    const advice = 'Stop what listens there, perhaps another dashboard, or choose another port: PORT=8081.'
    return new AppError('conflict', `Port ${port} of ${host} is taken. ${advice}`)
  }
  if (error.code === 'EACCES') {
    return new AppError('invalid', `Port ${port} needs an administrator. Choose one above 1023: PORT=8080.`)
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new AppError('invalid', `HOST=${host} is no address of this machine. 0.0.0.0 means all of them.`)
  }
  return error
}
