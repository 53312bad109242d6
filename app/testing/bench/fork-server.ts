import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Served } from './http-servers.ts'

interface Server extends Served, AsyncDisposable {
  pid: number
}

/** A server in a process of its own, `NAME.main.ts` beside this file, that ends with its parent. */
export async function forkServer(name: string, args: string[]): Promise<Server> {
  const program = fileURLToPath(new URL(`${name}.main.ts`, import.meta.url))
  const child = fork(program, args, { execArgv: process.execArgv })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const served = await new Promise<Served>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Served))
    child.once('exit', (code) => reject(new Error(`A server of the bench ended with exit code ${code}.`)))
  })
  return {
    ...served,
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      child.disconnect()
      await ended
    },
  }
}
