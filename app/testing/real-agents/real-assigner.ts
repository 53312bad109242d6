import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readConfig } from '../../config.ts'
import { buildAssigner } from '../chaos/build.ts'
import type { Place } from '../chaos/plan.ts'
import { Supply } from '../chaos/supply.ts'
import { builtProgram } from '../product.ts'
import { startSteppedAssigner, type Hooks, type TestTime } from '../stepped-assigner.ts'

/** An assigner at work, wherever it runs. */
export interface WorkingAssigner {
  /** SIGKILL for a process of its own; one in the test's process is asked to stop. */
  end(): Promise<void>
}

/** The product's own background process. */
export function startAssignerProcess(environment: NodeJS.ProcessEnv): WorkingAssigner {
  const env = { ...process.env, ...environment }
  const child = spawn(process.execPath, [builtProgram('workers/assigner')], { env, stdio: 'ignore' })
  return { end: () => end(child) }
}

/** The assigner in the test's own process, so that a test can act between its steps. */
export async function startAssignerHere(
  environment: NodeJS.ProcessEnv,
  hooks: Hooks,
  time?: TestTime,
): Promise<WorkingAssigner> {
  const assigner = await startSteppedAssigner(readConfig(environment), hooks, time)
  return { end: () => assigner.stop() }
}

/** Lets an assigner work until it comes to `place`, where it is killed with SIGKILL. Throws when it never comes there. */
export async function dieAt(environment: NodeJS.ProcessEnv, place: Place): Promise<void> {
  await using program = await buildAssigner()
  await using supply = new Supply(program.path, environment)
  const assigner = await supply.begin({ victim: 'assigner', at: { place, nth: 1 }, serverPid: 0 })
  const late = setTimeout(() => assigner.kill(), comesThereMs)
  await assigner.ended
  clearTimeout(late)
  if (assigner.struck() !== place) throw new Error(`the assigner did not come to "${place}"`)
}

/** A first look, a claim and a paste take about one second. */
const comesThereMs = 30_000

async function end(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
