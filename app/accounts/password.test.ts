import { describe, expect, test } from 'vitest'
import { hashPassword, randomPassword, verifyPassword } from './password.ts'

describe('a password', () => {
  test('is stored as argon2id with 19 MiB and two passes, each time with another salt', async () => {
    const [one, two] = [await hashPassword('correct horse'), await hashPassword('correct horse')]

    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,(t=2,p=1|p=1,t=2)\$/)
    expect(two).not.toBe(one)
    expect(await verifyPassword(one, 'correct horse')).toBe(true)
    expect(await verifyPassword(one, 'Correct horse')).toBe(false)
  })

  test.each(['', 'seven77', 'x'.repeat(257)])('of a wrong length is refused (%#)', async (password) => {
    await expect(hashPassword(password)).rejects.toMatchObject({ code: 'invalid' })
  })

  test('that is made up differs from all others', () => {
    const made = Array.from({ length: 500 }, randomPassword)

    expect(new Set(made).size).toBe(500)
  })
})

describe('checking a password', () => {
  test('of nobody is no, and takes the work of somebody, so that its time tells nothing', async () => {
    const hash = await hashPassword('correct horse')

    const nobody = await fastest(() => verifyPassword(null, 'correct horse'))
    const tooLong = await fastest(() => verifyPassword(null, 'x'.repeat(900)))
    const somebody = await fastest(() => verifyPassword(hash, 'wrong horse'))

    expect(await verifyPassword(null, '')).toBe(false)
    expect(Math.min(nobody, tooLong)).toBeGreaterThan(somebody / 3)
  })

  test('is refused when very many wait, instead of taking all memory', async () => {
    const hash = await hashPassword('correct horse')

    const outcomes = await Promise.allSettled(
      Array.from({ length: 80 }, () => verifyPassword(hash, 'correct horse')),
    )
    const refused = outcomes.filter(({ status }) => status === 'rejected')

    expect(refused.length).toBe(28)
    expect(refused[0]).toMatchObject({ reason: { code: 'limited' } })
    expect(await verifyPassword(hash, 'correct horse')).toBe(true)
  })
})

/** Of five runs, in ms. */
async function fastest(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < 5; run++) {
    const startedAt = performance.now()
    await work()
    times.push(performance.now() - startedAt)
  }
  return Math.min(...times)
}
