import type { Project } from '../../core/project.ts'
import type { WorkItem, WorkKind, WorkStatus } from '../../core/work.ts'
import { getProject, listProjects } from '../../db/project/read.ts'
import { changeProject, createProject, type ProjectChanges } from '../../db/project/write.ts'
import { changeWork, type WorkChanges } from '../../db/work/change.ts'
import { createWork, type WorkWords } from '../../db/work/create.ts'
import { getWork, listWork } from '../../db/work/read.ts'
import { newProjectBody, projectChangesBody } from '../../http/schemas/project.ts'
import { newWorkBody, workChangesBody } from '../../http/schemas/work.ts'
import { fromJson, toJson, type Json } from '../../json.ts'
import type { Records } from '../../records.ts'
import { realRootPath } from '../../work/root-path.ts'
import { checked } from '../checked.ts'
import { personHere } from '../person.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import type { Sides } from '../with.ts'

/** Projects, and the work in them, of one machine's dashboard. A `ref` is a number or a key. */
export interface WorkDesk {
  projects(limit: number): Promise<Project[]>
  project(ref: string): Promise<Project>
  addProject(words: NewProject): Promise<Project>
  setProject(ref: string, changes: ProjectChanges): Promise<Project>
  /** Highest priority first. */
  items(wanted: WorkWanted): Promise<WorkItem[]>
  item(ref: string): Promise<WorkItem>
  addItem(kind: WorkKind, project: string, words: WorkWords): Promise<WorkItem>
  setItem(ref: string, changes: WorkChanges): Promise<WorkItem>
}

export interface NewProject {
  name: string
  key?: string | undefined
  description: string
  /** As it was given. */
  rootPath: string | null
  repositoryUrl: string | null
}

export interface WorkWanted {
  kind: WorkKind
  limit: number
  project?: string | undefined
  statuses?: readonly WorkStatus[] | undefined
  assignee?: string | undefined
  text?: string | undefined
}

export const workDesks: Sides<WorkDesk> = { local: localWork, remote: remoteWork }

const refOf = (ref: string) => (/^\d+$/.test(ref) ? Number(ref) : ref)

function localWork({ database, clock }: Records): WorkDesk {
  const db = database.kysely
  const { name: by } = personHere()
  return {
    projects: (limit) => listProjects(db, { statuses: ['active', 'paused'] }, { limit }),
    project: (ref) => getProject(db, refOf(ref)),
    async addProject(words) {
      const { root_path, repository_url: repositoryUrl, ...rest } = checked(newProjectBody, toJson(words))
      const rootPath = root_path === null ? null : await realRootPath(root_path)
      const whole = { ...rest, rootPath, repositoryUrl }
      return database.write((tx) => createProject(tx, whole, by, clock.now()))
    },
    async setProject(ref, changes) {
      const { root_path, repository_url, ...rest } = checked(projectChangesBody, toJson(changes))
      const rootPath = typeof root_path === 'string' ? await realRootPath(root_path) : root_path
      const { id } = await getProject(db, refOf(ref))
      const whole = { ...rest, rootPath, repositoryUrl: repository_url }
      return database.write((tx) => changeProject(tx, id, whole, { now: clock.now() }))
    },
    async items({ kind, limit, project, statuses, assignee, text }) {
      const inProject = project === undefined ? {} : { projectId: (await getProject(db, refOf(project))).id }
      const filter = {
        kinds: [kind],
        ...inProject,
        ...(statuses && { statuses }),
        ...(assignee !== undefined && { assignee }),
        ...(text !== undefined && { text }),
      }
      return listWork(db, filter, { limit, order: 'priority' })
    },
    item: (ref) => getWork(db, refOf(ref)),
    async addItem(kind, project, words) {
      const { id: projectId } = await getProject(db, refOf(project))
      const { title, description, assignee } = checked(newWorkBody, toJson({ ...words, projectId }))
      const whole = { ...words, title, description, assignee, kind, projectId }
      return database.write((tx) => createWork(tx, whole, by, clock.now()))
    },
    async setItem(ref, changes) {
      const { id } = await getWork(db, refOf(ref))
      const { milestone_id: milestoneId, version: _, ...rest } = checked(workChangesBody, toJson(changes))
      const whole = { ...rest, milestoneId }
      return database.write((tx) => changeWork(tx, id, whole, { by, now: clock.now() }))
    },
  }
}

export const pathOfKind: Record<WorkKind, string> = {
  feature: '/api/features',
  bug: '/api/bugs',
  devops_task: '/api/devops-tasks',
}

type Changed<T> = Json<T> & { success: true }

function remoteWork(dashboard: Dashboard): WorkDesk {
  const project = async (ref: string) =>
    fromJson<Project>(await dashboard.get<Json<Project>>(`/api/projects/${encodeURIComponent(ref)}`))
  const at = (ref: string) => `/api/work/${encodeURIComponent(ref)}`
  return {
    async projects(limit) {
      const { items } = await dashboard.get<{ items: Json<Project>[] }>('/api/projects', { limit })
      return items.map((item) => fromJson<Project>(item))
    },
    project,
    addProject: async (words) => unwrapped(await dashboard.send('POST', '/api/projects', toJson(words))),
    setProject: async (ref, changes) =>
      unwrapped(await dashboard.send('PUT', `/api/projects/${encodeURIComponent(ref)}`, toJson(changes))),
    async items({ kind, limit, project: ref, statuses, assignee, text }) {
      const query = {
        limit,
        order: 'priority',
        ...(ref !== undefined && { project_id: (await project(ref)).id }),
        ...(statuses && { status: statuses.join(',') }),
        ...(assignee !== undefined && { assignee }),
        ...(text !== undefined && { q: text }),
      }
      const { items } = await dashboard.get<{ items: Json<WorkItem>[] }>(pathOfKind[kind], query)
      return items.map((item) => fromJson<WorkItem>(item))
    },
    item: async (ref) => fromJson<WorkItem>(await dashboard.get<Json<WorkItem>>(at(ref))),
    async addItem(kind, ref, words) {
      const { id: projectId } = await project(ref)
      return unwrapped(await dashboard.send('POST', pathOfKind[kind], toJson({ ...words, projectId })))
    },
    setItem: async (ref, changes) => unwrapped(await dashboard.send('PUT', at(ref), toJson(changes))),
  }
}

function unwrapped<T>({ success: _success, ...rest }: Changed<T>): T {
  return fromJson<T>(rest as unknown as Json<T>)
}
