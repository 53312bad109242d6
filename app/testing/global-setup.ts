import { shareChromium } from './browser/shared-chromium.ts'
import { shareProduct } from './product.ts'
import { sharePostgres } from './postgres-service.ts'

/** What all test files of a run share. Returns what ends it. */
export default async function setup(): Promise<() => Promise<void>> {
  const product = await shareProduct()
  const postgres = await sharePostgres()
  const browser = await shareChromium()
  return async () => {
    await browser[Symbol.asyncDispose]()
    await postgres[Symbol.asyncDispose]()
    await product[Symbol.asyncDispose]()
  }
}
