import type { Desk } from '../desk/desk.ts'
import { promptCommands, wordCommands } from './parse.ts'

/** What Tab offers: commands, session names after `os[`, numbers of prompts after `result` and its like. */
export async function completeLine(desk: Desk, line: string): Promise<[string[], string]> {
  const offers = await candidates(desk, line)
  return [offers.filter((offer) => offer.startsWith(line)), line]
}

async function candidates(desk: Desk, line: string): Promise<string[]> {
  const about = promptCommands.find((command) => line.startsWith(`${command} `))
  if (about !== undefined) {
    const { items } = await desk.prompts({ limit: 50 })
    return items.map(({ id }) => `${about} ${id}`)
  }
  if (/^os\[/i.test(line)) {
    const sessions = await desk.sessions()
    return sessions.map(({ name }) => `os[${name}]: `)
  }
  return ['os: ', 'os[', ...wordCommands, ...promptCommands.map((command) => `${command} `)]
}
