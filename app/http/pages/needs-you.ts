import { listNeeds } from '../needs.ts'
import { definePage, type Page } from '../page.ts'

/** Everything that waits for a person, to work off until it is empty. */
export const needsYouPage: Page = definePage({
  path: '/needs-you',
  name: 'needs-you',
  area: 'needs-you',
  topics: ['prompts', 'sessions'],
  load: async ({ web }) => ({ title: 'Needs you', needs: await listNeeds(web.database.kysely) }),
})
