import { once } from 'node:events'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PasteFilter } from './paste.ts'

const paste = (text: string) => `\u001b[200~${text}\u001b[201~`

async function typed(filter: PasteFilter, ...chunks: (string | Buffer)[]): Promise<string> {
  let seen = ''
  filter.on('data', (chunk: Buffer) => {
    seen += chunk.toString()
  })
  for (const chunk of chunks) filter.write(chunk)
  filter.end()
  await once(filter, 'end')
  return seen
}

describe('PasteFilter', () => {
  test('keys go through as they are, Escape and arrows too', async () => {
    const filter = new PasteFilter()

    expect(await typed(filter, 'os: ab\u001b[D\u001b[20~\u001b', 'c\r')).toBe(
      'os: ab\u001b[D\u001b[20~\u001bc\r',
    )
  })

  test('a paste of one line is typed text, without the Enter behind it', async () => {
    const filter = new PasteFilter()

    expect(await typed(filter, paste('fix\tthe bug\r'))).toBe('fix    the bug')
  })

  test('a paste of several lines never sends a line, and comes back whole', async () => {
    const filter = new PasteFilter()

    const line = await typed(filter, 'os: ', paste('one\r\ttwo\r\nthree\n'), ' and more')

    expect(line).toBe('os: [paste 1: 3 lines] and more')
    expect(filter.expand(line)).toBe('os: one\n\ttwo\nthree and more')
  })

  test('text with $& in a paste comes back as it was', async () => {
    const filter = new PasteFilter()

    const line = await typed(filter, paste('$& $1\n$$'))

    expect(filter.expand(line)).toBe('$& $1\n$$')
  })

  test('it does not matter where the chunks are cut, in a marker or in a letter', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.nat(60), { maxLength: 6 }), async (cuts) => {
        const bytes = Buffer.from(`os: é${paste('größe\n日本\n🙂')}ü`)
        const places = [...cuts.filter((cut) => cut !== 7 && cut < bytes.length), bytes.length].sort(
          (a, b) => a - b,
        )
        const filter = new PasteFilter()

        const line = await typed(
          filter,
          ...places.map((end, index) => bytes.subarray(places[index - 1] ?? 0, end)),
        )

        expect(filter.expand(line)).toBe('os: égröße\n日本\n🙂ü')
      }),
    ))
})
