import { describe, expect, test } from 'vitest'
import { openRecorder } from '../../testing/recorder.ts'
import { openHost, startTmux } from '../../testing/tmux.ts'
import { waitFor } from '../../testing/wait-for.ts'

describe('guards', () => {
  test('a paste into a dead pane is refused, and tmux lives', async () => {
    await using server = await startTmux('set -g remain-on-exit on')
    await using host = openHost(server)
    const pane = await server.open({ name: 'a', command: ['sleep', '0.3'] })
    const look = await host.look(pane)
    await waitFor(async () => (await host.look(pane)).dead, 'the end of the program')

    const results = [await host.paste(look, 'x', 'm'), await host.paste(await host.look(pane), 'x', 'm')]

    expect(results).toEqual(['refused', 'refused'])
    expect(await server.run('list-sessions', '-F', '#{session_name}')).toContain('a')
  })

  test('nothing goes to a pane whose keys are copied to others', async () => {
    await using server = await startTmux()
    await using host = openHost(server)
    const { pane, text } = await openRecorder(server, 'a')
    await server.run('set-option', '-w', '-t', pane.paneId, 'synchronize-panes', 'on')

    expect(await host.submit(await host.look(pane), 'm')).toBe('refused')
    expect(await text()).toBe('')
  })

  test.each(['Escap', 'enter', 'rm -rf', ''])('%j is no key: tmux would type its letters', async (key) => {
    await using server = await startTmux()
    await using host = openHost(server)
    const { pane } = await openRecorder(server, 'a')
    const look = await host.look(pane)

    await expect(host.press(look, [key], 'm')).rejects.toMatchObject({ code: 'invalid' })
  })
})
