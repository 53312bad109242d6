import { endsOf } from '../../accounts/timeout.ts'
import { roles, scopes } from '../../core/account.ts'
import { loginsOf } from '../../db/account/logins.ts'
import { listTokens } from '../../db/account/tokens.ts'
import { listUsers } from '../../db/account/users.ts'
import { definePage, type Page } from '../page.ts'
import type { Caller } from '../caller.ts'
import type { Access } from '../route.ts'

/** The parts of the settings that this person may see. */
export function settingsTabs(caller: Caller | null, current: string) {
  const parts = [
    { name: 'account', href: '/settings', words: 'Your account' },
    { name: 'tokens', href: '/settings/tokens', words: 'API tokens' },
    ...(caller?.role === 'admin' ? [{ name: 'users', href: '/settings/users', words: 'Users' }] : []),
    ...(caller?.role === 'admin'
      ? [{ name: 'notifications', href: '/settings/notifications', words: 'Notifications' }]
      : []),
    { name: 'usage', href: '/settings/usage', words: 'Tokens and cost' },
    { name: 'retention', href: '/settings/retention', words: 'Retention' },
    { name: 'system', href: '/settings/system', words: 'System' },
  ]
  return parts.map((part) => ({ ...part, isCurrent: part.name === current }))
}

/** A token that only reads learns nothing about logins and other tokens. */
const owner: Access = { role: 'viewer', scope: 'admin' }

/** Password, theme, and where one is logged in. */
export const accountPage: Page = definePage({
  path: '/settings',
  name: 'account',
  area: 'settings',
  access: owner,
  topics: ['accounts'],
  async load({ web, caller }) {
    const logins = await loginsOf(web.database.kysely, caller!.userId)
    return {
      title: 'Settings',
      tabs: settingsTabs(caller, 'account'),
      logins: logins.map((login) => ({
        ...login,
        isThis: login.id === caller!.session?.id,
        browser: browserName(login.userAgent),
        endsAt: endsOf(login, web.config),
      })),
    }
  },
})

export const tokensPage: Page = definePage({
  path: '/settings/tokens',
  name: 'tokens',
  area: 'settings',
  access: owner,
  topics: ['accounts'],
  async load({ web, caller }) {
    const isAdmin = caller!.role === 'admin'
    const tokens = await listTokens(web.database.kysely, isAdmin ? undefined : caller!.userId)
    return { title: 'API tokens', tabs: settingsTabs(caller, 'tokens'), tokens, isAdmin }
  },
})

export const newTokenPage: Page = definePage({
  path: '/settings/tokens/new',
  name: 'token-form',
  area: 'settings',
  access: owner,
  load: () => Promise.resolve({ title: 'New API token', scopes }),
})

const administrator = { role: 'admin', scope: 'admin' } as const

export const usersPage: Page = definePage({
  path: '/settings/users',
  name: 'users',
  area: 'settings',
  access: administrator,
  topics: ['accounts'],
  async load({ web, caller }) {
    const users = await listUsers(web.database.kysely)
    return { title: 'Users', tabs: settingsTabs(caller, 'users'), users, roles }
  },
})

export const newUserPage: Page = definePage({
  path: '/settings/users/new',
  name: 'user-form',
  area: 'settings',
  access: administrator,
  load: () => Promise.resolve({ title: 'New user', roles }),
})

/** `Firefox on Linux`: enough to know one's own browsers apart. */
function browserName(agent: string): string {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(agent)?.[1] ?? 'A browser'
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(agent)?.[1]
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera' }
  return [names[browser] ?? browser, system].filter(Boolean).join(' on ')
}
