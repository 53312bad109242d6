import { requireSession } from '../../broker/named-session.ts'
import type {
  Suggestion,
  SuggestionId,
  SuggestionSource,
  SuggestionState,
  SuggestionTarget,
} from '../../core/suggestion.ts'
import {
  advanceSuggestion,
  keepSuggestions,
  listSuggestions,
  type Kept,
} from '../../db/suggestion/suggestions.ts'
import { projectForSuggestion, promptForSuggestion } from '../../http/give-suggestion.ts'
import { fromJson, type Json } from '../../json.ts'
import type { Records } from '../../records.ts'
import { collectSuggestions } from '../../suggestions/collect.ts'
import { confirmSuggestion } from '../../suggestions/confirm.ts'
import { personHere } from '../person.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import { withLooks } from '../sessions/looks.ts'
import type { Sides } from '../with.ts'

/** What could be done next, as one machine's dashboard knows it. */
export interface SuggestionDesk {
  /** Looks for more, and takes back what has no reason any more. */
  collect(sources: readonly SuggestionSource[]): Promise<Kept>
  /** The most urgent first. */
  list(wanted: SuggestionsWanted): Promise<Suggestion[]>
  confirm(id: SuggestionId, wish: ConfirmWish): Promise<Suggestion>
  advance(id: SuggestionId, event: 'skip' | 'complete'): Promise<Suggestion>
}

export interface SuggestionsWanted {
  limit: number
  states: readonly SuggestionState[]
  sources?: readonly SuggestionSource[] | undefined
}

export interface ConfirmWish {
  as?: Exclude<SuggestionTarget, 'task'> | undefined
  /** Number or key. */
  project?: string | undefined
  title?: string | undefined
  /** Of a prompt, in these words instead of ours. */
  content?: string | undefined
  /** Of a prompt: the session that gets it. */
  target?: string | undefined
}

export const suggestionDesks: Sides<SuggestionDesk> = { local: localSuggestions, remote: remoteSuggestions }

const refOf = (ref: string) => (/^\d+$/.test(ref) ? Number(ref) : ref)

function localSuggestions({ config, database, clock }: Records): SuggestionDesk {
  const db = database.kysely
  const { name: by } = personHere()
  return {
    async collect(sources) {
      const now = clock.now()
      const found = await collectSuggestions(sources, { db, dataDir: config.dataDir, now })
      return database.write((tx) => keepSuggestions(tx, found, sources, now))
    },
    list: ({ limit, ...filter }) =>
      listSuggestions(
        db,
        { states: filter.states, ...(filter.sources && { sources: filter.sources }) },
        {
          limit,
          offset: 0,
        },
      ),
    async confirm(id, { as, project, title, content, target }) {
      if (target !== undefined) await withLooks((looks) => requireSession(database, looks, target), config)
      const projectId = project === undefined ? undefined : await projectForSuggestion(db, refOf(project))
      const words = { by, content, target_session: target }
      const givePrompt = (key: string, suggestion: Suggestion) =>
        promptForSuggestion({ database, clock }, suggestion, key, words)
      return confirmSuggestion(database, id, { as, projectId, title, givePrompt }, by, clock.now())
    },
    advance: (id, event) =>
      database.write((tx) => advanceSuggestion(tx, id, event, { by, now: clock.now() })),
  }
}

const path = '/api/tasks/suggest'

function remoteSuggestions(dashboard: Dashboard): SuggestionDesk {
  const changed = async (to: string, body: object = {}) => {
    const { suggestion } = await dashboard.send<{ suggestion: Json<Suggestion> }>('POST', to, body)
    return fromJson<Suggestion>(suggestion)
  }
  return {
    async collect(sources) {
      const { added, returned, withdrawn } = await dashboard.send<Kept>('POST', path, { sources })
      return { added, returned, withdrawn }
    },
    async list({ limit, states, sources }) {
      const query = { limit, state: states.join(','), ...(sources && { source: sources.join(',') }) }
      const { items } = await dashboard.get<{ items: Json<Suggestion>[] }>(path, query)
      return items.map((item) => fromJson<Suggestion>(item))
    },
    confirm: (id, { project, target, ...rest }) =>
      changed(`${path}/${id}/confirm`, {
        ...rest,
        ...(project !== undefined && { project: refOf(project) }),
        ...(target !== undefined && { target_session: target }),
      }),
    advance: (id, event) => changed(`${path}/${id}/${event}`),
  }
}
