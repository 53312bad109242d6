import { join } from 'node:path'
import nunjucks from 'nunjucks'
import { packageRoot } from '../core/paths.ts'
import type { Assets } from './assets.ts'
import * as words from './words.ts'

/** Templates under `views/`; whatever they print is escaped. */
export interface Views {
  /** Throws when the template is missing or names something that its data lacks. */
  render(template: string, data: object): string
}

export function openViews(assets: Assets): Views {
  const loader = new nunjucks.FileSystemLoader(join(packageRoot, 'views'))
  const environment = new nunjucks.Environment(loader, {
    autoescape: true,
    trimBlocks: true,
    lstripBlocks: true,
  })
  for (const [name, filter] of Object.entries(words)) environment.addFilter(name, filter)
  environment.addFilter('json', (value: unknown) => JSON.stringify(value))
  environment.addFilter('path', (value: unknown) => encodeURIComponent(String(value)))
  environment.addGlobal('asset', (name: string) => `/assets/${assets.version}/${name}`)
  return { render: (template, data) => environment.render(template, data) }
}
