import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { pack, pieceBytes, unpack } from './packing.ts'

test.each([
  ['a word', 'hello'],
  ['nothing', null],
  ['a screen', { rows: Array.from({ length: 200 }, (_, row) => `row ${row} é ☃ \u001b[31m`) }],
])('%s arrives as it was sent', (_what, value) => {
  expect(unpack(pack(value))).toEqual(value)
})

test('what is large goes in pieces that let others pass', () => {
  const random = Array.from({ length: 60_000 }, (_, at) => (at * 2_654_435_761) % 4_294_967_296)

  const packed = pack(random)

  expect(packed).toBeInstanceOf(Array)
  expect((packed as Uint8Array[]).length).toBeGreaterThan(1)
  for (const piece of packed) expect(piece.length).toBeLessThanOrEqual(pieceBytes)
  expect(unpack(packed)).toEqual(random)
})

test.each([
  ['rubbish', 'no json'],
  ['nothing at all', undefined],
  ['pieces that are none', [Buffer.from('not compressed')]],
  ['a bomb', [gzipSync(Buffer.alloc(40 * 1024 * 1024))]],
])('%s is refused as invalid', (_what, packed) => {
  expect(() => unpack(packed)).toThrow(expect.objectContaining({ code: 'invalid' }))
})
