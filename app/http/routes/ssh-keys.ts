import { z } from 'zod'
import { listSshKeys } from '../../db/ssh-key/keys.ts'
import { toJson } from '../../json.ts'
import { createSshKey, rotateSshKey } from '../../vault/ssh/service-key.ts'
import { defineRoute, type Access, type Route } from '../route.ts'
import { vaultUser } from './vault/secrets.ts'

const tag = 'SSH keys'
const administrator: Access = { role: 'admin', scope: 'secrets' }

const keySchema = z.object({
  id: z.number(),
  public_key: z.string().describe('the line for authorized_keys'),
  fingerprint: z.string(),
  secret_id: z.number(),
  secret_version: z.number().describe('of the private half, which is in the vault alone'),
  created_at: z.number(),
  created_by: z.string(),
  replaced_at: z.number().nullable().describe('null: the one in use'),
})
const changedSchema = keySchema.extend({ success: z.literal(true) })

const listRoute = defineRoute({
  method: 'get',
  path: '/api/ssh-keys',
  tag,
  summary: 'Public halves of the keys that Architect logs in with, the one in use first',
  access: { role: 'viewer', scope: 'read' },
  reply: z.object({ items: z.array(keySchema) }),
  async handle({ web }) {
    return { items: toJson(await listSshKeys(web.database.kysely)) }
  },
})

const createRoute = defineRoute({
  method: 'post',
  path: '/api/ssh-keys',
  tag,
  summary: 'Make the key; 409 when there is one',
  access: administrator,
  status: 201,
  reply: changedSchema,
  async handle({ web, caller }) {
    return { ...toJson(await createSshKey(vaultUser(web, caller))), success: true as const }
  },
})

const rotateRoute = defineRoute({
  method: 'post',
  path: '/api/ssh-keys/rotate',
  tag,
  summary: 'Another key in its place; the private half before stays in the vault as an earlier version',
  access: administrator,
  reply: changedSchema,
  async handle({ web, caller }) {
    return { ...toJson(await rotateSshKey(vaultUser(web, caller))), success: true as const }
  },
})

export const sshKeyRoutes: readonly Route[] = [listRoute, createRoute, rotateRoute]
