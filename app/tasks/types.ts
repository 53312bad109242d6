import { z } from 'zod'
import { variablePattern } from '../core/secret.ts'
import { defaultTaskRetries, defaultTaskTimeoutMs, type TaskType } from '../core/task.ts'

/*
 * The types of tasks that every worker knows, with what their data must be. What they do is in
 * `workers/task-worker/handlers`.
 */

const minute = 60_000
const text = (most: number) => z.string().min(1).max(most)
/** Never read as an option by the program that gets it. */
const word = text(1_000).regex(/^[^-\0][^\0]*$/, { error: 'must not begin with a dash' })
const args = z
  .array(
    z
      .string()
      .max(32_000)
      .regex(/^[^\0]*$/),
  )
  .max(500)
const path = text(4_096).regex(/^[^\0]+$/)
const env = z
  .record(z.string().regex(variablePattern), z.string().max(100_000))
  .describe('variables for its programs; secrets are named in the task, not here')

const shell = z.strictObject({
  command: text(100_000).describe('what a shell gets (sh -c), in the working folder'),
  env: env.optional(),
})

const python = z
  .strictObject({
    script: path.optional().describe('a file, in the working folder where it is not absolute'),
    code: text(200_000).optional().describe('or the program itself'),
    args: args.optional(),
    interpreter: word.default('python3'),
    env: env.optional(),
  })
  .refine(({ script, code }) => (script === undefined) !== (code === undefined), {
    error: 'say either a script or code',
  })

const branch = word.optional()
const remote = word.optional().describe('origin, when absent')
const git = z.discriminatedUnion('operation', [
  z.strictObject({
    operation: z.literal('clone'),
    url: word,
    path: word.optional().describe('the new folder; named after the repository when absent'),
    branch,
    depth: z.int().min(1).optional(),
  }),
  z.strictObject({ operation: z.literal('pull'), remote, branch, rebase: z.boolean().optional() }),
  z.strictObject({ operation: z.literal('push'), remote, branch, set_upstream: z.boolean().optional() }),
  z.strictObject({ operation: z.literal('fetch'), remote, prune: z.boolean().optional() }),
  z.strictObject({
    operation: z.literal('commit'),
    message: text(10_000),
    paths: z.array(path).max(1_000).optional().describe('only these; all that is tracked when absent'),
    add_all: z.boolean().optional().describe('new files as well'),
  }),
  z.strictObject({ operation: z.literal('checkout'), branch: word, create: z.boolean().optional() }),
  z.strictObject({ operation: z.literal('status') }),
])

const deploy = z.strictObject({
  script: path.describe('a file that can be run, in the working folder where it is not absolute'),
  args: args.optional(),
  env: env.optional(),
})

/** What a project's own tools do, found by its files, unless a command is said. */
const projectWork = z.strictObject({
  command: z
    .array(text(32_000))
    .min(1)
    .max(500)
    .optional()
    .describe("program and arguments; found by the project's files when absent"),
  args: args.optional().describe('more arguments'),
  env: env.optional(),
})

const session = text(200).regex(/^[^-.:=%@$\s\0][^.:\s\0]*$/, { error: 'must be the name of a tmux session' })
const tmux = z.discriminatedUnion('operation', [
  z.strictObject({
    operation: z.literal('create'),
    session,
    command: z.array(text(32_000)).min(1).max(500).optional().describe('a shell when absent'),
  }),
  z.strictObject({ operation: z.literal('kill'), session }),
  z.strictObject({
    operation: z.literal('send'),
    session,
    text: text(10_000).describe('typed where a shell waits, and nowhere else; agents get prompts'),
    enter: z.boolean().default(true),
  }),
  z.strictObject({ operation: z.literal('capture'), session, lines: z.int().min(1).max(10_000).optional() }),
  z.strictObject({ operation: z.literal('list') }),
])

export const builtInTypes = {
  shell: { about: 'A shell command', data: shell, timeoutMs: 10 * minute, maxRetries: 0 },
  python: { about: 'A Python script or program', data: python, timeoutMs: 10 * minute, maxRetries: 0 },
  git: {
    about: 'Clone, pull, push, fetch, commit, check out',
    data: git,
    timeoutMs: 10 * minute,
    maxRetries: 2,
  },
  deploy: { about: "A project's deployment script", data: deploy, timeoutMs: 30 * minute, maxRetries: 0 },
  test: { about: "A project's tests", data: projectWork, timeoutMs: 30 * minute, maxRetries: 0 },
  build: { about: "A project's build", data: projectWork, timeoutMs: 30 * minute, maxRetries: 0 },
  tmux: { about: 'Create, end, read tmux sessions', data: tmux, timeoutMs: minute, maxRetries: 2 },
} as const satisfies Record<string, BuiltIn>

interface BuiltIn {
  about: string
  data: z.ZodType<Record<string, unknown>>
  timeoutMs: number
  maxRetries: number
}

export type BuiltInType = keyof typeof builtInTypes
/** What a handler of that type gets. */
export type DataOf<Type extends BuiltInType> = z.output<(typeof builtInTypes)[Type]['data']>

export const builtInNames = Object.keys(builtInTypes) as BuiltInType[]

export function isBuiltIn(type: string): type is BuiltInType {
  return Object.hasOwn(builtInTypes, type)
}

/** As people and programs see them, with JSON Schema. */
export function describeBuiltIns(): TaskType[] {
  return builtInNames.map((type) => {
    const { about, data, timeoutMs, maxRetries } = builtInTypes[type]
    return { type, about, schema: jsonSchemaOf(data), timeoutMs, maxRetries }
  })
}

export function jsonSchemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}

/** A type of somebody's own, as far as it says less. */
export const usualType = { timeoutMs: defaultTaskTimeoutMs, maxRetries: defaultTaskRetries }
