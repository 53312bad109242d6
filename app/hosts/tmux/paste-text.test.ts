import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openRecorder } from '../../testing/recorder.ts'
import { openHost, startTmux } from '../../testing/tmux.ts'
import { waitFor } from '../../testing/wait-for.ts'

describe('text', () => {
  test('any text arrives byte for byte, whatever tmux means by its characters', async () => {
    await using server = await startTmux()
    await using host = openHost(server)
    const { pane, text } = await openRecorder(server, 'a')
    let sent = ''
    const words = fc.constantFrom(
      '"',
      '\\',
      '$HOME',
      '`',
      '~',
      ';',
      '#{pane_id}',
      '#(date)',
      '%H',
      '{',
      '}',
      '\n',
      '\t',
      'é',
      '😀',
      '中',
      '-n',
      "'",
      '%if',
      '\\012',
    )
    const printable = fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .map((raw) => raw.replace(/[\u0000-\u001f\u007f-\u009f]/g, ''))

    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(words, printable), { minLength: 1, maxLength: 8 }),
        async (parts) => {
          const prompt = parts.join('')
          fc.pre(prompt !== '')
          expect(await host.paste(await host.look(pane), prompt, 'm')).toBe('done')
          sent += prompt
        },
      ),
      { numRuns: 60 },
    )

    await waitFor(async () => (await text()).length >= sent.length, 'all that was sent')
    expect(await text()).toBe(sent)
  })

  test.each([16_384, 16_385, 1_048_576])('%i bytes arrive whole and leave no buffer behind', async (size) => {
    await using server = await startTmux()
    await using host = openHost(server)
    const { pane, text } = await openRecorder(server, 'a')
    const prompt = 'line é\n'.repeat(size).slice(0, size / 2) + 'x'.repeat(size / 2)

    const look = await host.look(pane)
    const results = [await host.paste(look, prompt, 'first'), await host.paste(look, prompt, 'second')]

    await waitFor(async () => (await text()).length >= prompt.length, 'the whole text')
    expect(await text()).toBe(prompt)
    expect(results).toEqual(['done', 'refused'])
    expect(await server.run('list-buffers')).toBe('')
  })
})
