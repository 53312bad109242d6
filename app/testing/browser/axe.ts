import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  id: string
  impact: string | null
  nodes: { target: string[]; failureSummary?: string }[]
}

/** The rules that a theme can break. */
export const colourRules = ['color-contrast', 'link-in-text-block']

const everyRule = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/**
 * What axe calls serious or critical on the page as it is now: one line each, with where. Only by these `rules` when
 * they are given.
 */
export async function seriousFindings(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (rules?.length === 0) return []
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(source)
  const runOnly = rules ? { type: 'rule', values: rules } : { type: 'tag', values: everyRule }
  const violations = await page.evaluate<Violation[]>(
    `axe.run(document, ${JSON.stringify({ runOnly, resultTypes: ['violations'] })})
      .then(({ violations }) => violations)`,
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
}
