import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isAppError } from '../../core/errors.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'
import { waitFor } from '../wait-for.ts'
import { answer, whenAsked, whenIdle } from './asking.ts'
import type { RealBroker } from './real-broker.ts'
import { sayHeard } from './say-heard.ts'

/** One permission is granted and one denied, as a person does; the agent asks for everything (`askingArgs`). */
export function testYesAndNo(broker: () => RealBroker): void {
  test('takes a yes and a no of a person by keys', async () => {
    const { agent, stub } = broker()
    const say = (text: string) => sayHeard(agent, stub, text)
    await whenIdle(broker())
    const [yes, no] = [join(agent.dir, 'yes'), join(agent.dir, 'no')]
    await say(`please [[bash touch ${yes}]]`)
    const approved = await decide(broker(), 0, 'approve')
    await waitFor(async () => existsSync(yes), 'what was allowed', 30_000)
    await whenIdle(broker())

    await say(`please [[bash touch ${no}]]`)
    const denied = await decide(broker(), approved.id, 'deny')

    expect(approved).toMatchObject({ state: 'answered', input: { command: `touch ${yes}` } })
    expect(denied).toMatchObject({ state: 'answered', answer: { meaning: 'deny' } })
    expect(existsSync(no)).toBe(false)
  })
}

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
