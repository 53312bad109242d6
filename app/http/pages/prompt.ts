import { z } from 'zod'
import { readAttemptLog } from '../../broker/attempt/read-log.ts'
import { promptTree, type PromptTree } from '../../broker/delegation/tree.ts'
import type { Attempt } from '../../core/attempt.ts'
import { endStates, type Prompt } from '../../core/prompt.ts'
import { attemptsOf } from '../../db/attempts.ts'
import { getPrompt } from '../../db/prompts.ts'
import type { Db } from '../../db/schema.ts'
import { eventsOfPrompt, eventsOfSession } from '../../db/timeline.ts'
import { renderMarkdown } from '../markdown.ts'
import { momentsOf } from '../moments.ts'
import { definePage, type Page } from '../page.ts'
import { idSchema } from '../schemas/list.ts'
import { pathOfKey } from '../session-path.ts'
import { storyOf } from '../story.ts'
import type { Web } from '../web.ts'

/** Text beyond this is behind a link of its own. */
const shownChars = 20_000

/** One prompt: its story, its attempts with what proved them, its answer, and what it changed. */
export const promptPage: Page = definePage({
  path: '/prompts/:id',
  name: 'prompt',
  area: 'queue',
  topics: ['prompts', 'sessions'],
  params: z.object({ id: idSchema }),
  query: z.object({
    attempt: idSchema.optional().catch(undefined),
    raw: z.literal('1').optional().catch(undefined),
  }),
  async load({ web, params, query }) {
    const db = web.database.kysely
    const prompt = await getPrompt(db, params.id)
    const [attempts, events] = await Promise.all([attemptsOf(db, prompt.id), eventsOfPrompt(db, prompt.id)])
    const attempt = attempts.find(({ number }) => number === query.attempt) ?? attempts.at(-1) ?? null
    const seen = attempt ? await sessionDuring(web, attempt) : []
    const log = attempt ? await readAttemptLog(web.config.dataDir, attempt) : null
    const isLive = attempt !== null && attempt.outcome === null
    return {
      title: `Prompt #${prompt.id}`,
      prompt,
      attempts,
      attempt,
      story: storyOf(prompt, events, attempt, seen, momentsOf(log ?? '')),
      answer: attempt?.answer == null ? null : { html: renderMarkdown(attempt.answer), text: attempt.answer },
      raw: query.raw === '1',
      isOver: (endStates as readonly string[]).includes(prompt.state),
      isLong: prompt.content.length > shownChars,
      shownContent: prompt.content.slice(0, shownChars),
      sessionPath: prompt.sessionKey === null ? null : pathOfKey(prompt.sessionKey),
      isLive,
      log,
      tookMs: tookMs(attempt),
      tree: await familyOf(db, prompt),
    }
  },
})

/** null: it is not a part of anything and has none. */
async function familyOf(db: Db, prompt: Prompt): Promise<PromptTree | null> {
  const tree = await promptTree(db, prompt.id)
  return tree.nodes.length > 1 ? tree : null
}

/** What its session did while the attempt was under way. */
function sessionDuring(web: Web, { sessionKey, claimedAt, endedAt }: Attempt) {
  const span = { from: claimedAt, to: endedAt ?? web.clock.now() }
  return eventsOfSession(web.database.kysely, sessionKey, span)
}

function tookMs(attempt: Attempt | null): number | null {
  if (!attempt || attempt.endedAt === null) return null
  return attempt.endedAt - (attempt.submittedAt ?? attempt.claimedAt)
}
