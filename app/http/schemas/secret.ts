import { z } from 'zod'
import { actorKinds } from '../../core/account.ts'
import { secretCategories, secretLimits, vaultActions } from '../../core/secret.ts'

/** A secret as lists show it; its value is never among this. */
export const secretSchema = z.object({
  id: z.number(),
  name: z.string(),
  category: z.enum(secretCategories),
  description: z.string(),
  version: z.number().describe('the number of the version that counts'),
  versions: z.number().describe('as many as are kept'),
  expires_at: z.number().nullable(),
  remind_days: z.number(),
  access_count: z.number(),
  last_accessed_at: z.number().nullable(),
  last_accessed_by: z.string().nullable(),
  created_at: z.number(),
  created_by: z.string(),
  updated_at: z.number(),
  updated_by: z.string(),
})

export const versionSchema = z.object({
  number: z.number(),
  note: z.string().nullable(),
  created_at: z.number(),
  created_by: z.string(),
})

export const deedSchema = z.object({
  seq: z.number(),
  at: z.number(),
  action: z.enum(vaultActions),
  secret_id: z.number().nullable(),
  name: z.string().nullable(),
  version: z.number().nullable(),
  by: z.object({ kind: z.enum(actorKinds), name: z.string(), address: z.string().nullable() }),
  detail: z.string(),
})

const name = z.string().min(1).max(200)
const value = z.string().max(secretLimits.valueChars)

/** What can be said about a secret beside its name and value. */
const words = {
  category: z.enum(secretCategories).optional(),
  description: z.string().max(secretLimits.descriptionChars).optional(),
  expires_at: z.number().int().positive().nullish().describe('epoch ms; null for never'),
  remind_days: z.number().int().min(0).max(secretLimits.remindDays).optional(),
}

export const newSecretBody = z.strictObject({ name, value, ...words })
export const secretChangesBody = z.strictObject({ name: name.optional(), value: value.optional(), ...words })
