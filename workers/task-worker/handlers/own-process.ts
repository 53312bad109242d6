import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { messageOf } from '../../../app/core/errors.ts'
import { jsonSchemaOf } from '../../../app/tasks/types.ts'
import { problemsOf } from '../../../app/tasks/problems.ts'
import { askSchema, type OwnReply } from './own-protocol.ts'

/** What a module in `data/handlers` exports by default; or a function that makes it, given `{ z }`. */
const moduleSchema = z.object({
  type: z.string(),
  about: z.string().optional(),
  /** A schema of zod; anything fits where there is none. */
  data: z.custom<z.ZodType>((value) => typeof (value as z.ZodType).safeParse === 'function').optional(),
  timeoutSeconds: z.number().optional(),
  maxRetries: z.number().optional(),
  run: z.custom<(data: unknown, context: object) => unknown>((value) => typeof value === 'function'),
})
type OwnModule = z.infer<typeof moduleSchema>

/** The process of one handler's module: answers one question, and ends. */
export async function answerAsk(): Promise<void> {
  const ask = askSchema.parse(JSON.parse(await text(process.stdin)))
  await answer(ask).then(
    (reply) => say(reply),
    (error: unknown) => {
      console.error(error)
      return say({ failed: messageOf(error), ...(isHopeless(error) && { retry: false }) })
    },
  )
  // Timers and servers that a module left do not keep a task running.
  process.disconnect()
  process.exit()
}

async function answer({ do: what, file, data }: z.infer<typeof askSchema>): Promise<OwnReply> {
  const module = await load(file)
  if (what === 'describe') {
    const { run: _run, data: schema, ...rest } = module
    return { described: { ...rest, schema: schema ? jsonSchemaOf(schema) : null } }
  }
  const read = module.data?.safeParse(data)
  if (read && !read.success) {
    return {
      failed: `The data does not fit the type ${module.type}: ${problemsOf(read.error)}`,
      retry: false,
    }
  }
  const context = { log: (line: unknown) => console.log(line), dir: process.cwd(), env: process.env }
  return { result: (await module.run(read ? read.data : data, context)) ?? null }
}

async function load(file: string): Promise<OwnModule> {
  const { default: exported } = (await import(pathToFileURL(file).href)) as { default?: unknown }
  const made = typeof exported === 'function' ? (exported as (given: object) => unknown)({ z }) : exported
  const read = moduleSchema.safeParse(await made)
  if (read.success) return read.data
  throw new Error(`it exports no handler by default: ${problemsOf(read.error)}`)
}

/** A module says so of an error that no retry can mend. */
function isHopeless(error: unknown): boolean {
  return (error as { retry?: unknown } | null)?.retry === false
}

function say(reply: OwnReply): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send!(reply, undefined, undefined, (error) => (error ? reject(error) : resolve()))
  })
}
