import { getHumanTask } from '../../db/human-task/read.ts'
import { definePage, type Page } from '../page.ts'
import { idParams } from '../schemas/list.ts'

/** What a session asks a person, and the form that answers it. */
export const questionPage: Page = definePage({
  path: '/questions/:id',
  name: 'question',
  area: 'needs-you',
  params: idParams,
  async load({ web, params }) {
    const task = await getHumanTask(web.database.kysely, params.id)
    return { title: `Question ${task.id}`, task }
  },
})
