import { describe, expect, test } from 'vitest'
import type { Look, PaneRef, SessionHost } from '../core/host.ts'

/** A host with the means to play the other parties: the agent in a pane, and a person. */
export interface HostWorld extends AsyncDisposable {
  host: SessionHost
  /** A pane whose agent shows what is typed in its composer and starts a turn on Enter. */
  openAgent(name: string): Promise<PaneRef>
  /** Everything that the agent was sent, pastes in their brackets. */
  received(pane: PaneRef): Promise<string>
  /** What a person does: returns when the screen shows it. */
  type(pane: PaneRef, text: string): Promise<void>
  scroll(pane: PaneRef): Promise<void>
  switchInputOff(pane: PaneRef): Promise<void>
  openDialog(pane: PaneRef): Promise<void>
  restartAgent(pane: PaneRef): Promise<void>
  end(pane: PaneRef): Promise<void>
  /** Returns when the pane's look fits. */
  until(pane: PaneRef, fits: (look: Look) => boolean): Promise<Look>
}

const searches = ['^❯', 'Enter to choose', 'esc to interrupt']

/** What every `SessionHost` does, whatever is behind it. */
export function describeHost(name: string, start: () => Promise<HostWorld>): void {
  describe(`${name} host`, () => {
    test('a look has one row per screen row, and where each search matches first', async () => {
      await using world = await start()
      const pane = await world.openAgent('a')

      const look = await world.host.look(pane, searches)

      expect(look.rows).toHaveLength(look.height)
      expect(look).toMatchObject({ ...pane, sessionName: 'a', dead: false, inMode: false, marker: '' })
      const row = look.rows.findIndex((text) => text.startsWith('❯'))
      expect(look.searches).toEqual({ '^❯': row, 'Enter to choose': null, 'esc to interrupt': null })
    })

    test('a paste arrives in brackets without Enter, and leaves its marker', async () => {
      await using world = await start()
      const pane = await world.openAgent('a')
      const look = await world.host.look(pane, searches)

      const result = await world.host.paste(look, 'one\n\ttwo é', 'typed.t.0')
      const after = await world.until(pane, ({ rows }) => rows.some((row) => row.includes('two é')))

      expect(result).toBe('done')
      expect(after.marker).toBe('typed.t.0')
      expect(await world.received(pane)).toBe('\u001b[200~one\n\ttwo é\u001b[201~')
    })

    test('the same paste sent again is refused: its marker has moved on', async () => {
      await using world = await start()
      const pane = await world.openAgent('a')
      const look = await world.host.look(pane, searches)
      await world.host.paste(look, 'once', 'typed.t.0')
      await world.until(pane, ({ rows }) => rows.some((row) => row.includes('once')))

      const again = await world.host.paste(look, 'once', 'typed.t.0')

      expect(again).toBe('refused')
      expect(await world.received(pane)).toBe('\u001b[200~once\u001b[201~')
    })

    test('submit presses one Enter, press the named keys, in their order', async () => {
      await using world = await start()
      const pane = await world.openAgent('a')
      await world.type(pane, 'draft')

      const pressed = await world.host.press(await world.host.look(pane), ['C-u', 'Escape'], 'm1')
      const empty = await world.until(pane, ({ rows }) => !rows.some((row) => row.includes('draft')))
      const submitted = await world.host.submit(empty, 'm2')

      expect([pressed, submitted]).toEqual(['done', 'done'])
      await world.until(pane, ({ marker }) => marker === 'm2')
      expect((await world.received(pane)).slice(-3)).toBe('\u0015\u001b\r')
    })

    test.each<[string, (world: HostWorld, pane: PaneRef) => Promise<void>]>([
      ['a person typed', (world, pane) => world.type(pane, 'x')],
      ['somebody scrolls', (world, pane) => world.scroll(pane)],
      ["the pane's input was switched off", (world, pane) => world.switchInputOff(pane)],
      ['a dialog opened', (world, pane) => world.openDialog(pane)],
      ['another process runs', (world, pane) => world.restartAgent(pane)],
    ])('nothing is sent when, since the look, %s', async (_what, happen) => {
      await using world = await start()
      const pane = await world.openAgent('a')
      const look = await world.host.look(pane, searches)
      await happen(world, pane)
      const before = await world.received(pane)

      const results = [
        await world.host.paste(look, 'text', 'm'),
        await world.host.submit(look, 'm'),
        await world.host.press(look, ['Escape'], 'm'),
      ]

      expect(results).toEqual(['refused', 'refused', 'refused'])
      expect(await world.received(pane)).toBe(before)
      expect((await world.host.look(pane)).marker).toBe('')
    })

    test('a marker alone is set over a draft, and makes an earlier look worthless', async () => {
      await using world = await start()
      const pane = await world.openAgent('a')
      const look = await world.host.look(pane, searches)
      await world.type(pane, 'x')
      const before = await world.received(pane)

      const first = await world.host.mark(look, 'person..0.2')
      const again = await world.host.mark(look, 'person..0.3')
      const pasted = await world.host.paste({ ...(await world.host.look(pane)), marker: '' }, 'text', 'm')

      expect([first, again, pasted]).toEqual(['done', 'refused', 'refused'])
      expect((await world.host.look(pane)).marker).toBe('person..0.2')
      expect(await world.received(pane)).toBe(before)
    })

    test('a sweep lists every pane and captures only wanted ones that can have changed', async () => {
      await using world = await start()
      const [a, b] = [await world.openAgent('a'), await world.openAgent('b')]

      const first = await world.host.sweep(({ sessionName }) => sessionName === 'a')

      expect(first.panes.map(({ paneId }) => paneId).toSorted()).toEqual([a.paneId, b.paneId].toSorted())
      expect(first.changed.map(({ paneId }) => paneId)).toEqual([a.paneId])
    })

    test('a pane that is gone is not found, by a look and by every step', async () => {
      await using world = await start()
      const [pane, other] = [await world.openAgent('a'), await world.openAgent('b')]
      const look = await world.host.look(pane)
      await world.end(pane)

      const gone = expect.objectContaining({ code: 'not_found' })
      await expect(world.host.look(pane)).rejects.toEqual(gone)
      await expect(world.host.history(pane, 5)).rejects.toEqual(gone)
      await expect(world.host.paste(look, 'text', 'm')).rejects.toEqual(gone)
      await expect(world.host.submit(look, 'm')).rejects.toEqual(gone)
      expect((await world.host.list()).map(({ paneId }) => paneId)).toEqual([other.paneId])
    })

    test.each(['\u0000', '\u001b[201~', '\r', '\u009b'])(
      'a text with %j is refused as invalid',
      async (bad) => {
        await using world = await start()
        const look = await world.host.look(await world.openAgent('a'))

        await expect(world.host.paste(look, `a${bad}b`, 'm')).rejects.toMatchObject({ code: 'invalid' })
      },
    )

    test('a second session of the same name is a conflict; a killed one is gone, its longer namesake lives', async () => {
      await using world = await start()
      const session = { dir: '/', command: ['cat'] }
      await world.host.create({ ...session, name: 'work' })
      await world.host.create({ ...session, name: 'work-2' })

      const twice = world.host.create({ ...session, name: 'work' })
      await expect(twice).rejects.toMatchObject({ code: 'conflict' })
      await world.host.kill('work')

      expect((await world.host.list()).map(({ sessionName }) => sessionName)).toEqual(['work-2'])
      await expect(world.host.kill('work')).rejects.toMatchObject({ code: 'not_found' })
    })
  })
}
