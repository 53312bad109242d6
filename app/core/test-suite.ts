import { z } from 'zod'

/*
 * Tests that are data: suites of cases of steps, as people write them in YAML or JSON, and what came of a run.
 */

export const suiteLimits = {
  fileBytes: 1_048_576,
  cases: 1_000,
  stepsPerCase: 200,
  /** Of a step's output, what is compared with; more is not read. */
  outputBytes: 1_048_576,
  /** Of a text in a result. */
  shownChars: 2_000,
  variableChars: 65_536,
} as const

const name = z.string().trim().min(1).max(200)
const variableName = z.string().regex(/^[A-Za-z_]\w{0,63}$/, { error: 'must be letters, digits and _' })
const variables = z.record(variableName, z.union([z.string(), z.number(), z.boolean()]))
const seconds = (most: number) => z.number().positive().max(most)

/** One value of an outcome, compared. */
const comparison = z.strictObject({
  equals: z.unknown().optional(),
  not: z.unknown().optional(),
  contains: z.unknown().optional(),
  lacks: z.unknown().optional(),
  matches: z.string().max(1_000).optional().describe('a regular expression'),
  one_of: z.array(z.unknown()).optional(),
  exists: z.boolean().optional(),
  length: z.int().min(0).optional(),
  at_least: z.number().optional(),
  at_most: z.number().optional(),
  type: z.enum(['string', 'number', 'boolean', 'array', 'object', 'null']).optional(),
})
export type Comparison = z.infer<typeof comparison>

/** `status: 200` is short for `status: {equals: 200}`. */
const expectations = z.record(
  z.string().min(1).max(300),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.unknown()), comparison]),
)
export type Expectations = z.infer<typeof expectations>

const stepCommons = {
  name: name.optional(),
  expect: expectations.default({}),
  capture: z
    .record(variableName, z.string().min(1).max(300))
    .default({})
    .describe('variables, and the paths in the outcome that they get their values from'),
  retry_seconds: seconds(3_600).optional().describe('try again until it holds, for so long'),
  timeout_seconds: seconds(86_400).optional(),
  always: z.boolean().default(false).describe('also when an earlier step has failed: for tidying up'),
}

export const httpStepSchema = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']).default('GET'),
  url: z.string().min(1).max(8_000).describe('from / on: of the dashboard that is tested'),
  headers: z.record(z.string(), z.string()).default({}),
  json: z.unknown().optional(),
  body: z.string().optional(),
})
export const shellStepSchema = z.strictObject({
  command: z
    .union([z.array(z.string()).min(1), z.string().min(1)])
    .describe('words of a command; a text, with `shell: true`, for sh'),
  shell: z.boolean().default(false),
  cwd: z.string().optional(),
  env: z.record(z.string(), z.string()).default({}),
  stdin: z.string().optional(),
})
export const tmuxStepSchema = z
  .strictObject({
    session: z.string().min(1),
    send: z.string().optional().describe('typed into it; without it and without keys, its screen is read'),
    submit: z.boolean().default(true).describe('press Enter after what was typed'),
    keys: z.array(z.string()).min(1).max(50).optional().describe("keys in tmux's words: C-c, Escape, Down"),
    raw: z.boolean().default(false).describe('into an agent, too, past the queue'),
  })
  .refine(({ send, keys }) => send === undefined || keys === undefined, {
    error: 'type either a text (send) or keys',
  })
export const promptStepSchema = z.strictObject({
  content: z.string().min(1),
  target_session: z.string().optional(),
  priority: z.int().min(0).max(10).default(0),
  wait_for: z.enum(['queued', 'ended']).default('ended'),
})

const stepSchema = z.union([
  z.strictObject({ ...stepCommons, http: httpStepSchema }),
  z.strictObject({ ...stepCommons, shell: shellStepSchema }),
  z.strictObject({ ...stepCommons, tmux: tmuxStepSchema }),
  z.strictObject({ ...stepCommons, prompt: promptStepSchema }),
  z.strictObject({ ...stepCommons, wait: seconds(86_400) }),
])
export type TestStep = z.infer<typeof stepSchema>

export const testSuiteSchema = z.strictObject({
  name,
  description: z.string().max(10_000).default(''),
  variables: variables.default({}),
  secrets: z
    .array(z.string().regex(/^[A-Za-z_]\w{0,99}$/))
    .max(50)
    .default([])
    .describe('variables of the environment that are used and never shown'),
  timeout_seconds: seconds(86_400).default(600),
  step_timeout_seconds: seconds(86_400).default(30),
  stop_on_failure: z.boolean().default(false),
  cases: z
    .array(
      z.strictObject({
        name,
        variables: variables.default({}),
        steps: z.array(stepSchema).min(1).max(suiteLimits.stepsPerCase),
      }),
    )
    .min(1)
    .max(suiteLimits.cases),
})
export type TestSuite = z.infer<typeof testSuiteSchema>
export type TestCase = TestSuite['cases'][number]

/** `error`: it could not be tried, as when nothing listens there. */
export const testOutcomes = ['passed', 'failed', 'error', 'skipped'] as const
export type TestOutcome = (typeof testOutcomes)[number]

export const testOutcomeGlyph: Record<TestOutcome, string> = {
  passed: '✓',
  failed: '✕',
  error: '!',
  skipped: '–',
}

const stepResultSchema = z.object({
  name: z.string(),
  outcome: z.enum(testOutcomes),
  duration_ms: z.number(),
  tries: z.int(),
  failures: z.array(z.string()),
  /** What came out, cut, when it did not pass. */
  output: z.string().nullable(),
})
export type StepResult = z.infer<typeof stepResultSchema>

const caseResultSchema = z.object({
  name: z.string(),
  outcome: z.enum(testOutcomes),
  duration_ms: z.number(),
  steps: z.array(stepResultSchema),
})
export type CaseResult = z.infer<typeof caseResultSchema>

/** What came of one run of a suite. */
export const testResultSchema = z.object({
  suite: z.string(),
  file: z.string(),
  outcome: z.enum(['passed', 'failed', 'error']),
  began_at: z.number(),
  duration_ms: z.number(),
  counts: z.object({ passed: z.int(), failed: z.int(), error: z.int(), skipped: z.int() }),
  cases: z.array(caseResultSchema),
})
export type TestResult = z.infer<typeof testResultSchema>
