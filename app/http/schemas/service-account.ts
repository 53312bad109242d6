import { z } from 'zod'
import { serviceAccountLimits, serviceAccountStatuses } from '../../core/service-account.ts'

const line = z
  .string()
  .trim()
  .max(serviceAccountLimits.nameChars)
  .regex(/^[^\p{C}]*$/u, { error: 'must be one line of text' })
const someLine = line.min(1, { error: 'must not be empty' })
/** What a form sends for none. */
const secretId = z.union([z.number().int().positive(), z.null()])

export const newAccountBody = z.strictObject({
  service: someLine,
  login_name: someLine,
  node: line.default(''),
  status: z.enum(serviceAccountStatuses).default('active'),
  description: z.string().max(serviceAccountLimits.descriptionChars).default(''),
  secret_id: secretId.default(null),
})

export const accountChangesBody = z.strictObject({
  service: someLine.optional(),
  login_name: someLine.optional(),
  node: line.optional(),
  status: z.enum(serviceAccountStatuses).optional(),
  description: z.string().max(serviceAccountLimits.descriptionChars).optional(),
  secret_id: secretId.optional(),
  version: z.number().int().positive().optional(),
})
