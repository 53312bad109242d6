import { z } from 'zod'
import { branchRulesSchema, usualBranchRules, type BranchRules } from '../core/branch.ts'
import type { EpochMs } from '../core/clock.ts'
import { codeFoldersSchema, usualCodeFolders, type CodeFolders } from '../core/code-folders.ts'
import {
  budgetSchema,
  defaultRetention,
  noBudget,
  retentionSchema,
  type Budget,
  type Retention,
} from '../core/limits.ts'
import { alertRulesSchema, usualAlertRules, type AlertRules } from '../core/node-alert.ts'
import {
  notificationRulesSchema,
  usualNotificationRules,
  type NotificationRules,
} from '../core/notification.ts'
import { reportRatesSchema, usualReportRates, type ReportRates } from '../core/reported-error.ts'
import { fromJson, toJson } from './columns.ts'
import { appendEvent } from './events.ts'
import type { Db } from './schema.ts'

export function getRetention(db: Db): Promise<Retention> {
  return get(db, 'retention', retentionSchema, defaultRetention)
}

export function setRetention(db: Db, retention: Retention, now: EpochMs): Promise<void> {
  return set(db, 'retention', retention, now)
}

export function getBudget(db: Db): Promise<Budget> {
  return get(db, 'budget', budgetSchema, noBudget)
}

export function setBudget(db: Db, budget: Budget, now: EpochMs): Promise<void> {
  return set(db, 'budget', budget, now)
}

export function getBranchRules(db: Db): Promise<BranchRules> {
  return get(db, 'branches', branchRulesSchema, usualBranchRules)
}

export function setBranchRules(db: Db, rules: BranchRules, now: EpochMs): Promise<void> {
  return set(db, 'branches', rules, now)
}

export function getNotificationRules(db: Db): Promise<NotificationRules> {
  return get(db, 'notifications', notificationRulesSchema, usualNotificationRules)
}

export function setNotificationRules(db: Db, rules: NotificationRules, now: EpochMs): Promise<void> {
  return set(db, 'notifications', rules, now)
}

export function getAlertRules(db: Db): Promise<AlertRules> {
  return get(db, 'node_alerts', alertRulesSchema, usualAlertRules)
}

export function setAlertRules(db: Db, rules: AlertRules, now: EpochMs): Promise<void> {
  return set(db, 'node_alerts', rules, now)
}

export function getReportRates(db: Db): Promise<ReportRates> {
  return get(db, 'error_rates', reportRatesSchema, usualReportRates)
}

export function setReportRates(db: Db, rates: ReportRates, now: EpochMs): Promise<void> {
  return set(db, 'error_rates', rates, now)
}

export function getCodeFolders(db: Db): Promise<CodeFolders> {
  return get(db, 'code_folders', codeFoldersSchema, usualCodeFolders)
}

export function setCodeFolders(db: Db, folders: CodeFolders, now: EpochMs): Promise<void> {
  return set(db, 'code_folders', folders, now)
}

/** What a dashboard would keep running, and somebody stopped. */
export async function getStoppedServices(db: Db): Promise<string[]> {
  return (await get(db, 'stopped_services', stoppedSchema, { types: [] })).types
}

export function setStoppedServices(db: Db, types: string[], now: EpochMs): Promise<void> {
  return set(db, 'stopped_services', { types }, now)
}

const stoppedSchema = z.object({ types: z.array(z.string()) })

/** How the dashboard listens, as it wrote it; `null` before its first start. Whoever reads it checks it. */
export async function getDashboardPlace(db: Db): Promise<unknown> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', placeKey).executeTakeFirst()
  return row ? fromJson(row.value) : null
}

/** No event: nobody settled it. */
export async function setDashboardPlace(db: Db, place: object, now: EpochMs): Promise<void> {
  const columns = { value: toJson<unknown>(place), updated_at: now }
  await db
    .insertInto('settings')
    .values({ key: placeKey, ...columns })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(columns))
    .execute()
}

const placeKey = 'dashboard_place'

/** What nobody has settled, or an older release wrote in another shape, is as if it were not there. */
async function get<T>(db: Db, key: string, schema: z.ZodType<T>, otherwise: T): Promise<T> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst()
  const read = schema.safeParse(row && fromJson(row.value))
  return read.success ? read.data : otherwise
}

async function set(db: Db, key: string, value: object, now: EpochMs): Promise<void> {
  const columns = { value: toJson<unknown>(value), updated_at: now }
  await db
    .insertInto('settings')
    .values({ key, ...columns })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(columns))
    .execute()
  appendEvent(db, { at: now, noun: 'queue', nounId: '', type: key, data: { ...value } })
}
