import { z } from 'zod'

/** What people settle about branches. */
export const branchRulesSchema = z.object({
  /** Nobody works on these directly; a `*` stands for any part of a name. */
  protectedBranches: z.array(z.string().min(1).max(200)).max(100),
  /** Names have to follow the convention. */
  checksNames: z.boolean(),
})
export type BranchRules = z.infer<typeof branchRulesSchema>

/** Always protected, whatever is settled. */
export const alwaysProtected = ['main', 'dev', 'master'] as const

export const usualBranchRules: BranchRules = { protectedBranches: [], checksNames: true }

export const branchPrefixes = ['feature', 'fix', 'refactor'] as const

/** What is wrong with a branch as a sentence for whoever wants to work on it; null when nothing is. */
export function faultOfBranch(branch: string, rules: BranchRules, now: Date): string | null {
  const example = exampleFor(branch, now)
  if (isProtected(branch, rules)) {
    return `"${branch}" is a protected branch: nobody works on it directly. Make one of your own first: git checkout -b ${example}`
  }
  if (!isRefName(branch)) {
    return `${JSON.stringify(branch)} can't be the name of a branch. A good one would be ${example}.`
  }
  if (!rules.checksNames) return null
  const why = faultOfName(branch)
  if (why === null) return null
  return `The branch "${branch}" does not follow feature|fix|refactor/description-MMDD: ${why}. For example: ${example}`
}

/** Compared without regard to case: on some file systems `Main` and `main` are the same branch. */
export function isProtected(branch: string, { protectedBranches }: BranchRules): boolean {
  const name = branch.replace(/^refs\/heads\//, '').toLowerCase()
  return [...alwaysProtected, ...protectedBranches].some((pattern) => fits(name, pattern.toLowerCase()))
}

function fits(name: string, pattern: string): boolean {
  const [first = '', ...others] = pattern.split('*')
  if (others.length === 0) return name === first
  if (!name.startsWith(first)) return false
  let at = first.length
  for (const [index, part] of others.entries()) {
    if (index === others.length - 1) return name.length - part.length >= at && name.endsWith(part)
    const found = name.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return true
}

const namePattern = /^([^/]+)\/(.+)-(\d+)$/

/** null: the name is as it should be. */
function faultOfName(branch: string): string | null {
  const slash = branch.indexOf('/')
  const prefix = slash < 0 ? '' : branch.slice(0, slash)
  if (!branchPrefixes.some((known) => known === prefix))
    return 'it begins with none of feature/, fix/, refactor/'
  const [, , description, digits] = namePattern.exec(branch) ?? []
  if (description === undefined || digits === undefined)
    return 'it does not end in -MMDD, the day of its beginning'
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(description)) {
    return `"${description}" may have letters, digits, dots, dashes and underscores only`
  }
  return isDay(digits) ? null : `${digits} is no day of a year (month and day, as in 0131)`
}

const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** The year is not told, so February may have 29 days. */
function isDay(digits: string): boolean {
  if (digits.length !== 4) return false
  const longest = longestMonths[Number(digits.slice(0, 2)) - 1]
  const day = Number(digits.slice(2))
  return longest !== undefined && day >= 1 && day <= longest
}

/** The rules of `git check-ref-format` that a name of one line can break, and no option of git. */
function isRefName(branch: string): boolean {
  // eslint-disable-next-line no-control-regex -- git refuses control characters in names
  if (
    branch === '' ||
    branch === '@' ||
    branch.length > 200 ||
    /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\//.test(branch)
  )
    return false
  const parts = branch.split('/')
  return (
    !branch.startsWith('-') &&
    parts.every((part) => part !== '' && !part.startsWith('.') && !/\.(lock)?$/.test(part))
  )
}

/** The same description under a good name, where there is one. */
function exampleFor(branch: string, now: Date): string {
  const last = branch.split('/').at(-1) ?? ''
  const words = last
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/(-\d+)?-*$/, '')
    .replace(/^-+/, '')
  const known = branchPrefixes.find((prefix) => branch.startsWith(`${prefix}/`)) ?? 'feature'
  const isTelling = words !== '' && !alwaysProtected.some((name) => name === words) && words.length <= 60
  const day = `${String(now.getMonth() + 1).padStart(2, '0')}${String(now.getDate()).padStart(2, '0')}`
  return `${known}/${isTelling ? words : 'fix-login'}-${day}`
}
