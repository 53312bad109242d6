import type { EpochMs } from '../../core/clock.ts'
import type { Conditions } from '../../core/pattern.ts'
import type { DryRunJson, PatternJson, PatternWithVersionsJson } from '../../http/schemas/interaction.ts'
import type { Output } from '../output/output.ts'
import { renderAge } from '../output/time.ts'

export function showPatterns(output: Output, patterns: PatternJson[], now: EpochMs): void {
  if (patterns.length === 0) {
    return output.line(
      'No rule. Make one of what was asked: ./deploy.sh interactions list --all, then patterns add --from ID',
    )
  }
  output.table(patterns, [
    { title: 'ID', align: 'right', value: ({ id }) => String(id) },
    { title: 'STATE', value: ({ state }) => stateWords[state] },
    { title: 'EFFECT', value: ({ effect }) => effect },
    { title: 'RULE', flexible: true, value: ({ name }) => name },
    { title: 'WHERE', value: ({ conditions }) => whereOf(conditions) },
    { title: 'CHANGED', align: 'right', value: ({ updated_at: at }) => renderAge(at, now) },
    { title: 'BY', value: ({ created_by: by }) => by },
  ])
}

export function showPattern(output: Output, pattern: PatternWithVersionsJson, now: EpochMs): void {
  const { id, version, state, name, effect, conditions, note, made_from: madeFrom } = pattern
  output.line(`Rule ${id} (version ${version}): ${stateWords[state]}`)
  output.line(`${name}\n`)
  output.line(`${effect} when all of this holds`)
  for (const [condition, value] of Object.entries(conditions)) {
    const values = [value ?? []].flat()
    output.line(`  ${condition.padEnd(9)} ${values.join('  or  ')}`)
  }
  if (note !== '') output.line(`\n${note}`)
  if (madeFrom !== null) output.line(`\nMade from interaction ${madeFrom}.`)
  output.line('')
  output.table(pattern.versions, [
    { title: 'VERSION', align: 'right', value: ({ version: each }) => String(each) },
    { title: 'CHANGED', align: 'right', value: ({ created_at: at }) => renderAge(at, now) },
    { title: 'BY', value: ({ created_by: by }) => by },
    { title: 'SAID', flexible: true, value: (each) => `${each.effect} ${each.name}` },
  ])
}

export function showDryRun(output: Output, tried: DryRunJson): void {
  output.line(tried.says)
  if (tried.looked === 0) return output.line('Nothing has been asked yet that it could be tried on.')
  if (tried.cases.length === 0) return
  output.line('')
  output.table(tried.cases, [
    { title: 'ID', align: 'right', value: ({ id }) => `#${id}` },
    { title: 'WITHOUT', value: ({ before }) => before },
    { title: 'WITH IT', value: ({ after }) => after },
    { title: 'WHY', flexible: true, value: ({ reason }) => reason },
    { title: 'CAREFUL', value: remarkOn, paint: output.palette.yellow },
  ])
}

/** A draft decides nothing, which its name alone does not say. */
const stateWords = {
  draft: '◇ draft',
  live: '✓ live',
  off: '– off',
  deleted: '– removed',
} as const

function whereOf({ sessions, tiers, projects, agents }: Conditions): string {
  const folders = projects?.map((folder) => folder.split('/').at(-1) ?? folder)
  return [sessions, tiers, folders, agents].flatMap((each) => each ?? []).join(', ')
}

function remarkOn({ concern, contradicts }: DryRunJson['cases'][number]): string {
  const remarks = [concern === null ? '' : `it ${concern}`, contradicts ? 'a person answered otherwise' : '']
  return remarks.filter(Boolean).join('; ')
}
