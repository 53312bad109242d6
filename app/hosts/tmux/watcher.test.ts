import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { openHost, startTmux } from '../../testing/tmux.ts'
import { waitFor } from '../../testing/wait-for.ts'

describe('sweeps', () => {
  test('a quiet pane is captured once; a repaint in place, a new pane and a set marker are seen at once', async () => {
    await using server = await startTmux()
    await using host = openHost(server)
    const quiet = await server.open({ name: 'quiet' })
    const repaint = "let n=0;process.stdin.on('data',()=>process.stdout.write('\\r'+(++n)))"
    const busy = await server.open({ name: 'busy', command: [process.execPath, '-e', repaint] })
    await host.sweep(() => true)
    await sleep(3100) // past the grain of the activity of both
    await host.sweep(() => true)
    const idle = await host.sweep(() => true)

    await server.run('send-keys', '-t', busy.paneId, 'Enter')
    const repainted = await waitFor(async () => (await host.sweep(() => true)).changed[0], 'the repaint')
    await host.press(await host.look(quiet), ['Down'], 'm1')
    await server.open({ name: 'new' })
    const after = await host.sweep(() => true)

    expect(idle.changed).toEqual([])
    expect(repainted.paneId).toBe(busy.paneId)
    expect(after.panes.map(({ sessionName, marker }) => `${sessionName} ${marker}`).toSorted()).toEqual([
      'busy ',
      'new ',
      'quiet m1',
    ])
    expect(after.changed.map(({ sessionName }) => sessionName)).toEqual(
      expect.arrayContaining(['new', 'quiet']),
    )
  })

  test('a pane that went away is in no later sweep', async () => {
    await using server = await startTmux()
    await using host = openHost(server)
    await server.open({ name: 'a' })
    await server.open({ name: 'b' })
    await host.sweep(() => true)
    await server.run('kill-session', '-t', '=b')

    const { panes } = await host.sweep(() => true)

    expect(panes.map(({ sessionName }) => sessionName)).toEqual(['a'])
  })
})
