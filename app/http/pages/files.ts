import { z } from 'zod'
import { fileLimits, type ProjectFile } from '../../core/project-file.ts'
import { getProject } from '../../db/project/read.ts'
import { groundOf } from '../../files/ground.ts'
import { listProjectFolder } from '../../files/list-folder.ts'
import { readProjectFile } from '../../files/read-file.ts'
import { definePage, type Page } from '../page.ts'
import { projectRefSchema } from '../schemas/project.ts'
import type { Web } from '../web.ts'

/** As the API of files: whoever may send prompts may have an agent read and write there anyway. */
const operating = { role: 'operator', scope: 'prompts' } as const
const params = z.object({ id: projectRefSchema })
const pathSchema = z.string().max(fileLimits.pathChars).catch('')

/** What lies in a folder of a project. */
export const filesPage: Page = definePage({
  path: '/projects/:id/files',
  name: 'files',
  area: 'work',
  access: operating,
  params,
  query: z.object({ path: pathSchema }),
  async load({ web, params: { id }, query: { path } }) {
    const { project, ground } = await projectOn(web, id)
    const { entries, left } = await listProjectFolder(ground, path)
    const above = path === '' ? '' : `${path}/`
    return {
      title: `Files of ${project.name}`,
      project,
      folder: path,
      crumbs: crumbsOf(path),
      entries: entries.map((entry) => ({ ...entry, path: above + entry.name })),
      left,
    }
  },
})

/** One file, to be read and changed. */
export const filePage: Page = definePage({
  path: '/projects/:id/file',
  name: 'file',
  area: 'work',
  access: operating,
  params,
  query: z.object({ path: pathSchema }),
  async load({ web, params: { id }, query: { path } }) {
    const { project, ground } = await projectOn(web, id)
    const file = await readProjectFile(ground, path)
    const readOnly = whyReadOnly(file)
    return {
      title: path.split('/').at(-1)!,
      project,
      file,
      crumbs: crumbsOf(path),
      lineEnds: file.content.includes('\r\n') ? 'crlf' : 'as_sent',
      readOnly,
      isText: file.encoding === 'utf-8' && readOnly !== notText,
    }
  },
})

export const newFilePage: Page = definePage({
  path: '/projects/:id/file/new',
  name: 'file-form',
  area: 'work',
  access: operating,
  params,
  query: z.object({ folder: pathSchema }),
  async load({ web, params: { id }, query: { folder } }) {
    const { project } = await projectOn(web, id)
    return { title: 'New file', project, beginning: folder === '' ? '' : `${folder}/`, limits: fileLimits }
  },
})

/** Throws as `getProject`, and as `groundOf` where its files can't be reached. */
async function projectOn(web: Web, id: string | number) {
  const project = await getProject(web.database.kysely, id)
  return { project, ground: groundOf(project, web.config.dataDir) }
}

const notText = 'It is no text. Programs get its bytes from the API.'

/** Why a field of a browser would change more of it than people do; null: it would not. */
function whyReadOnly({ content, encoding }: ProjectFile): string | null {
  // oxlint-disable-next-line no-control-regex
  if (encoding !== 'utf-8' || /[\0-\x08\x0b\x0e-\x1f]/.test(content)) return notText
  const count = (part: string) => content.split(part).length - 1
  const [both, returns, newlines] = [count('\r\n'), count('\r'), count('\n')]
  if (returns > both || (both > 0 && newlines > both)) {
    return 'Its lines end in different ways, which a browser would make one. Change it on the machine itself.'
  }
  return null
}

/** The folders above, each with its path. */
function crumbsOf(path: string): { name: string; path: string }[] {
  const names = path.split('/').filter(Boolean)
  return names.map((name, index) => ({ name, path: names.slice(0, index + 1).join('/') }))
}
