import { isDeepStrictEqual } from 'node:util'
import type { Comparison, Expectations } from '../core/test-suite.ts'
import { shown, valueAt, type Outcome } from './outcome.ts'

/** One sentence for each expectation that does not hold; none: all hold. */
export function failuresOf(expectations: Expectations, outcome: Outcome): string[] {
  return Object.entries(expectations).flatMap(([path, expected]) => {
    const value = valueAt(outcome, path)
    return Object.entries(comparisonOf(expected)).flatMap(([name, wanted]) => {
      const failure = comparisons[name as keyof Comparison](value, wanted)
      return failure === null ? [] : [`${path} is ${shown(value)}; expected ${failure}`]
    })
  })
}

function comparisonOf(expected: Expectations[string]): Comparison {
  const isComparison = typeof expected === 'object' && expected !== null && !Array.isArray(expected)
  return isComparison ? expected : { equals: expected }
}

/** null: it holds; otherwise what was wanted. */
type Compare = (value: unknown, wanted: unknown) => string | null

const comparisons: Record<keyof Comparison, Compare> = {
  equals: (value, wanted) => unless(isDeepStrictEqual(value, wanted), shown(wanted)),
  not: (value, wanted) => unless(!isDeepStrictEqual(value, wanted), `anything but ${shown(wanted)}`),
  contains: (value, wanted) => unless(contains(value, wanted), `it to contain ${shown(wanted)}`),
  lacks: (value, wanted) =>
    unless(isContainer(value) && !contains(value, wanted), `a text or list without ${shown(wanted)}`),
  matches: (value, wanted) => {
    const pattern = patternOf(String(wanted))
    if (pattern === null) return `a match for ${String(wanted)}, which is no regular expression`
    return unless(typeof value === 'string' && pattern.test(value), `a text that matches ${String(pattern)}`)
  },
  one_of: (value, wanted) =>
    unless(
      asList(wanted).some((each) => isDeepStrictEqual(value, each)),
      `one of ${shown(wanted)}`,
    ),
  exists: (value, wanted) =>
    unless(
      (value !== undefined) === wanted,
      wanted === true ? 'something to be there' : 'nothing to be there',
    ),
  length: (value, wanted) =>
    unless(lengthOf(value) === wanted, `${shown(wanted)} of them, not ${lengthOf(value)}`),
  at_least: (value, wanted) =>
    unless(typeof value === 'number' && value >= Number(wanted), `at least ${shown(wanted)}`),
  at_most: (value, wanted) =>
    unless(typeof value === 'number' && value <= Number(wanted), `at most ${shown(wanted)}`),
  type: (value, wanted) => unless(typeOf(value) === wanted, `a value of type ${String(wanted)}`),
}

const unless = (holds: boolean, failure: string) => (holds ? null : failure)
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const isContainer = (value: unknown) =>
  typeof value === 'string' || (typeof value === 'object' && value !== null)

/** Of a text a part, of a list an item, of an object some of its fields. */
function contains(value: unknown, wanted: unknown): boolean {
  if (typeof value === 'string') return value.includes(String(wanted))
  if (Array.isArray(value))
    return value.some((item) => isDeepStrictEqual(item, wanted) || isPart(item, wanted))
  return isPart(value, wanted)
}

function isPart(value: unknown, wanted: unknown): boolean {
  if (!isObject(value) || !isObject(wanted)) return false
  return Object.entries(wanted).every(
    ([key, inner]) =>
      Object.hasOwn(value, key) && (isDeepStrictEqual(value[key], inner) || isPart(value[key], inner)),
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function patternOf(source: string): RegExp | null {
  try {
    return new RegExp(source, 'su')
  } catch {
    return null // as the sentence then says
  }
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  return isObject(value) ? Object.keys(value).length : 0
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
