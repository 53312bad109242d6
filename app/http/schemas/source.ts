import { z } from 'zod'
import { agentFileNames } from '../../sources/projects/project-files.ts'
import { projectSchema } from './project.ts'

export const foundProjectSchema = z.object({
  path: z.string(),
  name: z.string(),
  description: z.string(),
  git: z
    .object({
      branch: z.string().nullable(),
      remote: z.string().nullable().describe('of origin, without user and password'),
      is_dirty: z.boolean().nullable().describe('changed or new files; null: git took too long'),
    })
    .nullable(),
  languages: z.array(z.object({ language: z.string(), files: z.number() })).describe('most files first'),
  files: z.number().nullable(),
  agent_files: z.array(
    z.object({
      name: z.enum(agentFileNames),
      bytes: z.number(),
      problem: z.string().nullable().describe('why it was not read'),
    }),
  ),
  project: projectSchema.nullable().describe('what it was imported as'),
})

export const lookedIntoSchema = z.object({
  folder: z.string(),
  root: z.string().nullable(),
  reason: z.string().nullable().describe('why it was not looked into'),
  found: z.number(),
})
