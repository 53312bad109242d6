import fc from 'fast-check'
import { defaultPolicy } from '../../core/pattern.ts'
import { decide } from '../../patterns/decide.ts'
import { understandShell } from '../../patterns/shell/understand.ts'
import { unwrap } from '../../patterns/shell/unwrap.ts'
import { context, pattern, shellAsk } from '../../patterns/testing.ts'
import { ShellOracle } from './shell-oracle.ts'
import { bentTexts, builtTexts, type FuzzedText, grantedPrograms, mixedTexts } from './shell-texts.ts'

export interface FuzzCounts {
  cases: number
  allowed: number
  /** Allowed texts that real shells have run. */
  executed: number
}

/**
 * Throws fast-check's report of the smallest text that was wrongly allowed: one that is known to run a program
 * which no pattern grants, or that made a real shell call such a program, or call a granted one with other words than
 * were understood.
 */
export function checkDecisions({
  cases,
  executions,
  seed,
}: {
  cases: number
  executions: number
  seed: number
}): FuzzCounts {
  using oracle = new ShellOracle([...grantedPrograms, 'evil', 'wicked', 'good-not', 'goo'])
  const counts: FuzzCounts = { cases: 0, allowed: 0, executed: 0 }
  const place = context({ cwd: oracle.project, projectRoot: oracle.project, tier: 'high_level' })
  const patterns = [
    pattern({ commands: grantedPrograms.map((program) => `${program} ...`) }),
    pattern({ tools: ['write', 'read'], inside: 'project' }, { id: 2 }),
  ]

  const holds = ({ text, hasOther }: FuzzedText) => {
    counts.cases++
    if (decide(shellAsk(text), place, patterns, defaultPolicy).effect !== 'allow') return true
    counts.allowed++
    if (hasOther === true) return false
    if (counts.executed >= executions) return true
    counts.executed++
    return ranAsUnderstood(text, oracle)
  }
  fc.assert(fc.property(fc.oneof(builtTexts, bentTexts, mixedTexts), holds), { numRuns: cases, seed })
  return counts
}

function ranAsUnderstood(text: string, oracle: ShellOracle): boolean {
  const { commands } = unwrap(understandShell(text, [oracle.project]))
  const understood = commands.map(({ words }) => words)
  return (['bash', 'sh'] as const).every((shell) =>
    oracle
      .run(text, shell)
      .every((argv) =>
        understood.some(
          (words) =>
            words.some(({ glob, home }) => glob || home) ||
            (words.length === argv.length &&
              words.every(({ value }, index) => value === null || value === argv[index])),
        ),
      ),
  )
}
