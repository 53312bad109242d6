import { join } from 'node:path'
import nunjucks from 'nunjucks'
import { counted, grouped } from '../core/counted.ts'
import { nodeOf } from '../core/host.ts'
import { packageRoot } from '../core/paths.ts'
import type { PromptSummary } from '../db/prompt/summary.ts'
import type { Assets } from './assets.ts'
import * as words from './words.ts'

/** Templates under `views/`; whatever they print is escaped. */
export interface Views {
  /** Throws when the template is missing or names something that its data lacks. */
  render(template: string, data: object): string
}

/** `node`: the dashboard's own, whose sessions are called by their name alone. */
export function openViews(assets: Assets, node: string): Views {
  const loader = new nunjucks.FileSystemLoader(join(packageRoot, 'views'))
  const environment = new nunjucks.Environment(loader, {
    autoescape: true,
    trimBlocks: true,
    lstripBlocks: true,
  })
  for (const [name, filter] of Object.entries(words)) environment.addFilter(name, filter)
  environment.addFilter('counted', counted)
  environment.addFilter('grouped', grouped)
  environment.addFilter('json', (value: unknown) => JSON.stringify(value))
  environment.addFilter('path', (value: unknown) => encodeURIComponent(String(value)))
  environment.addFilter(
    'session',
    ({ sessionKey, sessionName }: Pick<PromptSummary, 'sessionKey' | 'sessionName'>) => {
      const there = nodeOf(sessionKey ?? '')
      return there === '' || there === node ? sessionName : `${there}/${sessionName}`
    },
  )
  environment.addGlobal('asset', (name: string) => `/assets/${assets.version}/${name}`)
  environment.addGlobal('modules', (name: string) => assets.modules(name))
  return { render: (template, data) => environment.render(template, data) }
}
