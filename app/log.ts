import { join } from 'node:path'
import { pino, type Logger } from 'pino'
import type { Config } from './config.ts'
import { openLogFile } from './log-file.ts'
import { makePrivateFolder } from './core/private-files.ts'

/** What a process writes down: JSON lines for machines, one readable line per deed for people. */
export interface Log extends Disposable {
  /** `<data>/logs/<process>.log`. */
  readonly path: string
  readonly json: Logger
  /** One thing that was done, as a sentence: "prompt 7 completed by dev_w1 in 6:12". */
  progress(sentence: string, at?: number): void
}

/**
 * Opens the log of one process. Lines of progress go to `<data>/logs/progress.log` (shared by all processes)
 * and, when `show` is given, to it as well.
 */
export function openLog(config: Config, processName: string, show?: (line: string) => void): Log {
  const folder = join(config.dataDir, 'logs')
  makePrivateFolder(folder)
  const path = join(folder, `${processName}.log`)
  const file = openLogFile(path)
  const progressFile = openLogFile(join(folder, 'progress.log'))
  return {
    path,
    json: pino({ level: config.logLevel, base: { process: processName, pid: process.pid } }, file),
    progress(sentence, at = Date.now()) {
      const time = localTime(new Date(at))
      progressFile.write(`${time} ${sentence}\n`)
      show?.(`${time.slice(11)} ${sentence}`)
    },
    [Symbol.dispose]() {
      file.close()
      progressFile.close()
    },
  }
}

/** `2026-11-21 08:45:12` in the machine's own zone, because it is read by the people who sit there. */
function localTime(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}
