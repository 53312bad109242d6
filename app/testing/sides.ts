import { Dashboard } from '../cli/remote/dashboard.ts'
import type { Sides } from '../cli/with.ts'
import type { Scope } from '../core/account.ts'
import type { TestDashboard } from './dashboard.ts'

/** Both sides of a noun's desk, for `describe.each`: each test has to hold on either. */
export function bothSides<Work>(
  sides: Sides<Work>,
  dashboard: () => TestDashboard,
  scopes: readonly Scope[],
  role: 'operator' | 'admin' = 'operator',
): { name: string; open: () => Promise<Work> }[] {
  return [
    { name: 'the database', open: () => Promise.resolve(sides.local(dashboard().web)) },
    {
      name: "another machine's dashboard",
      async open() {
        const { token } = await dashboard().token(scopes, role)
        return sides.remote(new Dashboard({ url: dashboard().url, token, saidBy: 'ARCHITECT_URL' }))
      },
    },
  ]
}
