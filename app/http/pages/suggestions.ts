import { z } from 'zod'
import {
  suggestionGlyph,
  suggestionStates,
  suggestionTargets,
  type Suggestion,
} from '../../core/suggestion.ts'
import { listProjects } from '../../db/project/read.ts'
import { countSuggestions, getSuggestion, listSuggestions } from '../../db/suggestion/suggestions.ts'
import { addressWith, pageNumber, pagesAround } from '../address.ts'
import { renderMarkdown } from '../markdown.ts'
import { definePage, type Page } from '../page.ts'
import { idParams } from '../schemas/list.ts'
import { taskChoices } from './task-forms.ts'
import { targetChoices } from '../target-choices.ts'

const pageSize = 50

/** What could be done, and the reasons. */
export const suggestionsPage: Page = definePage({
  path: '/suggestions',
  name: 'suggestions',
  area: 'work',
  topics: ['work'],
  query: z.object({ state: z.enum(suggestionStates).catch('pending'), page: pageNumber }),
  async load({ web, query: { state, page } }) {
    const db = web.database.kysely
    const slice = { limit: pageSize + 1, offset: (page - 1) * pageSize }
    const [found, counts] = await Promise.all([
      listSuggestions(db, { states: [state] }, slice),
      countSuggestions(db),
    ])
    return {
      title: 'Suggestions',
      rows: found.slice(0, pageSize).map(shown),
      tabs: suggestionStates.map((name) => ({
        name,
        glyph: suggestionGlyph[name],
        count: counts[name] ?? 0,
        isCurrent: name === state,
        href: name === 'pending' ? '/suggestions' : `/suggestions?state=${name}`,
      })),
      isPending: state === 'pending',
      pages: pagesAround(page, found.length > pageSize, addressWith('/suggestions', { state })),
    }
  },
})

/** One suggestion, and what it could be made into. */
export const suggestionPage: Page = definePage({
  path: '/suggestions/:id',
  name: 'suggestion',
  area: 'work',
  topics: ['work'],
  params: idParams,
  async load({ web, params, caller }) {
    const db = web.database.kysely
    const suggestion = await getSuggestion(db, params.id)
    const projects = await listProjects(db, { statuses: ['active', 'paused'] }, { limit: 500 })
    return {
      title: suggestion.title,
      suggestion: shown(suggestion),
      description: renderMarkdown(suggestion.description),
      targets: suggestionTargets,
      projects,
      dir: projects.find(({ id }) => id === suggestion.projectId)?.rootPath ?? '',
      ...(await taskChoices(web, caller!)),
      choices: await targetChoices(db),
    }
  },
})

function shown(suggestion: Suggestion) {
  const { became, becameId, state } = suggestion
  const places = { prompt: 'prompts', task: 'tasks', feature: 'work', bug: 'work' }
  const href = becameId === null || became === null ? null : `/${places[became]}/${becameId}`
  return { ...suggestion, href, glyph: suggestionGlyph[state] }
}
