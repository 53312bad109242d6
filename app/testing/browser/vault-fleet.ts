import { createServiceAccount, type ServiceAccountWords } from '../../db/service-account/write.ts'
import type { Web } from '../../http/web.ts'
import { changeSecret, createSecret, revealSecret } from '../../vault/secrets.ts'
import { createSshKey, rotateSshKey } from '../../vault/ssh/service-key.ts'

const dayMs = 86_400_000

/** Secrets for the panels: of several kinds, one that is over, one that ends soon, one with a history. */
export async function populateVault({ database, vault }: Web, now: number): Promise<void> {
  const user = (name: string, at: number) => ({
    database: database.by({ kind: 'user', name, address: '192.168.1.20' }),
    vault,
    by: { kind: 'user', name, address: '192.168.1.20' } as const,
    clock: { now: () => at, sleep: () => Promise.resolve() },
  })
  const ada = user('ada', now - 90 * dayMs)
  const github = await createSecret(ada, {
    name: 'GITHUB_TOKEN',
    value: 'ghp_of-the-panels-1',
    category: 'token',
    description: 'Pushes and opens pull requests, for the workers',
    expiresAt: now + 5 * dayMs,
  })
  await changeSecret(user('ada', now - 30 * dayMs), github.id, { value: 'ghp_of-the-panels-2' })
  await revealSecret(user('grace', now - 3_600_000), github.id)
  await createSecret(ada, {
    name: 'NPM_TOKEN',
    value: 'npm-of-the-panels',
    category: 'token',
    expiresAt: now - dayMs,
  })
  await createSecret(ada, {
    name: 'deploy key of the shop',
    value: '-----BEGIN KEY-----\nof-the-panels\n-----END KEY-----',
    category: 'ssh_key',
  })
  await createSshKey(ada)
  await rotateSshKey(user('grace', now - dayMs))
  await database.write(async (db) => {
    for (const account of accountsWith(github.id)) await createServiceAccount(db, account, 'ada', now - dayMs)
  })
}

/** Of each status; one for all nodes, one without a secret. */
function accountsWith(secretId: number): ServiceAccountWords[] {
  const bot = { loginName: 'shop-bot', description: '', secretId }
  return [
    { ...bot, service: 'github', node: '', status: 'active', description: 'Pushes for the workers' },
    {
      ...bot,
      service: 'anthropic',
      loginName: 'team@shop.example',
      node: 'pi-1',
      status: 'limited',
      secretId: null,
    },
    { ...bot, service: 'npm', node: 'pi-1', status: 'suspended' },
    { ...bot, service: 'openai', node: 'pi-2', status: 'closed' },
  ]
}
