import { randomInt } from 'node:crypto'
import argon2 from 'argon2'
import { passwordLength } from '../core/account.ts'
import { AppError, LimitedError } from '../core/errors.ts'

/** argon2id with 19 MiB, two passes, one lane: the least that OWASP's password cheat sheet allows. */
const cost = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** Throws `invalid` when the password is too short or too long. */
export async function hashPassword(password: string): Promise<string> {
  const { least, most } = passwordLength
  if (password.length < least) throw new AppError('invalid', `A password has at least ${least} characters.`)
  if (password.length > most) throw new AppError('invalid', `A password has at most ${most} characters.`)
  return inTurn(() => argon2.hash(password, cost))
}

/**
 * Whether the password is the one that was hashed. Without a hash (`null`: no such user) the answer is no after
 * the same work, so that its time does not tell who exists. Throws `limited` when too many are waiting.
 */
export async function verifyPassword(hash: string | null, password: string): Promise<boolean> {
  const isPossible = password.length <= passwordLength.most
  const matches = await inTurn(() => argon2.verify(hash ?? nobodysHash, isPossible ? password : ''))
  return matches && isPossible && hash !== null
}

/** Twenty letters and digits in groups of five, without those that look alike: about 99 bits. */
export function randomPassword(): string {
  const letters = Array.from({ length: 20 }, () => alphabet[randomInt(alphabet.length)])
  return letters.join('').match(/.{5}/g)!.join('-')
}

const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Of a password that nobody knows, made with `cost`. */
const nobodysHash =
  '$argon2id$v=19$m=19456,p=1,t=2$o+yaH1e1ImLC2rfg76Oyjg$jCMMcZ3k0bh1/u/PYf8j1A191j4U/YEdHvTETVidsE0'

/** Hashes at the same time, and those that wait for their turn; more would take the memory of a small machine. */
const hashesAtOnce = 2
const hashesWaiting = 50
let running = 0
const waiting: (() => void)[] = []

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (waiting.length >= hashesWaiting) {
    throw new LimitedError('Too many logins at the same time. Try again in a moment.', 2_000)
  }
  if (running >= hashesAtOnce) await new Promise<void>((resolve) => waiting.push(resolve))
  else running += 1
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
}
