import { resolve } from 'node:path'
import { toJson } from '../../json.ts'
import { openOutput } from '../output/output.ts'
import { withSide } from '../with.ts'
import type { SourceOptions } from './command.ts'
import { sourceDesks } from './desk.ts'

export async function listHere(options: SourceOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(sourceDesks, async (desk) => {
    const { found, folders } = await desk.scan()
    if (output.json)
      return output.document({ items: toJson(found), folders: toJson(folders), next_cursor: null })
    for (const { folder, reason } of folders) if (reason !== null) output.remark(`${folder}: ${reason}`)
    if (found.length === 0) return output.line('No project in the code folders.')
    output.table(found, [
      { title: 'PROJECT', value: ({ project }) => project?.key ?? '–' },
      { title: 'NAME', value: ({ name }) => lineOf(name) },
      { title: 'BRANCH', value: ({ git }) => (git ? `${git.branch ?? '–'}${git.isDirty ? ' *' : ''}` : '') },
      { title: 'LANGUAGE', value: ({ languages }) => languages[0]?.language ?? '' },
      { title: 'FOLDER', flexible: true, value: ({ path }) => lineOf(path) },
    ])
  })
}

export async function importHere(folder: string, { name, key, ...options }: SourceOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(sourceDesks, async (desk) => {
    // `~` is the home of the dashboard's machine, and stays for it to say.
    const path = folder.startsWith('~') ? folder : resolve(folder)
    const project = await desk.import({ path, ...(name && { name }), ...(key && { key }) })
    if (output.json) return output.document(toJson(project))
    output.line(
      `${project.key} ${lineOf(project.name)} is imported. Its plan: milestone-worker --project ${project.key}`,
    )
  })
}

/** One line, without what would move the cursor. */
function lineOf(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
}
