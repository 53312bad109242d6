import { maxPriority, minPriority } from '../../core/queue.ts'
import { getTask } from '../../db/task/read.ts'
import { listSecrets } from '../../db/secret/read.ts'
import { listTypes } from '../../tasks/create.ts'
import type { Caller } from '../caller.ts'
import { definePage, type Page } from '../page.ts'
import { operator } from '../routes/tasks/queue.ts'
import { isRecent } from '../routes/vault/recent-login.ts'
import { idParams } from '../schemas/list.ts'
import type { Web } from '../web.ts'

export const newTaskPage: Page = definePage({
  path: '/tasks/new',
  name: 'task-form',
  area: 'queue',
  access: operator,
  async load({ web, caller }) {
    const priorities = { least: minPriority, most: maxPriority }
    return { title: 'New task', priorities, ...(await taskChoices(web, caller!)) }
  },
})

/** What a form for a task offers, and whether secrets take the password. */
export async function taskChoices(web: Web, caller: Caller) {
  const db = web.database.kysely
  const now = web.clock.now()
  const [types, known] = await Promise.all([listTypes(db, now), listSecrets(db, { limit: 200 })])
  return { types, secrets: known.map(({ name }) => name), asksPassword: !isRecent(caller, now) }
}

/** Where the login is not recent, what begins again with secrets takes the password. */
export const retryTaskPage: Page = definePage({
  path: '/tasks/:id/retry',
  name: 'with-password',
  area: 'queue',
  access: operator,
  params: idParams,
  async load({ web, params: { id } }) {
    const { secrets } = await getTask(web.database.kysely, id)
    return {
      title: `Send task #${id} again`,
      about: `It gets ${secrets.join(', ')} again.`,
      form: { api: `post /api/tasks/${id}/retry`, done: 'It waits again.', word: 'Send again' },
      back: `/tasks/${id}`,
    }
  },
})

export const redrivePage: Page = definePage({
  path: '/tasks/redrive',
  name: 'with-password',
  area: 'queue',
  access: operator,
  async load() {
    return {
      title: 'Send all failed tasks again',
      about: 'Some of them get secrets.',
      form: { api: 'post /api/tasks/redrive', done: 'They are sent again.', word: 'Send again' },
      back: '/tasks?view=failed',
    }
  },
})
