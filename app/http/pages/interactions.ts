import { z } from 'zod'
import { suggestRules } from '../../broker/interactions/new-rule.ts'
import { openInteractionStates, ownWordsBox, type InteractionOption } from '../../core/interaction.ts'
import { eventsAfter } from '../../db/events.ts'
import { getInteraction, listInteractions } from '../../db/interaction/read.ts'
import { listPatterns } from '../../db/pattern/read.ts'
import { answerInPane } from '../answer-in-pane.ts'
import { interactionSteps } from '../interaction-steps.ts'
import { nameOfDecider } from '../decider.ts'
import { definePage, type Page } from '../page.ts'
import { idParams } from '../schemas/list.ts'
import { pathOfKey } from '../session-path.ts'

const shown = 100

/** What sessions asked lately, and who answered. */
export const interactionsPage: Page = definePage({
  path: '/interactions',
  name: 'interactions',
  area: 'needs-you',
  topics: ['sessions'],
  query: z.object({ state: z.enum(['open', 'all']).catch('all') }),
  async load({ web, query: { state } }) {
    const rows = await listInteractions(web.database.kysely, {
      limit: shown,
      ...(state === 'open' && { states: openInteractionStates }),
    })
    const interactions = rows.map((row) => ({ ...row, decider: nameOfDecider(row.decidedBy) }))
    return { title: 'What sessions ask', interactions, state }
  },
})

/** One permission prompt or question: what it asks, what was decided, and rules that would answer its like. */
export const interactionPage: Page = definePage({
  path: '/interactions/:id',
  name: 'interaction',
  area: 'needs-you',
  topics: ['sessions'],
  params: idParams,
  async load({ web, params }) {
    const db = web.database.kysely
    const one = await getInteraction(db, params.id)
    const [suggestions, events, patterns] = await Promise.all([
      suggestRules(web.database, one, 'allow'),
      eventsAfter(db, 0, { noun: 'interaction', nounId: String(one.id), limit: 50 }),
      listPatterns(db),
    ])
    const { narrow, wider = [] } = suggestions ?? {}
    return {
      title: `${one.sessionName} asks`,
      one,
      ...offered(one.options),
      inPane: answerInPane(one, web.config),
      decider: nameOfDecider(one.decidedBy),
      ruled: one.decision && nameOfDecider(one.decision.by),
      sessionPath: pathOfKey(one.sessionKey),
      suggestions: narrow ? [narrow, ...wider] : [],
      isOpen: one.state === 'open' || one.state === 'unknown',
      patterns: patterns.filter(({ madeFrom }) => madeFrom === one.id),
      steps: interactionSteps(events),
    }
  },
})

/** What can be ticked and sent together, and what is an answer by itself, with their numbers. */
function offered(options: InteractionOption[]) {
  const own = ownWordsBox(options)
  const numbered = options.map((option, index) => ({ ...option, number: index + 1 }))
  return {
    boxes: numbered.filter(({ ticked }, index) => ticked !== undefined && index !== own),
    choices: numbered.filter(({ ticked }) => ticked === undefined),
  }
}
