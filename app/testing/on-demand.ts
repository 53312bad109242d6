import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/*
 * What all test files of a run share and many runs don't need: it belongs to the process that outlives the files, and
 * is started when the first of them asks for it.
 */

export interface Started {
  /** Where the files find it. */
  address: string
  stop(): Promise<void>
}

/** Lets the test files of this run ask for it, under this environment variable's name. Its end is the run's end. */
export async function shareOnDemand(
  variable: string,
  start: () => Promise<Started>,
): Promise<AsyncDisposable> {
  let started: Promise<Started> | undefined
  const service = createServer((_request, response) => {
    started ??= start()
    started.then(
      ({ address }) => response.end(address),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  process.env[variable] = await addressOf(service)
  return {
    async [Symbol.asyncDispose]() {
      service.closeAllConnections()
      service.close()
      await (await started)?.stop()
    },
  }
}

/** Its address. The first one who asks waits for its start; throws with the reason why it did not start. */
export async function askForShared(variable: string): Promise<string> {
  const service = process.env[variable]
  if (service === undefined) throw new Error(`Nobody shares this here: ${variable} is not set`)
  const response = await fetch(service)
  const answer = await response.text()
  if (!response.ok) throw new Error(`It did not start: ${answer}`)
  return answer
}

async function addressOf(service: Server): Promise<string> {
  service.listen(0, '127.0.0.1')
  await once(service, 'listening')
  return `http://127.0.0.1:${(service.address() as AddressInfo).port}`
}
