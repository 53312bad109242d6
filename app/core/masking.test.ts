import { afterEach, describe, expect, test } from 'vitest'
import { maskText, maskTexts, maskValues, secretsIn, unfinishedFrom } from './masking.ts'

const owner = Symbol('test')
const token = 'ghp_p1anted-value/0123+456'
afterEach(() => maskValues(owner, []))

describe('a value is masked', () => {
  test.each([
    ['as it is', `token=${token};`],
    ['alone', token],
    ['twice', `${token} ${token}`],
    ['in base64', `Basic ${Buffer.from(token).toString('base64')}`],
    ['in base64url', Buffer.from(token).toString('base64url')],
    ['in base64 behind one letter', Buffer.from(`x${token}y`).toString('base64')],
    ['in base64 behind two letters', Buffer.from(`ab${token}yz`).toString('base64')],
    ['in base64 behind a name', Buffer.from(`ann:${token}`).toString('base64')],
    ['in an address', `https://x/?t=${encodeURIComponent(token)}&y=1`],
    ['broken over two rows of a screen', `the token is ghp_p1anted-val\nue/0123+456 and more`],
    ['broken in a box', `│ ghp_p1anted-val │\n│ ue/0123+456     │`],
    ['broken in rows as JSON', JSON.stringify(['x ghp_p1anted-val', 'ue/0123+456 y'])],
    ['broken in a text as JSON', JSON.stringify({ text: 'ghp_p1anted-val\nue/0123+456' })],
  ])('%s', (_how, text) => {
    maskValues(owner, [{ name: 'TOKEN', value: token }])

    const masked = maskText(text)

    expect(masked).toContain('[secret TOKEN]')
    expect(squeezed(masked)).not.toMatch(/p1anted|0123|MDEyMz/)
    expect(secretsIn(text)).toEqual(['TOKEN'])
  })

  test.each([
    ['an address that keeps its slashes', 'a b/c+d-p1anted', 'https://x/a%20b/c%2Bd-p1anted'],
    ['an address in small hexadecimals', 'a b/c+d-p1anted', 'https://x/?q=a%20b%2fc%2bd-p1anted'],
    ['JSON that escapes slashes', 'ab/cd/p1anted', '{"t":"ab\\/cd\\/p1anted"}'],
    ['JSON in ASCII', 'pässwörd-p1anted', '{"t":"p\\u00e4ssw\\u00f6rd-p1anted"}'],
    [
      'base64 in lines',
      'p1anted-value '.repeat(8),
      lined(Buffer.from('p1anted-value '.repeat(8)).toString('base64')),
    ],
    [
      'JSON within JSON',
      'p1anted-one\np1anted-two',
      JSON.stringify(JSON.stringify('p1anted-one\np1anted-two')),
    ],
  ])('in %s', (_how, value, text) => {
    maskValues(owner, [{ name: 'TOKEN', value }])

    const masked = maskText(text)

    expect(masked).toContain('[secret TOKEN]')
    expect(masked).not.toMatch(/p1anted|cDFhbnRlZ/)
  })

  test('in every text of a value, and in names of fields; a date stays one', () => {
    maskValues(owner, [{ name: 'TOKEN', value: token }])
    const at = new Date(0)

    const masked = maskTexts({ [token]: [{ deep: `is ${token}`, at }, 7, null] })

    expect(masked).toEqual({ '[secret TOKEN]': [{ deep: 'is [secret TOKEN]', at }, 7, null] })
  })

  test('that comes in pieces, when the end of what came is held back', () => {
    maskValues(owner, [{ name: 'TOKEN', value: token }])
    const whole = `before ${token} after`

    const masked = Array.from({ length: whole.length }, (_, cut) => {
      const kept = unfinishedFrom(whole.slice(0, cut))
      return maskText(whole.slice(0, kept)) + maskText(whole.slice(kept))
    })

    expect(new Set(masked)).toEqual(new Set(['before [secret TOKEN] after']))
  })

  test('with quotes and newlines, in JSON too, which stays JSON', () => {
    const value = '{"key": "p1anted \\"quoted\\""}\nand more of it'
    maskValues(owner, [{ name: 'a "name"', value }])

    const masked = maskText(JSON.stringify({ text: `before ${value} after` }))

    expect(JSON.parse(masked)).toEqual({ text: 'before [secret a name] after' })
  })

  test('of many lines, also by one of them', () => {
    const value = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nzzzzzzzzzzzzzzzzzzzzzz\n-----END KEY-----'
    maskValues(owner, [{ name: 'KEY', value }])

    expect(maskText('MIIEvQIBADANBgkqhkiG9w0')).toBe('[secret KEY]')
    expect(maskText('-----BEGIN KEY-----')).toBe('-----BEGIN KEY-----')
    expect(maskText(`x ${value} y`)).not.toContain('zzz')
  })

  test('whole, where a shorter one begins alike', () => {
    maskValues(owner, [
      { name: 'SHORT', value: 'p1anted-0' },
      { name: 'LONG', value: 'p1anted-0-and-more' },
    ])

    expect(maskText('p1anted-0-and-more p1anted-0')).toBe('[secret LONG] [secret SHORT]')
  })
})

describe('a text stays as it is', () => {
  test.each([
    ['shorter than eight characters', 's3cr3t', 'the s3cr3t'],
    ['there in part only', token, 'ghp_p1anted-value'],
    ['there in hexadecimals', token, Buffer.from(token).toString('hex')],
    ['there in its last short line', `-----BEGIN-----\n${'x'.repeat(64)}\nc2hvcnQ=`, 'c2hvcnQ='],
    ['a word of ours', 'completed', '{"state":"completed"}'],
    ['a folder', '/home/ann/shop', '/home/ann/shop/src'],
    ['an address without a password', 'http://localhost:3000', 'see http://localhost:3000/'],
  ])('when the value is %s', (_what, value, text) => {
    maskValues(owner, [{ name: 'X', value }])

    expect(maskText(text)).toBe(text)
  })

  test('when the value is no longer one', () => {
    maskValues(owner, [{ name: 'TOKEN', value: token }])
    maskValues(owner, [])

    expect(maskText(token)).toBe(token)
  })

  test('letter by letter around what was masked', () => {
    maskValues(owner, [{ name: 'TOKEN', value: token }])

    expect(maskText(`  a\n b ${token}\n\n  c│`)).toBe('  a\n b [secret TOKEN]\n\n  c│')
  })
})

test('ten thousand values cost a text of a kilobyte little', () => {
  const hidden = Array.from({ length: 10_000 }, (_, index) => ({
    name: `S${index}`,
    value: `p1anted-${index * 7919}`,
  }))
  maskValues(owner, hidden)
  const text = 'Nothing of interest stands here, line after line.\n'.repeat(20)

  const startedAt = performance.now()
  for (let times = 0; times < 1_000; times += 1) maskText(text)

  // Looking for each value by itself takes several seconds for this.
  expect(performance.now() - startedAt).toBeLessThan(1_000)
})

const lined = (text: string) => text.replaceAll(/.{76}/g, '$&\n')
const squeezed = (text: string) => text.replaceAll(/[\s│",[\]]/g, '')
