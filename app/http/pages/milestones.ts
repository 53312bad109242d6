import { z } from 'zod'
import { projectLimits } from '../../core/project.ts'
import { getMilestone } from '../../db/milestone/read.ts'
import { getProject } from '../../db/project/read.ts'
import { definePage, type Page } from '../page.ts'
import { idParams, idSchema } from '../schemas/list.ts'
import { openProjects } from './work-view.ts'

const operating = { role: 'operator', scope: 'prompts' } as const

export const newMilestonePage: Page = definePage({
  path: '/milestones/new',
  name: 'milestone-form',
  area: 'work',
  access: operating,
  query: z.object({ project: idSchema.optional().catch(undefined) }),
  async load({ web, query }) {
    const db = web.database.kysely
    const project = query.project === undefined ? null : await getProject(db, query.project)
    const projects = project ? [project] : await openProjects(db)
    return { title: 'New milestone', project, projects, milestone: null, limits: projectLimits }
  },
})

export const editMilestonePage: Page = definePage({
  path: '/milestones/:id/edit',
  name: 'milestone-form',
  area: 'work',
  access: operating,
  params: idParams,
  async load({ web, params: { id } }) {
    const db = web.database.kysely
    const milestone = await getMilestone(db, id)
    const project = await getProject(db, milestone.projectId)
    return { title: `Edit ${milestone.name}`, project, milestone, limits: projectLimits }
  },
})
