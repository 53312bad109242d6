import type { TestSpecification } from 'vitest/node'
import { BaseSequencer } from 'vitest/node'

/** Whole systems take tens of seconds, browsers and kills the most; everything else fits into the gaps behind them. */
const long = ['/app/testing/browser/', '/app/testing/chaos/', '/app/testing/e2e/']

/** Starts the files first that take the longest, so that none of them runs alone at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => rank(one) - rank(other))
  }
}

function rank({ moduleId }: TestSpecification): number {
  const index = long.findIndex((folder) => moduleId.includes(folder))
  return index === -1 ? long.length : index
}
