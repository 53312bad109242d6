import type { EpochMs } from '../../core/clock.ts'
import type { Lock } from '../../core/lock.ts'
import type { Output } from '../output/output.ts'
import type { Column } from '../output/table.ts'
import { renderAge } from '../output/time.ts'

export function showLocks(output: Output, locks: readonly Lock[], now: EpochMs) {
  if (locks.length === 0)
    return output.line('Nothing is locked. Lock something: ./deploy.sh locks take --help')
  output.table([...locks], columnsFor(now))
  for (const { session, warning } of locks) if (warning !== null) output.line(`▲ ${session}: ${warning}`)
}

function columnsFor(now: EpochMs): Column<Lock>[] {
  return [
    { title: 'ID', align: 'right', value: ({ id }) => String(id) },
    { title: 'SESSION', value: ({ session }) => session },
    { title: 'BRANCH', value: ({ branch }) => branch ?? '' },
    { title: 'SINCE', align: 'right', value: ({ startedAt }) => renderAge(startedAt, now) },
    {
      title: 'FILES',
      flexible: true,
      value: ({ files }) => files.map(({ path }) => path || './').join(', '),
    },
    { title: 'NOTE', value: noteOn },
    { title: 'PROJECT', value: ({ root }) => root },
  ]
}

function noteOn({ readyAt, missingSince, refused }: Lock): string {
  const notes = [
    readyAt === null ? '' : 'ready for merge',
    missingSince === null ? '' : 'its session is gone',
    refused.length === 0 ? '' : `waits for ${refused.join(', ')}`,
  ]
  return notes.filter(Boolean).join('; ')
}
