import type { Kysely } from 'kysely'
import { prompts } from './001-prompts.ts'
import { sessions } from './002-sessions.ts'
import { accounts } from './003-accounts.ts'
import { actors } from './004-actors.ts'
import { panels } from './005-panels.ts'
import { telemetry } from './006-telemetry.ts'
import { delegation } from './007-delegation.ts'
import { interactions } from './008-interactions.ts'
import { locks } from './009-locks.ts'
import { humanTasks } from './010-human-tasks.ts'
import { sessionTokens } from './011-session-tokens.ts'
import { nodes } from './012-nodes.ts'
import { tokenPanes } from './013-token-panes.ts'
import { vault } from './014-vault.ts'
import { sessionWishes } from './015-session-wishes.ts'
import { errors } from './016-errors.ts'
import { projects } from './017-projects.ts'
import { tasks } from './018-tasks.ts'
import { serviceAccounts } from './019-service-accounts.ts'
import { sshKeys } from './020-ssh-keys.ts'
import { suggestions } from './021-suggestions.ts'
import { testRuns } from './022-test-runs.ts'
import { search } from './023-search.ts'
import { searchTalk } from './024-search-talk.ts'

/**
 * One step of the schema, for both dialects. Runs once, inside the transaction that records it. The schema is
 * not typed here: a migration speaks of the tables of its own time, not of today's.
 */
export interface Migration {
  name: string
  up: (db: Kysely<unknown>, dialect: 'sqlite' | 'postgres') => Promise<void>
}

/** In order; a list instead of a folder scan, so that the compiled program has the same one. */
export const migrations: readonly Migration[] = [
  { name: '001-prompts', up: prompts },
  { name: '002-sessions', up: sessions },
  { name: '003-accounts', up: accounts },
  { name: '004-actors', up: actors },
  { name: '005-panels', up: panels },
  { name: '006-telemetry', up: telemetry },
  { name: '007-delegation', up: delegation },
  { name: '008-interactions', up: interactions },
  { name: '009-locks', up: locks },
  { name: '010-human-tasks', up: humanTasks },
  { name: '011-session-tokens', up: sessionTokens },
  { name: '012-nodes', up: nodes },
  { name: '013-token-panes', up: tokenPanes },
  { name: '014-vault', up: vault },
  { name: '015-session-wishes', up: sessionWishes },
  { name: '016-errors', up: errors },
  { name: '017-projects', up: projects },
  { name: '018-tasks', up: tasks },
  { name: '019-service-accounts', up: serviceAccounts },
  { name: '020-ssh-keys', up: sshKeys },
  { name: '021-suggestions', up: suggestions },
  { name: '022-test-runs', up: testRuns },
  { name: '023-search', up: search },
  { name: '024-search-talk', up: searchTalk },
]
