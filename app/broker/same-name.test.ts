import { expect, test } from 'vitest'
import { claimNextPrompt } from '../db/claims.ts'
import { listPromptSummaries } from '../db/prompt/summary.ts'
import { claimingSession, lease } from '../testing/claiming.ts'
import { databases, type TestStore } from '../testing/databases.ts'
import { submit } from './commands.ts'

/*
 * Two machines may each have a session of the same name.
 */

test.each(databases)("a session's prompts are those of its own node on $name", async ({ open }) => {
  await using store = await open()
  const [here, there] = [await runOn(store, 'pi'), await runOn(store, 'p_i')]
  const idsOf = async (sessionName: string) =>
    (await listPromptSummaries(store.database.kysely, { sessionName, limit: 10 })).map(({ id }) => id)

  expect(await idsOf('pi/web')).toEqual([here])
  expect(await idsOf('p_i/web')).toEqual([there])
  expect(await idsOf('web')).toEqual([there, here])
})

test.each(databases)(
  'a follow-up goes to the node that did the earlier prompt on $name',
  async ({ open }) => {
    await using store = await open()
    await runOn(store, 'pi')
    const there = await runOn(store, 'pi-2')

    const { prompt } = await submit(store.database, { content: 'and then?', followUpOf: there }, Date.now())

    expect(prompt.target).toEqual({ session: 'pi-2/web' })
  },
)

/** A prompt that the session `web` of this node took. */
async function runOn({ database }: TestStore, node: string): Promise<number> {
  const { prompt } = await submit(database, { content: `for ${node}` }, Date.now())
  const session = claimingSession({ node, sessionKey: `${node}/default/%7` })
  await database.write((db) => claimNextPrompt(db, session, lease, Date.now()))
  return prompt.id
}
