import { expect, test } from 'vitest'
import { spokenName } from './tools.ts'

test('a session is named with its node where that is not the machine of the assigner', () => {
  const host = { node: 'pi-1' }

  expect(spokenName({ host, isElsewhere: true }, 'dev')).toBe('pi-1/dev')
  expect(spokenName({ host }, 'dev')).toBe('dev')
})
