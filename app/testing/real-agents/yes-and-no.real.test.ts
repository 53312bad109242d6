import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isAppError } from '../../core/errors.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'
import { waitFor } from '../wait-for.ts'
import { answer, whenAsked, whenIdle } from './asking.ts'
import { startRealBroker, type RealBroker } from './real-broker.ts'
import { sayHeard } from './say-heard.ts'
import { askingArgs } from './situations.ts'
import { realAgentKinds } from './versions.ts'

describe.each(realAgentKinds)('a real %s', (kind) => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker(kind, { args: askingArgs[kind] })
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('takes a yes and a no of a person by keys', async () => {
    const { dir, pane } = broker.agent
    const say = (text: string) => sayHeard(broker.agent, broker.stub, text)
    await say('hello first')
    await pane.waitFor(/ECHO sha/, 90_000)
    await whenIdle(broker)
    const [yes, no] = [join(dir, 'yes'), join(dir, 'no')]
    await say(`please [[bash touch ${yes}]]`)
    const approved = await decide(broker, 0, 'approve')
    await waitFor(async () => existsSync(yes), 'what was allowed', 30_000)
    await whenIdle(broker)

    await say(`please [[bash touch ${no}]]`)
    const denied = await decide(broker, approved.id, 'deny')

    expect(approved).toMatchObject({ state: 'answered', input: { command: `touch ${yes}` } })
    expect(denied).toMatchObject({ state: 'answered', answer: { meaning: 'deny' } })
    expect(existsSync(no)).toBe(false)
  })
})

/** As a person does: a dialog that was seen half drawn is another one when it is whole, and is decided then. */
async function decide(
  broker: RealBroker,
  after: number,
  say: 'approve' | 'deny',
): Promise<StoredInteraction> {
  const { id } = await whenAsked(broker, (one) => one.id > after && one.state === 'open', `what to ${say}`)
  return answer(broker, id, { say }).catch((error: unknown) => {
    if (!isAppError(error, 'conflict')) throw error
    return decide(broker, id, say)
  })
}
