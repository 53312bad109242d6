import type { Attempt } from '../../core/attempt.ts'
import { normalisePromptText } from '../../core/prompt-text.ts'
import type { Prompt } from '../../core/prompt.ts'
import { attemptsOf } from '../../db/attempts.ts'
import type { Database } from '../../db/open.ts'
import { getPrompt } from '../../db/prompts.ts'
import type { Sent } from './feeder.ts'

/** One prompt that an agent says it took. */
export interface Sighting {
  agent: string
  text: string
}

/** What must never happen, each with the number of prompts that it happened to. */
export const violations = [
  'lost',
  'duplicated',
  'in the wrong pane',
  'not whole',
  'without a stated outcome',
  'said to have failed although it arrived',
] as const
export type Violation = (typeof violations)[number]

export interface Verdict {
  found: { violation: Violation; prompt: number; because: string }[]
  /** How many prompts ended in each way: `completed`, `failed`, `unknown`. */
  ends: Record<string, number>
  attempts: number
}

/** Compares what the queue says about each prompt with what the agents took. */
export async function judge(database: Database, sent: Sent[], sightings: Sighting[]): Promise<Verdict> {
  const byKey = new Map(sent.map(({ key }): [string, Sighting[]] => [key, []]))
  for (const sighting of sightings) byKey.get(keyOf(sighting.text))?.push(sighting)
  const verdict: Verdict = { found: [], ends: {}, attempts: 0 }
  for (const each of sent) {
    const prompt = await getPrompt(database.kysely, each.id)
    const attempts = await attemptsOf(database.kysely, each.id)
    const seen = byKey.get(each.key) ?? []
    verdict.attempts += attempts.length
    const end = endOf(prompt)
    verdict.ends[end] = (verdict.ends[end] ?? 0) + 1
    for (const [violation, because] of violationsOf({ sent: each, prompt, attempts, seen })) {
      verdict.found.push({ violation, prompt: each.id, because })
    }
  }
  return verdict
}

interface Case {
  sent: Sent
  prompt: Prompt
  attempts: Attempt[]
  seen: Sighting[]
}

function violationsOf({ sent, prompt, attempts, seen }: Case): [Violation, string][] {
  const found: [Violation, string][] = []
  const arrived = attempts.some(({ submittedAt }) => submittedAt !== null)
  const agents = seen.map(({ agent }) => agent).join(', ')
  if (arrived && seen.length === 0) found.push(['lost', 'counts as submitted, yet no agent took it'])
  if (prompt.state === 'completed' && seen.length === 0) found.push(['lost', 'completed without a witness'])
  if (seen.length > 1) found.push(['duplicated', `taken by ${agents}`])
  if (seen.some(({ agent }) => !belongs(agent, sent, attempts))) {
    found.push(['in the wrong pane', `taken by ${agents}, meant for ${sent.target ?? 'its attempts'}`])
  }
  if (seen.some(({ text }) => text !== normalisePromptText(sent.content))) {
    found.push(['not whole', `taken by ${agents} in another form`])
  }
  const open = attempts.filter(({ outcome }) => outcome === null)
  if (endOf(prompt) === 'open') found.push(['without a stated outcome', `it is still ${prompt.state}`])
  else if (open.length > 0 && prompt.attention === null) {
    found.push(['without a stated outcome', `attempt ${open[0]!.number} has none`])
  }
  if (prompt.state === 'failed' && !arrived && seen.length > 0) {
    found.push(['said to have failed although it arrived', prompt.reason ?? ''])
  }
  return found
}

function belongs(agent: string, { target }: Sent, attempts: Attempt[]): boolean {
  return (target === null || target === agent) && attempts.some(({ sessionName }) => sessionName === agent)
}

/** `unknown`: flagged for a person, which is a stated outcome as well. */
function endOf({ state, attention }: Prompt): string {
  if (state === 'completed' || state === 'failed' || state === 'cancelled') return state
  return state === 'in_progress' && attention !== null ? 'unknown' : 'open'
}

function keyOf(text: string): string {
  return /^chaos (\w+)/.exec(text)?.[1] ?? ''
}
