import { spawn, type ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, messageOf } from '../../app/core/errors.ts'
import { isGroupAlive, killMarked, memoryBelow, signal } from './processes.ts'

/** After TERM, before KILL. In ms. */
const graceMs = 5_000
/** What has closed its output is looked for this often, and its memory too. In ms. */
const lookEveryMs = 500
/** A program that is over may have left its pipes to one that lives on in a session of its own; those are not waited for. */
const pipesAfterEndMs = 500

/** A program of a run: argument by argument, no shell between. */
export interface Command {
  program: string
  args: readonly string[]
  dir: string
  env: NodeJS.ProcessEnv
  /** What it reads; nothing when absent. */
  input?: string
  /** A channel for messages of a Node program. */
  onMessage?: (message: unknown) => void
  /** Its output, kept for the handler as well. */
  onOutput?: (chunk: Buffer) => void
}

export interface Ended {
  exitCode: number | null
  signal: NodeJS.Signals | null
  peakMemoryBytes: number
}

/** What a run gives its programs. */
export interface Surroundings {
  /** Ends the program: cancelled, out of time, shut down. */
  signal: AbortSignal
  /** In the environment of each; by it what escaped its group is found. */
  mark: string
  onOutput: (chunk: Buffer, from: string) => void
  watch: (group: number) => void
  forget: (group: number) => void
}

/**
 * Runs a program in a process group of its own until it ends and nothing of its group is left. When the signal
 * aborts, the group gets TERM, then KILL, and what has left the group is killed by its mark. Throws `invalid` where
 * the program can't be started.
 */
export async function runProgram(command: Command, around: Surroundings): Promise<Ended> {
  const { program, args, dir, env, input, onMessage } = command
  around.signal.throwIfAborted()
  const child = spawn(program, [...args], {
    cwd: dir,
    env,
    detached: true,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...(onMessage ? ['ipc' as const] : [])],
  })
  const ended = endOf(child, program, dir)
  const group = child.pid
  if (group === undefined) return { ...(await ended), peakMemoryBytes: 0 }
  around.watch(group)
  passOutput(child, command, around)
  if (onMessage) child.on('message', onMessage)
  using looking = lookAtMemory(group)
  using _stopping = killWhenAborted(group, around)
  const end = await ended
  await endGroup(group, graceMs)
  await pipesClosed(child)
  if (around.signal.aborted) killMarked(around.mark)
  around.forget(group)
  return { ...end, peakMemoryBytes: looking.peakBytes() }
}

function passOutput(child: ChildProcess, { input, onOutput }: Command, around: Surroundings) {
  child.stdout?.on('data', (chunk: Buffer) => {
    onOutput?.(chunk)
    around.onOutput(chunk, 'out')
  })
  child.stderr?.on('data', (chunk: Buffer) => around.onOutput(chunk, 'err'))
  // A program that does not read to the end is its own affair.
  child.stdin?.on('error', () => undefined)
  if (input !== undefined) child.stdin?.end(input)
}

function endOf(child: ChildProcess, program: string, dir: string): Promise<Omit<Ended, 'peakMemoryBytes'>> {
  return new Promise((resolve, reject) => {
    child.once('exit', (exitCode, name) => resolve({ exitCode, signal: name }))
    child.once('error', (error) => {
      reject(
        new AppError('invalid', `Cannot run ${program} in ${dir}: ${messageOf(error)}.`, { cause: error }),
      )
    })
  })
}

/** Whatever of the group still runs: asked first, then killed. */
async function endGroup(group: number, withinMs: number) {
  if (!isGroupAlive(group)) return
  signal(-group, 'SIGTERM')
  const limit = performance.now() + withinMs
  while (performance.now() < limit) {
    if (!isGroupAlive(group)) return
    await sleep(50)
  }
  signal(-group, 'SIGKILL')
}

async function pipesClosed(child: ChildProcess) {
  const pipes = [child.stdout, child.stderr].filter((pipe) => pipe && !pipe.closed)
  const limit = performance.now() + pipesAfterEndMs
  while (pipes.some((pipe) => pipe && !pipe.closed) && performance.now() < limit) await sleep(10)
  for (const pipe of pipes) pipe?.destroy()
}

function killWhenAborted(group: number, { signal: abort }: Surroundings): Disposable {
  let killing: NodeJS.Timeout | null = null
  const stop = () => {
    signal(-group, 'SIGTERM')
    killing = setTimeout(() => signal(-group, 'SIGKILL'), graceMs)
  }
  if (abort.aborted) stop()
  else abort.addEventListener('abort', stop, { once: true })
  return {
    [Symbol.dispose]() {
      abort.removeEventListener('abort', stop)
      if (killing) clearTimeout(killing)
    },
  }
}

function lookAtMemory(pid: number): Disposable & { peakBytes: () => number } {
  let peak = 0
  const look = () => {
    peak = Math.max(peak, memoryBelow(pid))
  }
  look()
  // Short programs are looked at soon; long ones rarely.
  const soon = [20, 60, 150].map((ms) => setTimeout(look, ms))
  const timer = setInterval(look, lookEveryMs)
  return {
    peakBytes: () => peak,
    [Symbol.dispose]() {
      soon.forEach(clearTimeout)
      clearInterval(timer)
    },
  }
}
