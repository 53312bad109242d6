import { z } from 'zod'
import type { EpochMs } from '../core/clock.ts'
import { defaultPolicy, policySchema } from '../core/pattern.ts'
import { fromJson, toJson } from './columns.ts'
import { appendEvent } from './events.ts'
import type { Db } from './schema.ts'

/**
 * What is decided without a person. `automatic` false: nothing at all. `discovered` says what a policy means for
 * sessions that nobody gave a tier: they were there before Architect, so by default only rules of one's own
 * answer for them.
 */
export const permissionsSchema = z.object({
  automatic: z.boolean(),
  discovered: z.enum(['rules_only', 'as_workers']),
  policy: policySchema,
})
export type Permissions = z.infer<typeof permissionsSchema>

export const defaultPermissions: Permissions = {
  automatic: true,
  discovered: 'rules_only',
  policy: defaultPolicy,
}

/** What cannot be read, from an older release or by hand, is not guessed: then nothing is automatic. */
export async function getPermissions(db: Db): Promise<Permissions> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst()
  if (!row) return defaultPermissions
  const read = permissionsSchema.safeParse(fromJson(row.value))
  return read.success ? read.data : { ...defaultPermissions, automatic: false }
}

export async function setPermissions(db: Db, permissions: Permissions, now: EpochMs): Promise<void> {
  const columns = { value: toJson<unknown>(permissions), updated_at: now }
  await db
    .insertInto('settings')
    .values({ key, ...columns })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(columns))
    .execute()
  appendEvent(db, { at: now, noun: 'queue', nounId: '', type: key, data: { ...permissions } })
}

const key = 'permissions'
