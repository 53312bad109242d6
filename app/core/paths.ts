import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of package.json, the same for sources and for the compiled program in `dist/`. */
export const packageRoot: string = findPackageRoot(dirname(fileURLToPath(import.meta.url)))

/**
 * The file to start another of our programs with, `workers/assigner` for example, in the form of this one:
 * TypeScript in development, JavaScript where it was built to.
 */
export function programPath(name: string, folder: string = dirname(fileURLToPath(import.meta.url))): string {
  const path = ['ts', 'js'].map((form) => join(folder, `${name}.main.${form}`)).find(existsSync)
  if (path !== undefined) return path
  if (dirname(folder) === folder) throw new Error(`${name}.main is not above this file`)
  return programPath(name, dirname(folder))
}

function findPackageRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error('package.json is not above this file')
  return findPackageRoot(parent)
}
