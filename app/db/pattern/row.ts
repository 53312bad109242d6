import type { Selectable } from 'kysely'
import type { Pattern } from '../../core/pattern.ts'
import { fromJson } from '../columns.ts'
import type { PatternRow } from '../schema.ts'

export function toPattern(row: Selectable<PatternRow>): Pattern {
  return {
    id: row.id,
    state: row.state,
    version: row.pattern_version,
    name: row.name,
    effect: row.effect,
    conditions: fromJson(row.conditions),
    note: row.note,
    madeFrom: row.made_from,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
