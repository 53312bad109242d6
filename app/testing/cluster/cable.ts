import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A network cable between two programs, which a test pulls and plugs in. */
export interface Cable extends AsyncDisposable {
  /** Where the dashboard is for whoever is at the near end. */
  url: string
  /** The network namespace in which the near end is; null: in that of the test. */
  namespace: string | null
  /** Nothing gets through any more, and neither side is told; what is under way is lost. */
  pull(): void
  /** New connections get through; those from before stay dead. */
  plugIn(): void
}

export async function startCable(farPort: number): Promise<Cable> {
  const ends = new Set<Socket>()
  let isPulled = false
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (near) => {
    ends.add(near)
    near.on('error', () => near.destroy())
    // A pulled cable answers nothing: whoever connects waits.
    if (isPulled) return
    const far = connect({ port: farPort, host: '127.0.0.1', noDelay: true })
    ends.add(far)
    far.on('error', () => near.destroy())
    pass(near, far)
    pass(far, near)
  })
  function pass(from: Socket, to: Socket) {
    const alive = { is: true }
    pullers.add(() => (alive.is = false))
    from.on('data', (bytes) => {
      if (alive.is) to.write(bytes)
    })
    from.on('close', () => {
      if (alive.is) to.destroy()
    })
    from.resume()
  }
  const pullers = new Set<() => void>()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    namespace: null,
    pull() {
      isPulled = true
      for (const pull of pullers) pull()
      pullers.clear()
    },
    plugIn() {
      isPulled = false
    },
    async [Symbol.asyncDispose]() {
      for (const end of ends) end.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
