import { resolve } from 'node:path'
import { projectGlyph, projectKeyPattern, projectKeyRule, type Project } from '../../core/project.ts'
import { AppError } from '../../core/errors.ts'
import { toJson } from '../../json.ts'
import { openOutput, type Output } from '../output/output.ts'
import { withSide } from '../with.ts'
import type { ProjectOptions } from './command.ts'
import { workDesks } from './desk.ts'

const mostListed = 200

export async function listProjectsHere(options: ProjectOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(workDesks, async (desk) => {
    const projects = await desk.projects(mostListed)
    if (output.json) return output.document({ items: toJson(projects), next_cursor: null })
    if (projects.length === 0) return output.line('No project.')
    output.table(projects, [
      { title: 'KEY', value: ({ key }) => key },
      { title: 'STATUS', value: ({ status }) => `${projectGlyph[status]} ${status}` },
      { title: 'NAME', value: ({ name }) => name },
      { title: 'FOLDER', flexible: true, value: ({ rootPath }) => rootPath ?? '' },
    ])
  })
}

export async function showProject(ref: string, options: ProjectOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(workDesks, async (desk) => say(output, await desk.project(ref)))
}

export async function addProject(name: string, options: ProjectOptions): Promise<void> {
  const output = openOutput(options)
  const { key, description = '', dir, repository = null } = options
  if (key !== undefined && !projectKeyPattern.test(key)) {
    throw new AppError('invalid', `--key must be ${projectKeyRule}.`)
  }
  const words = { name, key, description, rootPath: folderOf(dir) ?? null, repositoryUrl: repository }
  await withSide(workDesks, async (desk) => {
    const project = await desk.addProject(words)
    if (output.json) output.document(toJson(project))
    else output.line(`${project.key} ${project.name} is there.`)
  })
}

export async function setProject(ref: string, options: ProjectOptions): Promise<void> {
  const output = openOutput(options)
  const { name, description, dir, repository, status } = options
  const changes = { name, description, rootPath: folderOf(dir), repositoryUrl: repository, status }
  await withSide(workDesks, async (desk) => {
    const project = await desk.setProject(ref, changes)
    if (output.json) output.document(toJson(project))
    else output.line(`${project.key} is ${project.status}.`)
  })
}

/** As somebody in this folder means it; on another machine's dashboard only what is whole is right. */
function folderOf(dir: string | undefined): string | undefined {
  return dir === undefined || process.env['ARCHITECT_URL'] ? dir : resolve(dir)
}

function say(output: Output, project: Project) {
  if (output.json) return output.document(toJson(project))
  output.line(`${project.key} ${project.name}`)
  const facts = [`${projectGlyph[project.status]} ${project.status}`, project.rootPath, project.repositoryUrl]
  output.line(facts.filter(Boolean).join(' · '))
  if (project.description !== '') output.line(`\n${project.description}`)
}
