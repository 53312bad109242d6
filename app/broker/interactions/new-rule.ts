import type { Actor } from '../../core/account.ts'
import type { Clock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { Interaction, InteractionId } from '../../core/interaction.ts'
import type { Conditions, Effect, NewPattern, Pattern } from '../../core/pattern.ts'
import { getInteraction } from '../../db/interaction/read.ts'
import { createPattern } from '../../db/pattern/change.ts'
import type { Database } from '../../db/open.ts'
import { projectRootOf } from './judge.ts'

/** What a person says of a rule that is made from an interaction; the rest follows from what was asked. */
export interface RuleWish {
  name?: string | undefined
  effect: Exclude<Effect, 'ask'>
  /** Wider, or other, conditions than the narrow ones. */
  conditions?: Conditions | undefined
}

/** A draft that fits this very request and nothing else: the same command, file or host, in the same project. */
export function narrowRule(interaction: Interaction, { name, effect, conditions }: RuleWish): NewPattern {
  const verb = effect === 'allow' ? 'Allow' : 'Deny'
  return {
    name: name ?? `${verb} ${subjectOf(interaction)}`.slice(0, 200),
    effect,
    conditions: conditions ?? narrowConditions(interaction),
  }
}

/** Stores it as a draft. Throws `invalid` where the request could not be read well enough to make a rule of it. */
export async function ruleFromInteraction(
  { database, clock }: { database: Database; clock: Clock },
  id: InteractionId,
  wish: RuleWish,
  by: Actor,
): Promise<Pattern> {
  const interaction = await getInteraction(database.kysely, id)
  const rule = narrowRule(interaction, wish)
  const origin = { createdBy: by.name, madeFrom: id }
  return database.by(by).write((db) => createPattern(db, rule, origin, clock.now()))
}

function narrowConditions({
  id,
  tool,
  input,
  inputWhole,
  unsure,
  cwd,
  agent,
}: Interaction & { unsure?: string | null }): Conditions {
  if (!inputWhole) {
    const why = unsure ?? 'it was not read whole'
    throw new AppError(
      'invalid',
      `No rule can be made from interaction ${id}, because ${why}. Write the conditions yourself.`,
    )
  }
  const root = projectRootOf(cwd)
  const where = { agents: [agent], ...(root !== null && { projects: [root] }) }
  if (input.command !== undefined) return { tools: [tool], commands: [oneLine(input.command)], ...where }
  if (input.paths?.[0] !== undefined) return { tools: [tool], paths: input.paths, ...where }
  const host = hostOf(input.url)
  if (host !== null) return { tools: [tool], hosts: [host], ...where }
  if (tool !== 'other') return { tools: [tool], ...where }
  throw new AppError(
    'invalid',
    `Interaction ${id} names no command, file or address that a rule could be about.`,
  )
}

function oneLine(command: string): string {
  if (!/[\n;&|<>$`(){}*?[\]~#!\\"']/.test(command)) return command
  throw new AppError(
    'invalid',
    'A rule is about one plain command; this one has operators, quotes or expansions. Write a rule for each of its parts.',
  )
}

function hostOf(url: string | undefined): string | null {
  if (url === undefined || !URL.canParse(url)) return null
  return new URL(url).hostname
}

function subjectOf({ tool, input, toolName }: Interaction): string {
  return input.command ?? input.paths?.[0] ?? hostOf(input.url) ?? (toolName || tool)
}
