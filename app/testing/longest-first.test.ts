import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../core/paths.ts'
import { longFiles } from './longest-first.ts'

test('every file that is started early is there', () => {
  expect(Object.keys(longFiles).filter((file) => !existsSync(join(packageRoot, file)))).toEqual([])
})
