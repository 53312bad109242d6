import type { EpochMs } from '../../core/clock.ts'
import type { Secret } from '../../core/secret.ts'
import type { Output } from '../output/output.ts'
import type { Column } from '../output/table.ts'
import { renderAge } from '../output/time.ts'

export function showSecrets(output: Output, secrets: readonly Secret[], now: EpochMs) {
  if (secrets.length === 0)
    return output.line('The vault is empty. Put something in: ./deploy.sh vault set NAME')
  output.table([...secrets], columnsFor(now))
}

function columnsFor(now: EpochMs): Column<Secret>[] {
  return [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'CATEGORY', value: ({ category }) => category },
    { title: 'VERSION', align: 'right', value: ({ version }) => String(version) },
    { title: 'CHANGED', align: 'right', value: ({ updatedAt }) => renderAge(updatedAt, now) },
    { title: 'EXPIRES', value: ({ expiresAt }) => expiryWords(expiresAt, now) },
    { title: 'ACCESS', align: 'right', value: ({ accessCount }) => String(accessCount) },
    {
      title: 'LAST BY',
      value: ({ lastAccessedAt: at, lastAccessedBy: by }) =>
        at === null ? '' : `${by}, ${renderAge(at, now)} ago`,
    },
    { title: 'DESCRIPTION', flexible: true, value: ({ description }) => description },
  ]
}

function expiryWords(expiresAt: EpochMs | null, now: EpochMs): string {
  if (expiresAt === null) return ''
  const day = new Date(expiresAt).toLocaleDateString('sv')
  return expiresAt <= now ? `▲ ended ${day}` : day
}
