import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { AppError, messageOf } from '../core/errors.ts'
import { suiteLimits, testSuiteSchema, type TestSuite } from '../core/test-suite.ts'

/** Reads a suite in YAML or JSON, which YAML contains. Throws `invalid` with every place where it is wrong. */
export function loadSuite(path: string): TestSuite {
  return parseSuite(readText(path), path)
}

/** Throws `invalid`. */
export function parseSuite(text: string, path: string): TestSuite {
  const read = testSuiteSchema.safeParse(parseYaml(text, path))
  if (read.success) return read.data
  const places = read.error.issues.slice(0, mostPlaces).map(sentenceOf)
  throw new AppError('invalid', [`${path} is no test suite:`, ...places].join('\n'))
}

const mostPlaces = 10

function readText(path: string): string {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    throw new AppError('invalid', `${path} cannot be read: ${messageOf(error)}.`, { cause: error })
  }
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) throw new AppError('invalid', `${path} is no file.`)
    if (stat.size > suiteLimits.fileBytes) throw new AppError('invalid', `${path} is longer than 1 MB.`)
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

/** References to references (`*a`) could unfold to more than memory holds. */
const mostAliases = 100

function parseYaml(text: string, path: string): unknown {
  try {
    return parse(text, { maxAliasCount: mostAliases, merge: true })
  } catch (error) {
    throw new AppError('invalid', `${path} is no YAML: ${messageOf(error)}`, { cause: error })
  }
}

/** A step may be of five kinds: what is said is about the kind that it names. */
function sentenceOf(issue: z.core.$ZodIssue): string {
  const nearest = issue.code === 'invalid_union' ? nearestOf(issue) : null
  if (nearest) return sentenceOf({ ...nearest, path: [...issue.path, ...nearest.path] })
  return `  ${issue.path.map(String).join('.') || 'the file'}: ${issue.message}`
}

function nearestOf({ errors }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue | null {
  const isOther = (issues: readonly z.core.$ZodIssue[]) =>
    issues.some(({ code }) => code === 'unrecognized_keys')
  const fitting = errors.filter((issues) => issues.length > 0)
  const [nearest] = fitting.filter((issues) => !isOther(issues))
  return nearest?.[0] ?? fitting[0]?.[0] ?? null
}
