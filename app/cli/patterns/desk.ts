import { resolve } from 'node:path'
import {
  ruleFromInteraction,
  tryNewRule,
  tryRule,
  type RuleWish,
} from '../../broker/interactions/new-rule.ts'
import type { InteractionId } from '../../core/interaction.ts'
import type { NewPattern, PatternId } from '../../core/pattern.ts'
import { advancePattern, createPattern, editPattern } from '../../db/pattern/change.ts'
import { getPattern, listPatterns, versionsOf } from '../../db/pattern/read.ts'
import { getPermissions, setPermissions, type Permissions } from '../../db/permissions.ts'
import type { Db } from '../../db/schema.ts'
import { dryRunJson, patternJson, patternWithVersionsJson } from '../../http/interaction-json.ts'
import type { DryRunJson, PatternJson, PatternWithVersionsJson } from '../../http/schemas/interaction.ts'
import type { Records } from '../../records.ts'
import { UsageError } from '../failure.ts'
import { personHere } from '../person.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import { requirePerson } from '../require-person.ts'
import type { Sides } from '../with.ts'

/** The rules of one machine, in the words of the API. */
export interface PatternDesk {
  /** A project's folder, absolute. What is relative only this machine knows. */
  folder: (given: string) => string
  /** The newest first. */
  list(): Promise<PatternJson[]>
  show(id: PatternId): Promise<PatternWithVersionsJson>
  /** A draft. */
  add(rule: NewPattern): Promise<PatternJson>
  /** A draft. */
  addFrom(id: InteractionId, wish: RuleWish): Promise<PatternJson>
  /** The next version after the one that was looked at, a draft again. */
  edit(id: PatternId, rule: NewPattern, version: number): Promise<PatternJson>
  /** Only the version that was looked at. */
  enable(id: PatternId, version: number): Promise<PatternJson>
  disable(id: PatternId): Promise<PatternJson>
  remove(id: PatternId): Promise<PatternJson>
  /** What a stored rule would have changed. */
  tryOut(id: PatternId): Promise<DryRunJson>
  /** The same of one that is not stored, in the place of `replaces`. */
  tryNew(rule: NewPattern, replaces: PatternId | null): Promise<DryRunJson>
  permissions(): Promise<Permissions>
  settle(permissions: Permissions): Promise<Permissions>
}

export const patternDesks: Sides<PatternDesk> = { local: localPatterns, remote: remotePatterns }

function localPatterns(records: Records): PatternDesk {
  const { database, clock } = records
  const db = database.kysely
  const by = personHere()
  /** Whoever decides at this moment hears of it. */
  const change = async <T>(work: (db: Db) => Promise<T>): Promise<T> => {
    await requirePerson(records)
    const done = await database.by(by).write(work)
    await database.bus.notify('sessions')
    return done
  }
  const advance = async (id: PatternId, event: 'enable' | 'disable' | 'delete', version?: number) =>
    patternJson(await change((tx) => advancePattern(tx, id, event, clock.now(), version)))
  return {
    folder: (given) => resolve(given),
    list: async () => (await listPatterns(db)).map(patternJson),
    show: async (id) => patternWithVersionsJson(await getPattern(db, id), await versionsOf(db, id)),
    async add(rule) {
      const origin = { createdBy: by.name, madeFrom: null }
      return patternJson(await change((tx) => createPattern(tx, rule, origin, clock.now())))
    },
    async addFrom(id, wish) {
      await requirePerson(records)
      return patternJson(await ruleFromInteraction({ database, clock }, id, wish, by))
    },
    async edit(id, rule, version) {
      const words = { ...rule, version }
      return patternJson(await change((tx) => editPattern(tx, id, words, by.name, clock.now())))
    },
    enable: (id, version) => advance(id, 'enable', version),
    disable: (id) => advance(id, 'disable'),
    remove: (id) => advance(id, 'delete'),
    tryOut: async (id) => dryRunJson(await tryRule(database, await getPattern(db, id))),
    tryNew: async (rule, replaces) => dryRunJson(await tryNewRule(database, rule, replaces)),
    permissions: () => getPermissions(db),
    async settle(permissions) {
      await change((tx) => setPermissions(tx, permissions, clock.now()))
      return permissions
    },
  }
}

function remotePatterns(dashboard: Dashboard): PatternDesk {
  const path = '/api/claude/patterns'
  const permissionsPath = '/api/claude/permissions'
  const change = async (method: 'POST' | 'PUT' | 'DELETE', where: string, body?: object) =>
    (await dashboard.send<{ pattern: PatternJson }>(method, where, body)).pattern
  return {
    folder: (given) => folderThere(dashboard, given),
    list: async () => (await dashboard.get<{ items: PatternJson[] }>(path)).items,
    show: (id) => dashboard.get<PatternWithVersionsJson>(`${path}/${id}`),
    add: (rule) => change('POST', path, rule),
    addFrom: (id, wish) => change('POST', `/api/claude/interactions/${id}/create-pattern`, wish),
    edit: (id, rule, version) => change('PUT', `${path}/${id}`, { ...rule, version }),
    enable: (id, version) => change('PUT', `${path}/${id}`, { enabled: true, version }),
    disable: (id) => change('PUT', `${path}/${id}`, { enabled: false }),
    remove: (id) => change('DELETE', `${path}/${id}`),
    tryOut: (id) => dashboard.get<DryRunJson>(`${path}/${id}/dry-run`),
    tryNew: (rule, replaces) =>
      dashboard.send<DryRunJson>('POST', `${path}/dry-run`, {
        ...rule,
        ...(replaces !== null && { replaces }),
      }),
    permissions: () => dashboard.get<Permissions>(permissionsPath),
    settle: (permissions) => dashboard.send<Permissions>('PUT', permissionsPath, permissions),
  }
}

function folderThere({ url }: Dashboard, given: string): string {
  if (given.startsWith('/')) return given
  throw new UsageError(`Name the project by its folder on the machine of ${url}: --project /home/…`)
}
