import { chromium, type Browser } from 'playwright-core'
import { askForShared, shareOnDemand } from '../on-demand.ts'
import { openHow } from './chromium.ts'

/** Holds the address at which a test file asks for the browser's. */
const variable = 'ARCHITECT_TEST_BROWSER'

/** One browser for all test files: its start takes longer than most of what is done with it. */
export function shareChromium(): Promise<AsyncDisposable> {
  return shareOnDemand(variable, async () => {
    const server = await openHow((options) => chromium.launchServer(options))
    return { address: server.wsEndpoint(), stop: () => server.close() }
  })
}

/** A connection to it: what is opened through it ends with it, and nobody else sees it. */
export async function joinChromium(): Promise<Browser> {
  return chromium.connect(await askForShared(variable))
}
