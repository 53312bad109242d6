import { Readable } from 'node:stream'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { takeUnpacked, TooLarge } from './decode.ts'
import { itemsOf } from './envelope.ts'
import { reportOfEvent } from './event.ts'

describe('a body', () => {
  const unpack = (body: Readable, encoding: string) =>
    takeUnpacked(body, encoding, (unpacked) => Promise.resolve(unpacked))
  const plain = Buffer.from('hello '.repeat(1_000))

  test.each([
    ['', plain],
    ['gzip', gzipSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['deflate', deflateSync(plain)],
    ['deflate', deflateRawSync(plain)],
  ])('in %j is unpacked', async (encoding, packed) => {
    expect(await unpack(Readable.from([packed]), encoding)).toEqual(plain)
  })

  test('that unpacks to more than is taken costs no more than that', async () => {
    const bomb = gzipSync(Buffer.alloc(500 * 1_048_576)) // some 500 kB
    const before = process.memoryUsage().rss

    await expect(unpack(Readable.from([bomb]), 'gzip')).rejects.toThrow(TooLarge)

    expect(process.memoryUsage().rss - before).toBeLessThan(50e6)
  })

  test('that never ends is read to the limit', async () => {
    let sent = 0
    const endless = Readable.from(
      (function* () {
        for (;;) {
          sent += 65_536
          yield Buffer.alloc(65_536)
        }
      })(),
    )

    await expect(unpack(endless, 'gzip')).rejects.toThrow(TooLarge)

    expect(sent).toBeLessThan(2_000_000)
  })

  test.each([
    ['gzip', 'no gzip'],
    ['compress', 'x'],
    ['constructor', 'x'],
  ])('that is not %s is refused', async (encoding, body) => {
    await expect(unpack(Readable.from([Buffer.from(body)]), encoding)).rejects.toMatchObject({
      code: 'invalid',
    })
  })
})

describe('an envelope', () => {
  test('has items with and without a length, of bytes that may hold newlines', () => {
    const body =
      '{"event_id":"a"}\n{"type":"attachment","length":3}\nx\ny\n{"type":"event"}\n{"message":"m"}\n'

    const items = itemsOf(Buffer.from(body)).map(({ type, payload }) => [type, payload.toString()])

    expect(items).toEqual([
      ['attachment', 'x\ny'],
      ['event', '{"message":"m"}'],
    ])
  })

  test.each([
    ['', 'nothing'],
    ['no json', 'no header'],
    ['{}\n{"type":"event","length":99}\n{}', 'a length beyond its end'],
    ['{}\n{"type":"event","length":-1}\n{}', 'a negative length'],
    ['{}\n[]\n{}', 'a header that is a list'],
    [`{}\n${'{"type":"x"}\n\n'.repeat(300)}`, 'more items than are taken'],
  ])('%#: %s is refused', (body) => {
    expect(() => itemsOf(Buffer.from(body))).toThrow(expect.objectContaining({ code: 'invalid' }) as Error)
  })
})

describe('an event', () => {
  const frames = [
    { filename: 'node:internal', function: 'run', lineno: 1, in_app: false },
    { filename: '/app/src/cart.js', function: 'render', lineno: 41, colno: 18, in_app: true },
    { filename: '/app/node_modules/x.js', function: 'call', lineno: 7, in_app: false },
  ]
  const event = {
    event_id: 'abc',
    server_name: 'pi-1',
    release: '1.0',
    tags: { session: 'dev' },
    exception: {
      values: [
        { type: 'IOError', value: 'no disk' },
        { type: 'TypeError', value: 'x is not a function', stacktrace: { frames } },
      ],
    },
  }

  test('tells what was thrown, where in the own program, and what caused it', () => {
    const { id, report } = reportOfEvent(event, '1')

    expect(id).toBe('abc')
    expect(report).toMatchObject({
      node: 'pi-1',
      errorType: 'TypeError',
      message: 'x is not a function',
      source: '/app/src/cart.js',
      session: 'dev',
      metadata: { project: '1', release: '1.0' },
    })
    expect(report.stack?.split('\n')).toEqual([
      'TypeError: x is not a function',
      '    at call (/app/node_modules/x.js:7)',
      '    at render (/app/src/cart.js:41:18)',
      '    at run (node:internal:1)',
      'Caused by: IOError: no disk',
    ])
  })

  test.each([
    [
      { message: 'hello', level: 'warning' },
      { errorType: 'warning', message: 'hello', stack: null },
    ],
    [{ logentry: { formatted: 'hello 1' } }, { errorType: 'error', message: 'hello 1' }],
    [
      { exception: 'broken', message: 7 },
      { errorType: 'error', message: '(no message)' },
    ],
    [
      { exception: [{ type: 'E' }], tags: [['node', 'n']] },
      { errorType: 'E', message: 'E', node: 'n' },
    ],
    [{ exception: { values: [{ type: 5, stacktrace: { frames: 'x' } }] } }, { errorType: 'error' }],
  ])('%#: of another shape is read as far as it goes', (raw, expected) => {
    expect(reportOfEvent(raw, '1').report).toMatchObject(expected)
  })
})
