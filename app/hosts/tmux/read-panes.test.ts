import { describe, expect, test } from 'vitest'
import { openHost, startTmux } from '../../testing/tmux.ts'
import { waitFor } from '../../testing/wait-for.ts'

describe('what stands on a screen', () => {
  test('rows that imitate the control protocol are rows', async () => {
    await using server = await startTmux()
    await using host = openHost(server)
    const time = Math.floor(Date.now() / 1000)
    // Every end that the commands of the next seconds can have.
    const imitation = `const t=${time};for(let s=0;s<6;s++)for(let n=265;n<465;n++)console.log('%end '+(t+s)+' '+n+' 1');console.log('%exit');setInterval(()=>0,1e6)`
    const pane = await server.open({ name: 'a', height: 1300, command: [process.execPath, '-e', imitation] })
    await waitFor(
      async () => (await server.run('capture-pane', '-p', '-t', pane.paneId)).includes('%exit'),
      'rows',
    )

    for (let round = 0; round < 20; round++) {
      const look = await host.look(pane)

      expect(look.rows).toHaveLength(1300)
      expect(look.rows[0]).toBe(`%end ${time} 265 1`)
      expect((await host.list()).map(({ paneId }) => paneId)).toEqual([pane.paneId])
    }
  })

  test('titles, folders and session names of any characters are read', async () => {
    await using server = await startTmux()
    await using host = openHost(server)
    const pane = await server.open({ name: 'odd "name" ##{x} é 😀', command: ['cat'] })
    const title = `#{pane_id},} %H "é" ${'x'.repeat(3000)}`
    await server.run(
      'select-pane',
      '-t',
      pane.paneId,
      '-T',
      title.replaceAll('#', '##').replaceAll('%', '%%'),
    )

    const [listed] = await host.list()

    expect(listed).toMatchObject({ ...pane, sessionName: 'odd "name" #{x} é 😀', command: 'cat' })
    expect(listed!.title.length).toBeGreaterThan(2900)
  })
})
