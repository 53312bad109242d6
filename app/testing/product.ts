import { execFile } from 'node:child_process'
import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageRoot } from '../core/paths.ts'

/*
 * The product as users run it: built, it starts several times faster than its sources. Types are the business of
 * another check.
 */

/** Names the folder of what was built for this run of the tests, to every process of it. */
const variable = 'ARCHITECT_TEST_PRODUCT'

/** A product of one's own, beside the one that people use. Throws with what the build said. */
export interface Product extends AsyncDisposable {
  folder: string
}

export async function buildProduct(): Promise<Product> {
  const parent = join(packageRoot, 'dist/testing')
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'product-'))
  await promisify(execFile)('npm', ['run', '--silent', 'build', '--', `--outdir=${folder}`], {
    cwd: packageRoot,
  })
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

/** Builds the product once for everything that this process starts from now on. */
export async function shareProduct(): Promise<AsyncDisposable> {
  const product = await buildProduct()
  process.env[variable] = product.folder
  return product
}

/** One of the product's programs, `app/cli` for example. Throws outside a run that shares a product. */
export function builtProgram(name: string): string {
  const folder = process.env[variable]
  if (folder === undefined) throw new Error(`Nothing was built for the tests: ${variable} is not set`)
  return join(folder, `${name}.main.js`)
}
