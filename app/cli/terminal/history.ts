import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newlineSign } from './paste.ts'
import { maskText } from '../../core/masking.ts'
import { makePrivateFolder } from '../../core/private-files.ts'

export const maxHistoryLines = 500
/** A longer text is not worth an arrow key. */
const maxLineLength = 2000

/** Earlier lines, newest first, as readline wants them. */
export function readHistory(dataDir: string): string[] {
  const path = historyPath(dataDir)
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8').split('\n').filter(Boolean).slice(-maxHistoryLines).toReversed()
}

/** Readable by its owner only: prompts may hold anything. */
export function writeHistory(dataDir: string, newestFirst: string[]) {
  const lines = newestFirst.slice(0, maxHistoryLines).toReversed()
  makePrivateFolder(dataDir)
  const text = lines.map((line) => `${maskText(line)}\n`).join('')
  writeFileSync(historyPath(dataDir), text, { mode: 0o600 })
}

/** A sent text as one line of history; null when it is too long to be kept. */
export function historyLine(text: string): string | null {
  return text.length > maxLineLength ? null : text.replaceAll('\n', newlineSign)
}

const historyPath = (dataDir: string) => join(dataDir, 'terminal-history')
