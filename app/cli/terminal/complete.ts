import { listPrompts } from '../../db/prompts.ts'
import { listSessions } from '../../db/sessions.ts'
import type { Records } from '../../records.ts'
import { promptCommands, wordCommands } from './parse.ts'

/** What Tab offers: commands, session names after `os[`, numbers of prompts after `result` and its like. */
export async function completeLine(records: Records, line: string): Promise<[string[], string]> {
  const offers = await candidates(records, line)
  return [offers.filter((offer) => offer.startsWith(line)), line]
}

async function candidates({ database }: Records, line: string): Promise<string[]> {
  const about = promptCommands.find((command) => line.startsWith(`${command} `))
  if (about !== undefined) {
    const { items } = await listPrompts(database.kysely, { limit: 50 })
    return items.map(({ id }) => `${about} ${id}`)
  }
  if (/^os\[/i.test(line)) {
    const sessions = await listSessions(database.kysely)
    return sessions.map(({ name }) => `os[${name}]: `)
  }
  return ['os: ', 'os[', ...wordCommands, ...promptCommands.map((command) => `${command} `)]
}
