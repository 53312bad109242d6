import type { Web } from '../../http/web.ts'
import { changeSecret, createSecret, revealSecret } from '../../vault/secrets.ts'

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
}
