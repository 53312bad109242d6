import type { Screen, ScreenReading } from '../core/agent.ts'
import type { EpochMs } from '../core/clock.ts'
import type { AgentKind, Composer, Evidence } from '../core/session.ts'
import { isTyped } from './conditions.ts'
import type { FoundComposer } from './composer.ts'
import type { AgentLibrary, AgentRules, Rule } from './library.ts'
import { parseLimitTime } from './limit-time.ts'
import { plainRows, viewOf } from './view.ts'
import type { View } from './view.ts'

export interface ReadOptions {
  /** Whose process runs in the pane, where that is known. Without it, command, title and screen decide. */
  agent?: AgentKind
  version?: string | null
  now?: EpochMs
}

/**
 * What a pane shows. `acceptsPrompt` needs positive proof: the composer of a known agent, whole, focused and
 * empty, and a rule that grants it; whatever is in doubt is refused.
 */
export function readScreen(library: AgentLibrary, screen: Screen, options: ReadOptions = {}): ScreenReading {
  const now = options.now ?? Date.now()
  const plain = plainRows(screen)
  const candidates = candidatesFor(library, screen, options.agent)
  const seen = candidates.map((rules) => ({ rules, view: viewOf(screen, plain, rules) }))
  const identified = seen.filter(({ rules, view }) => isIdentified(rules, view, options))
  // Words of one agent can be quoted in another's conversation; a whole composer can't be quoted at the bottom.
  const found = identified.find(({ view }) => view.composer !== null) ?? identified[0]
  if (!found) return notAnAgent(screen, options.agent ?? null, now)
  const { rules, view } = found
  const version = options.version ?? versionOf(rules, view)
  const rule = rules.rules.find((candidate) => holds(candidate, view, version))
  return readingOf(rules, rule ?? unknownScreen(rules.kind), view, version, now)
}

function candidatesFor(library: AgentLibrary, screen: Screen, agent: AgentKind | undefined): AgentRules[] {
  if (screen.dead) return []
  if (agent !== undefined) return [library.get(agent)].filter((rules) => rules !== undefined)
  return [...library.values()].filter(
    ({ process }) =>
      isNamed(process.executables, screen.command) || process.runtimes.includes(screen.command),
  )
}

function isNamed(executables: string[], command: string): boolean {
  return executables.includes(command)
}

function isIdentified(rules: AgentRules, view: View, { agent, version }: ReadOptions): boolean {
  if (agent !== undefined || isNamed(rules.process.executables, view.screen.command)) return true
  return rules.signs.some((sign) => sign(view, version ?? null))
}

function versionOf({ version }: AgentRules, view: View): string | null {
  return version?.exec(view.text('screen'))?.[1] ?? null
}

function holds(rule: Rule, view: View, version: string | null): boolean {
  return (
    rule.when.every((condition) => condition(view, version)) &&
    !rule.unless.some((condition) => condition(view, version))
  )
}

function unknownScreen(kind: AgentKind): Rule {
  const says = 'no rule knows this screen; it is taken for an open panel, so that nothing is typed'
  return {
    name: `${kind}/unknown`,
    state: 'menu',
    says,
    when: [],
    unless: [],
    accepts: false,
    until: null,
    guess: true,
  }
}

function readingOf(
  rules: AgentRules,
  rule: Rule,
  view: View,
  version: string | null,
  now: EpochMs,
): ScreenReading {
  const { composer } = view
  const draft = composer !== null && isTyped(composer)
  const told = rule.until && lastMatch(rule.until, view)
  const ready = rule.accepts && composer !== null && composer.focused && !draft
  const accepts = ready && !rules.refuse.some((condition) => condition(view, version))
  return {
    agent: rules.kind,
    version,
    state: rule.state,
    acceptsPrompt: accepts,
    draft,
    composer: composer && composerOf(composer, rules),
    limitedUntil: told ? parseLimitTime(told[1] ?? told[0], now) : null,
    rule: rule.name,
    known: !rule.guess,
    evidence: [{ source: 'screen', at: now, says: rule.says, state: rule.state, rule: rule.name }],
  }
}

/**
 * Earlier limits can still stand in the conversation: the last one counts. Codex says the time above its dialog
 * only.
 */
function lastMatch(until: RegExp, view: View): RegExpExecArray | null {
  const texts = view.composer
    ? [`${view.text('turn')}\n${view.text('footer')}`]
    : [view.text('dialog'), view.text('screen')]
  const found = texts.map((text) => [...text.matchAll(new RegExp(until, 'gmu'))].at(-1))
  return found.find((match) => match !== undefined) ?? null
}

function composerOf({ text, firstRow, lastRow }: FoundComposer, { delivery }: AgentRules): Composer {
  const pasted = delivery.pastedPattern?.test(text) ?? false
  return { text, pasted, firstRow, lastRow }
}

function notAnAgent(screen: Screen, agent: AgentKind | null, at: EpochMs): ScreenReading {
  const state = screen.dead && agent !== null ? 'gone' : 'not_agent'
  const says = screen.dead
    ? 'the pane is dead'
    : `the foreground program "${screen.command}" is no known agent, or shows nothing of one`
  const evidence: Evidence[] = [{ source: 'screen', at, says, state, rule: 'none' }]
  return {
    agent: screen.dead ? agent : null,
    version: null,
    state,
    acceptsPrompt: false,
    draft: false,
    composer: null,
    limitedUntil: null,
    rule: 'none',
    known: true,
    evidence,
  }
}
