import { expect, test } from 'vitest'
import { freePort } from '../../app/testing/free-port.ts'
import { joinCluster } from './join.ts'

test('a join where nobody listens says what the network said, and nothing of it keeps the process', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()

  const joining = joinCluster(url, null, {
    token: 't',
    name: 'pi',
    protocol: 1,
    agentVersion: '1',
    facts: {},
  } as never)

  await expect(joining).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(
      /^There is no dashboard at .*: connect ECONNREFUSED .*\. Is it the right address\?$/,
    ),
  })
  expect(timers()).toBe(before)
})
