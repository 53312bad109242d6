import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from '../../core/paths.ts'
import type { PaneRef } from '../../core/host.ts'
import type { TmuxFixture } from '../tmux.ts'
import { waitFor } from '../wait-for.ts'

export type DialogKind = 'permission' | 'question' | 'menu'

/** Something that happens once, at a moment: at once, when a paste or an Enter arrived, when a turn began or answers. */
export type ScriptedEvent = {
  on: 'now' | 'paste' | 'enter' | 'submit' | 'answer'
  /** Absent: within the same breath, before anything is drawn. */
  afterMs?: number
} & (
  | { do: 'type' | 'command'; text: string }
  | { do: 'clear_draft' | 'close_dialog' | 'turn' | 'answer' | 'exit' | 'kill' }
  | { do: 'dialog'; kind: DialogKind }
)

/** What a scripted agent does; what is not said is as in agent.mjs. */
export interface Behaviour {
  thinkMs?: number
  streamMs?: number
  /** null: an answer with length and sha256 of the prompt. */
  answer?: string | null
  /** Each turn asks this before it answers. */
  ask?: DialogKind | null
  /** What a permission dialog asks for. */
  command?: string
  /** So many Enters are lost. */
  strandEnters?: number
  redrawLateMs?: number
  /** Before it takes any key. */
  startMs?: number
  /** From so many characters, or lines, on a paste is shown as `[Pasted text #1 +3 lines]`. */
  placeholderFrom?: { chars: number; lines: number }
  /** Keeps a record of its turns in transcript.jsonl. */
  transcript?: boolean
  alternate?: boolean
  /** The next turn ends in a usage limit; afterwards it goes on by itself, or stays idle. */
  limit?: { resetsInMs: number; resumes: boolean } | null
  events?: ScriptedEvent[]
}

/** A line of the witness; `type` says which of the other keys it has. */
export interface Witnessed {
  at: number
  pid: number
  type: string
  text?: string
  base64?: string
  sha256?: string
  turn?: number
  how?: string
  answer?: string
  by?: string
  kind?: string
  option?: string
  revision?: number
}

export interface ScriptedAgent {
  pane: PaneRef
  folder: string
  log(): Promise<Witnessed[]>
  /** The prompts that it took, in order. */
  prompts(): Promise<string[]>
  /** Every byte that it was sent. */
  received(): Promise<Buffer>
  /** Replaces its behaviour; returns when it has taken it in. */
  tell(behaviour: Behaviour): Promise<void>
  /** Waits for a line of the witness. */
  witness(fits: (line: Witnessed) => boolean): Promise<Witnessed>
}

/** The rule file that reads it, for `data/agents/scripted.yaml`. */
export const scriptedRules = join(packageRoot, 'app/testing/scripted-agent/scripted.yaml')

/** Starts one in a session of its own and waits until it takes keys. */
export async function startScriptedAgent(
  server: TmuxFixture,
  options: {
    name: string
    behaviour?: Behaviour
    width?: number
    height?: number
    resume?: boolean
    dir?: string
  },
): Promise<ScriptedAgent> {
  const folder = join(server.folder, options.name)
  await mkdir(folder, { recursive: true })
  let revision = Date.now()
  await writeBehaviour(folder, { ...options.behaviour, revision })
  const pane = await server.open({
    name: options.name,
    command: [process.execPath, program, folder, ...(options.resume ? ['--continue'] : [])],
    ...(options.dir !== undefined && { dir: options.dir }),
    ...(options.width !== undefined && { width: options.width }),
    ...(options.height !== undefined && { height: options.height }),
  })
  const log = () => readLog(folder)
  const witness: ScriptedAgent['witness'] = (fits) =>
    waitFor(async () => (await log()).find(fits), `a line in the log of ${options.name}`)
  const told = (wanted: number) => witness((line) => line.type === 'told' && line.revision === wanted)
  await told(revision)
  return {
    pane,
    folder,
    log,
    witness,
    prompts: async () => (await log()).filter(isPrompt).map(({ text }) => text ?? ''),
    received: async () =>
      Buffer.concat((await log()).map(({ base64 }) => Buffer.from(base64 ?? '', 'base64'))),
    tell: async (behaviour) => {
      await writeBehaviour(folder, { ...behaviour, revision: ++revision })
      await told(revision)
    },
  }
}

const program = join(packageRoot, 'app/testing/scripted-agent/agent.mjs')

function isPrompt({ type }: Witnessed): boolean {
  return type === 'prompt'
}

/** In one step, so that the agent never reads half of it. */
async function writeBehaviour(folder: string, behaviour: Behaviour & { revision: number }) {
  await writeFile(join(folder, 'behaviour.tmp'), JSON.stringify(behaviour))
  await rename(join(folder, 'behaviour.tmp'), join(folder, 'behaviour.json'))
}

async function readLog(folder: string): Promise<Witnessed[]> {
  const text = await readFile(join(folder, 'log.jsonl'), 'utf8').catch(() => '')
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Witnessed)
}
