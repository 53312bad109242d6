import { existsSync } from 'node:fs'
import {
  applyEdits,
  modify,
  parse,
  type FormattingOptions,
  type JSONPath,
  type ParseError,
} from 'jsonc-parser'
import { z } from 'zod'
import { ownEntries, programOf, type HookEntry } from '../entries.ts'
import type { HookedAgent } from '../messages/read.ts'

/*
 * The text of an agent's settings with our hooks in it or without them. Only our own entries are touched: the
 * rest keeps its order, its blanks and its comments.
 */

/** What is wrong with the text, for a person; null when it can be edited. */
export function faultOf(text: string, agent: HookedAgent): string | null {
  const errors: ParseError[] = []
  const value: unknown = parse(text, errors, {
    disallowComments: agent !== 'gemini',
    allowTrailingComma: false,
  })
  const [error] = errors
  if (error && text.trim() !== '') return `it is not valid JSON (line ${lineOf(text, error.offset)})`
  const checked = settings.safeParse(value ?? {})
  if (checked.success) return null
  const { path } = checked.error.issues[0]!
  return path.length === 0
    ? 'it is not a JSON object'
    : `"${path.join('.')}" is not what ${agent} expects there`
}

/** Hooks are there, and the agent was told to run none. */
export function isSwitchedOff(text: string): boolean {
  const { disableAllHooks, hooksConfig } = settingsOf(text)
  return disableAllHooks === true || hooksConfig?.enabled === false
}

export function withHooks(text: string, program: string, agent: HookedAgent): string {
  const wanted = ownEntries(program, agent)
  let edited = text
  for (const [event, entry] of Object.entries(wanted)) {
    const own = ownHooks(edited, program).filter((found) => found.event === event)
    if (own.length === 1 && isSame(own[0]!.entry, entry)) continue
    edited = removed(edited, own)
    edited = change(edited, ['hooks', event, lengthOf(edited, event)], { hooks: [entry] })
  }
  return removed(
    edited,
    ownHooks(edited, program).filter(({ event }) => !Object.hasOwn(wanted, event)),
  )
}

export function withoutHooks(text: string, program: string): string {
  return removed(text, ownHooks(text, program))
}

/** Where our hooks stand, in the order of the text. `group` and `hook` count from 0, as Codex does. */
export function ownHooks(text: string, program: string): PlacedHook[] {
  return Object.entries(settingsOf(text).hooks ?? {}).flatMap(([event, groups]) =>
    groups.flatMap(({ hooks }, group) =>
      hooks.flatMap((entry, hook) => (isOwn(entry.command, program) ? [{ event, group, hook, entry }] : [])),
    ),
  )
}

export interface PlacedHook {
  event: string
  group: number
  hook: number
  entry: { command?: unknown }
}

const hookGroup = z.looseObject({
  hooks: z.array(z.looseObject({ command: z.unknown().optional() })).default([]),
})
const settings = z.looseObject({
  hooks: z.record(z.string(), z.array(hookGroup)).optional(),
  disableAllHooks: z.unknown().optional(),
  hooksConfig: z.looseObject({ enabled: z.unknown().optional() }).optional(),
})

function settingsOf(text: string): z.output<typeof settings> {
  return settings.parse(parse(text) ?? {})
}

/** Also one of another data folder whose program is gone: nobody else will tidy it up. */
function isOwn(command: unknown, program: string): boolean {
  const found = typeof command === 'string' ? programOf(command) : null
  return found !== null && (found === program || !existsSync(found))
}

function isSame(found: PlacedHook['entry'], wanted: HookEntry): boolean {
  return Object.entries(wanted).every(([key, value]) => (found as Record<string, unknown>)[key] === value)
}

/** From the last to the first, so that the places of the others hold; what is empty then goes as well. */
function removed(text: string, hooks: PlacedHook[]): string {
  let edited = text
  for (const { event, group, hook } of hooks.toReversed()) {
    const groups = settingsOf(edited).hooks?.[event] ?? []
    const isLast = groups[group]?.hooks.length === 1
    if (!isLast) edited = change(edited, ['hooks', event, group, 'hooks', hook], undefined)
    else if (groups.length > 1) edited = change(edited, ['hooks', event, group], undefined)
    else if (Object.keys(settingsOf(edited).hooks ?? {}).length > 1)
      edited = change(edited, ['hooks', event], undefined)
    else edited = change(edited, ['hooks'], undefined)
  }
  return edited
}

function lengthOf(text: string, event: string): number {
  return settingsOf(text).hooks?.[event]?.length ?? 0
}

function change(text: string, path: JSONPath, value: unknown): string {
  const base = text.trim() === '' ? '{}\n' : text
  return applyEdits(base, modify(base, path, value, { formattingOptions: formatOf(base) }))
}

/** As the rest of the file is written. */
function formatOf(text: string): FormattingOptions {
  const [, indent = '  '] = /\n([ \t]+)"/.exec(text) ?? []
  const insertSpaces = !indent.startsWith('\t')
  return {
    insertSpaces,
    tabSize: insertSpaces ? indent.length : 1,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  }
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
