import { spawn } from 'node:child_process'
import type { z } from 'zod'
import { AppError } from '../../core/errors.ts'
import { suiteLimits, type shellStepSchema } from '../../core/test-suite.ts'
import type { Outcome } from '../outcome.ts'

type ShellStep = z.infer<typeof shellStepSchema>

/** What a command needs to find its way; nothing else of our own environment reaches it. */
const passed = ['PATH', 'HOME', 'USER', 'LANG', 'TZ', 'TMPDIR', 'SHELL']

/**
 * Runs a command to its end, in a process group of its own that ends with it, whatever it left behind. Throws
 * `invalid` for what can't be started, and the signal's reason after it was killed.
 */
export function shellOutcome(step: ShellStep, folder: string, signal: AbortSignal): Promise<Outcome> {
  const [program, ...args] = wordsOf(step)
  const begun = performance.now()
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const child = spawn(program!, args, {
      cwd: step.cwd ?? folder,
      env: { ...ownEnvironment(), ...step.env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const end = () => killGroup(child.pid)
    signal.addEventListener('abort', end, { once: true })
    const [stdout, stderr] = [collected(child.stdout), collected(child.stderr)]
    child.stdin.on('error', () => undefined) // it read no more of what it was given
    child.stdin.end(step.stdin ?? '')
    child.once('error', (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', end)
      reject(
        new AppError(
          'invalid',
          `${program} cannot be started in ${step.cwd ?? folder}: ${error.code ?? error.message}.`,
        ),
      )
    })
    child.once('exit', (code, by) => {
      // What it started and left behind would hold its output open.
      end()
      child.once('close', () => {
        signal.removeEventListener('abort', end)
        if (signal.aborted) return reject(signal.reason as Error)
        resolve({
          exit_code: code,
          signal: by,
          stdout: stdout(),
          stderr: stderr(),
          duration_ms: Math.round(performance.now() - begun),
        })
      })
    })
  })
}

function wordsOf({ command, shell }: ShellStep): string[] {
  if (typeof command === 'string' && shell) return ['sh', '-c', command]
  if (typeof command !== 'string' && !shell) return command
  throw new AppError('invalid', 'A command is a list of words; for one line of sh, say shell: true.')
}

function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    passed.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** What comes beyond the limit is read, so that nobody waits, and forgotten. */
function collected(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = []
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    if (bytes < suiteLimits.outputBytes) chunks.push(chunk)
    bytes += chunk.length
  })
  return () => Buffer.concat(chunks).subarray(0, suiteLimits.outputBytes).toString()
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // Gone, as it should be, or somebody else's, as what sudo started.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
