import { shareProduct } from '../product.ts'
import { installAgent } from './install.ts'
import { realAgentKinds } from './versions.ts'

/** All agents are installed before a test begins: no two files install the same one, and no test's time goes on it. */
export default async function setup(): Promise<() => Promise<void>> {
  await Promise.all(realAgentKinds.map((kind) => installAgent(kind)))
  const product = await shareProduct()
  return async () => product[Symbol.asyncDispose]()
}
