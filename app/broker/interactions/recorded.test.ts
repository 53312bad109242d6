import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readDialog } from '../../agents/dialog.ts'
import { loadLibrary } from '../../agents/library.ts'
import { recordedScreens } from '../../agents/recordings/load.ts'
import { readScreen } from '../../agents/screen.ts'
import { plainRows } from '../../agents/view.ts'
import type { Screen } from '../../core/agent.ts'
import { packageRoot } from '../../core/paths.ts'
import { defaultPolicy, type Conditions, type Effect, type PolicyTier } from '../../core/pattern.ts'
import { decide } from '../../patterns/decide.ts'
import { context, pattern } from '../../patterns/testing.ts'
import { askOfDialog } from './ask.ts'

type Who = PolicyTier | 'generous'

const library = loadLibrary()
const screens = new Map(recordedScreens().map(({ id, screen }) => [id, screen]))
const { rules, allowed } = parse(
  readFileSync(join(packageRoot, 'app/broker/interactions/recorded.yaml'), 'utf8'),
) as { rules: Conditions[]; allowed: Record<Who, string[]> }
const generous = rules.map((conditions, id) => pattern(conditions, { id }))

/** The whole way from what a pane shows to what is done about it; null: nothing is asked there. */
function effectOf(screen: Screen, who: Who): Effect | null {
  const { agent, state } = readScreen(library, screen)
  if (agent === null || (state !== 'permission' && state !== 'question')) return null
  const dialog = readDialog(screen, plainRows(screen), library.get(agent)!.answers, state)
  const place = context({
    cwd: '/home/me/proj',
    projectRoot: '/home/me/proj',
    tier: who === 'generous' ? 'high_level' : who,
  })
  const patterns = who === 'generous' ? generous : []
  return decide(askOfDialog(agent, dialog), place, patterns, defaultPolicy).effect
}

describe.each(Object.keys(allowed) as Who[])('of all recorded screens, decided for %s', (who) => {
  test('those are allowed that may be, and no other', () => {
    const approved = [...screens].filter(([, screen]) => effectOf(screen, who) === 'allow')

    expect(screens.size).toBeGreaterThan(500)
    expect(approved.map(([id]) => id).toSorted()).toEqual(allowed[who].toSorted())
  })
})

describe.each(allowed.generous)('%s, drawn otherwise, is left to a person', (id) => {
  const screen = screens.get(id)!
  const drawn = (rows: readonly string[], height = screen.height): Screen => ({
    ...screen,
    rows: [...rows],
    height,
  })

  test.each([
    '; evil',
    ' && evil',
    ' $(evil)',
    ' | evil',
    ' `evil`',
    ' > ../evil',
    ' …',
    '\u200B',
    ' & evil',
  ])('with %j behind what is asked', (more) => {
    expect(effectOf(drawn(screen.rows.map((row) => lengthened(row, more))), 'generous')).not.toBe('allow')
  })

  test('with what is asked reaching the edge of the window', () => {
    const rows = screen.rows.map((row) => lengthened(row, ' '.repeat(4) + 'x'.repeat(screen.width)))

    expect(effectOf(drawn(rows.map((row) => row.slice(0, screen.width + 40))), 'generous')).not.toBe('allow')
  })

  test('unless nothing about it differs', () => {
    expect(effectOf(drawn(screen.rows.map((row) => lengthened(row, ''))), 'generous')).toBe('allow')
  })

  test.each([0, 1])('from %i rows below its command or address on', (below) => {
    const first = screen.rows.findLastIndex((row) => lengthened(row, ' x') !== row) + below
    const rows = screen.rows.slice(first, screen.rows.findLastIndex((row) => row.trim() !== '') + 1)

    expect(rows.length).toBeGreaterThan(3)
    expect(effectOf(drawn(rows, rows.length), 'generous')).not.toBe('allow')
  })

  test('quoted in an answer above an empty composer', () => {
    const idle = [...screens].find(
      ([name]) => name.startsWith(id.split('/')[0]!) && name.includes('idle'),
    )![1]
    const last = screen.rows.findLastIndex((row) => row.trim() !== '') + 1
    const quoted = screen.rows.slice(Math.max(0, last - 16), last).map((row) => `  ${row}`)
    const composer = idle.rows.slice(-12)
    const page = { ...idle, rows: [...quoted, ...composer], height: quoted.length + composer.length }

    expect(effectOf(page, 'generous')).not.toBe('allow')
  })
})

/** The row with more behind the command or address in it, in a frame that stays where it is. */
function lengthened(row: string, more: string): string {
  const put = (text: string) =>
    text.replace(
      asked,
      (_all, what: string, room: string) => what + more + room.slice(Math.min(room.length, more.length)),
    )
  const colourless = stripVTControlCharacters(row)
  return asked.test(row) || !asked.test(colourless) ? put(row) : put(colourless)
}

const asked = /(touch [\w.]+(?:; sleep \d+)?|https:\/\/example\.com\/(?:page)?)( *)/u
