import { z } from 'zod'
import { codeFoldersSchema } from '../../../core/code-folders.ts'
import { projectKeyPattern, projectKeyRule, projectLimits } from '../../../core/project.ts'
import { getCodeFolders, setCodeFolders } from '../../../db/settings.ts'
import { toJson } from '../../../json.ts'
import { importProject } from '../../../sources/projects/import-project.ts'
import { scanSources } from '../../../sources/projects/scan-sources.ts'
import { defineRoute, type Access, type Route } from '../../route.ts'
import { lineOf, projectSchema, proseOf } from '../../schemas/project.ts'
import { foundProjectSchema, lookedIntoSchema } from '../../schemas/source.ts'

const tag = 'Code folders'
const success = z.object({ success: z.literal(true) })
const operator: Access = { role: 'operator', scope: 'prompts' }

const scanRoute = defineRoute({
  method: 'post',
  path: '/api/scan-sources',
  tag,
  summary: 'The projects in the code folders, and which of them are imported',
  access: operator,
  reply: success.extend({
    items: z.array(foundProjectSchema),
    folders: z.array(lookedIntoSchema),
    is_cut: z.boolean().describe('there are more than a list holds'),
  }),
  async handle({ web }) {
    const { found, folders, isCut } = await scanSources(web.database.kysely)
    return { success: true as const, items: toJson(found), folders: toJson(folders), is_cut: isCut }
  },
})

const importRoute = defineRoute({
  method: 'post',
  path: '/api/import-project',
  tag,
  summary: 'Make a project of a folder below a code folder; 409 with the project when there is one',
  access: operator,
  status: 201,
  body: z.strictObject({
    path: z.string().min(1).max(projectLimits.pathChars),
    name: lineOf(projectLimits.nameChars).optional(),
    key: z
      .string()
      .regex(projectKeyPattern, { error: `must be ${projectKeyRule}` })
      .optional(),
    description: proseOf(projectLimits.descriptionChars).optional(),
  }),
  reply: projectSchema.extend(success.shape),
  async handle({ web: { database, clock }, body, caller }) {
    const project = await importProject(database, body, caller!.name, clock.now())
    return { ...toJson(project), success: true as const }
  },
})

const getFoldersRoute = defineRoute({
  method: 'get',
  path: '/api/settings/code-folders',
  tag,
  summary: 'Where projects are looked for',
  access: { role: 'viewer', scope: 'read' },
  reply: codeFoldersSchema,
  handle: ({ web }) => getCodeFolders(web.database.kysely),
})

const putFoldersRoute = defineRoute({
  method: 'put',
  path: '/api/settings/code-folders',
  tag,
  summary: 'Settle where projects are looked for',
  access: { role: 'admin', scope: 'admin' },
  body: codeFoldersSchema,
  reply: success,
  async handle({ web, body }) {
    await web.database.write((db) => setCodeFolders(db, body, web.clock.now()))
    return { success: true as const }
  },
})

export const codeFolderRoutes: readonly Route[] = [scanRoute, importRoute, getFoldersRoute, putFoldersRoute]
