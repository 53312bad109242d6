import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { AgentKind, SessionState } from '../core/session.ts'
import type { AgentLibrary } from './library.ts'
import { parseRecording } from './recording.ts'
import type { Recording } from './recording.ts'
import { readScreen } from './screen.ts'

/** What the rules say about one recording. */
export interface RecordingResult {
  id: string
  agent: AgentKind | null
  state: SessionState
  acceptsPrompt: boolean
  draft: boolean
  rule: string
}

/** How the results compare with the truth; recordings without a class are only counted. */
export interface ScoreTotals {
  recordings: number
  labelled: number
  statesRight: number
  /** Of 1; 1 where nothing is labelled. */
  share: number
  /** The dangerous fault: it would be typed into a screen that takes no prompt. */
  wronglyAccepted: string[]
  wronglyRefused: string[]
  draftWrong: string[]
  /** `busy→idle`: the recordings of the first class that were read as the second. */
  confusion: Record<string, string[]>
}

/** Reads recording files (one JSON a line); `onResult` gets each result in order. Throws `invalid` with file and line. */
export async function scoreFiles(
  library: AgentLibrary,
  files: readonly string[],
  onResult: (result: RecordingResult) => void = () => {},
): Promise<ScoreTotals> {
  const totals = emptyTotals()
  for (const file of files) {
    let line = 0
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      line += 1
      if (text.trim() === '') continue
      const recording = parseRecording(text, `${file}, line ${line}`)
      const result = readRecording(library, recording)
      count(totals, recording, result)
      onResult(result)
    }
  }
  totals.share = totals.labelled === 0 ? 1 : totals.statesRight / totals.labelled
  return totals
}

/** Like a pane whose processes are unknown: agent and state come from command, title and screen. */
export function readRecording(library: AgentLibrary, recording: Recording): RecordingResult {
  const version = recording.version === undefined ? {} : { version: recording.version }
  const { agent, state, acceptsPrompt, draft, rule } = readScreen(library, recording.screen, version)
  return { id: recording.id, agent, state, acceptsPrompt, draft, rule }
}

/** A turn that is being retried is both in error and busy: either name is right. */
export function isStateRight(recording: Recording, state: SessionState): boolean {
  return state === recording.class || (recording.retrying && (state === 'busy' || state === 'error'))
}

function emptyTotals(): ScoreTotals {
  return {
    recordings: 0,
    labelled: 0,
    statesRight: 0,
    share: 1,
    wronglyAccepted: [],
    wronglyRefused: [],
    draftWrong: [],
    confusion: {},
  }
}

function count(totals: ScoreTotals, recording: Recording, result: RecordingResult) {
  totals.recordings += 1
  if (recording.class === undefined) return
  totals.labelled += 1
  if (isStateRight(recording, result.state)) totals.statesRight += 1
  else (totals.confusion[`${recording.class}→${result.state}`] ??= []).push(result.id)
  if (result.acceptsPrompt && !recording.acceptsPrompt) totals.wronglyAccepted.push(result.id)
  if (!result.acceptsPrompt && recording.acceptsPrompt) totals.wronglyRefused.push(result.id)
  if (result.draft !== recording.draft) totals.draftWrong.push(result.id)
}
