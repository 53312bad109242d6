import { listSessions, listSessionSettings } from '../db/sessions.ts'
import type { Db } from '../db/schema.ts'

/** What can be aimed at: sessions, those that are idle first, then kinds of agents and tags. */
export async function targetChoices(db: Db) {
  const [sessions, settings] = await Promise.all([listSessions(db), listSessionSettings(db)])
  const names = sessions.map(({ name }) => name)
  const isAmbiguous = (name: string) => names.indexOf(name) !== names.lastIndexOf(name)
  return {
    sessions: sessions
      .toSorted((a, b) => Number(b.acceptsPrompt) - Number(a.acceptsPrompt))
      .map(({ name, node, address, state, agent }) => ({
        value: isAmbiguous(name) ? `${node}/${address}` : name,
        state,
        agent,
      })),
    agents: [...new Set(sessions.flatMap(({ agent }) => agent ?? []))].toSorted(),
    tags: [...new Set(settings.flatMap(({ tags }) => tags))].toSorted(),
  }
}
