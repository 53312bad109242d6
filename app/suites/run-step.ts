import { isAppError, messageOf } from '../core/errors.ts'
import { endsWithin } from '../core/signals.ts'
import { suiteLimits, type Expectations, type StepResult, type TestStep } from '../core/test-suite.ts'
import { failuresOf } from './expectations.ts'
import { valueAt, type Outcome } from './outcome.ts'
import type { SuiteRun } from './run-suite.ts'
import { httpOutcome } from './steps/http.ts'
import { promptOutcome } from './steps/prompt.ts'
import { shellOutcome } from './steps/shell.ts'
import { tmuxOutcome } from './steps/tmux.ts'
import { filled } from './variables.ts'

interface StepRun extends SuiteRun {
  folder: string
  /** Those of the case so far; captures are added. */
  variables: Map<string, string>
  /** Of one try, in seconds. */
  limitS: number
}

const betweenTriesMs = 250

/** One step, tried until it holds or its time to be tried again is over. Never throws. */
export async function runStep(step: TestStep, index: number, run: StepRun): Promise<StepResult> {
  const begun = performance.now()
  const until = begun + (step.retry_seconds ?? 0) * 1_000
  let tries = 0
  for (;;) {
    tries += 1
    const tried = await tryStep(step, run)
    const isLast = performance.now() + betweenTriesMs > until || run.signal.aborted || tried.isHopeless
    if (tried.outcome === 'passed' || isLast) {
      const { outcome, failures, output } = tried
      const hide = run.secrets.hide.bind(run.secrets)
      const durationMs = Math.round(performance.now() - begun)
      return {
        name: hide(nameOf(step, index)),
        outcome,
        duration_ms: durationMs,
        tries,
        failures: failures.map((failure) => cut(hide(failure))),
        output: output === null ? null : cut(hide(output)),
      }
    }
    await run.clock.sleep(betweenTriesMs, run.signal)
  }
}

export function skippedStep(step: TestStep, index: number): StepResult {
  return {
    name: nameOf(step, index),
    outcome: 'skipped',
    duration_ms: 0,
    tries: 0,
    failures: [],
    output: null,
  }
}

interface Tried {
  outcome: 'passed' | 'failed' | 'error'
  failures: string[]
  output: string | null
  /** Trying again will not help. */
  isHopeless: boolean
}

async function tryStep(step: TestStep, run: StepRun): Promise<Tried> {
  const limitS = step.timeout_seconds ?? ('wait' in step ? step.wait + 1 : run.limitS)
  using limit = endsWithin(limitS * 1_000, run.signal)
  try {
    const outcome = await outcomeOf(filled(withoutCapture(step), run.variables), run, limit.signal)
    const failures = failuresOf(filled(expectedOf(step), run.variables), outcome)
    if (failures.length > 0)
      return { outcome: 'failed', failures, output: textOf(outcome), isHopeless: false }
    return captured(step, outcome, run)
  } catch (error) {
    return {
      outcome: 'error',
      failures: [reasonOf(error, run.signal, limit.signal, limitS)],
      output: null,
      isHopeless: isAppError(error, 'invalid'),
    }
  }
}

/** What ended early says only what is known beyond that. */
function reasonOf(error: unknown, suite: AbortSignal, step: AbortSignal, limitS: number): string {
  if (!step.aborted) return messageOf(error)
  const early = suite.aborted
    ? 'The time of the suite is over, or it was ended.'
    : `It took longer than ${limitS} s.`
  return isAppError(error) ? `${early} ${error.message}` : early
}

/** A prompt that failed, and a command that did, are no success unless the step says what it expects of them. */
function expectedOf(step: TestStep): Expectations {
  const names = Object.keys(step.expect)
  if ('prompt' in step && step.prompt.wait_for === 'ended' && !names.includes('state'))
    return { state: 'completed', ...step.expect }
  if ('shell' in step && !names.includes('exit_code') && !names.includes('signal'))
    return { exit_code: 0, ...step.expect }
  return step.expect
}

/** Names and paths of captures are no places for variables. */
function withoutCapture(step: TestStep): TestStep {
  return { ...step, capture: {}, expect: {} }
}

function outcomeOf(step: TestStep, run: StepRun, signal: AbortSignal): Promise<Outcome> {
  if ('http' in step) return httpOutcome(step.http, run.dashboard, signal)
  if ('shell' in step) return shellOutcome(step.shell, run.folder, signal)
  if ('tmux' in step) return tmuxOutcome(step.tmux, run.dashboard, signal)
  if ('prompt' in step) return promptOutcome(step.prompt, run.dashboard, run.clock, signal)
  return waited(step.wait, run, signal)
}

async function waited(seconds: number, { clock }: StepRun, signal: AbortSignal): Promise<Outcome> {
  await clock.sleep(seconds * 1_000, signal)
  signal.throwIfAborted()
  return { seconds }
}

function captured({ capture }: TestStep, outcome: Outcome, { variables }: StepRun): Tried {
  const failures: string[] = []
  for (const [name, path] of Object.entries(capture)) {
    const value = valueAt(outcome, path)
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    if (text === undefined) failures.push(`${path} is missing; it was to be captured as ${name}`)
    else if (text.length > suiteLimits.variableChars)
      failures.push(`${path} is too long to be captured as ${name}`)
    else variables.set(name, text)
  }
  const output = failures.length > 0 ? textOf(outcome) : null
  return { outcome: failures.length > 0 ? 'failed' : 'passed', failures, output, isHopeless: false }
}

function nameOf(step: TestStep, index: number): string {
  if (step.name !== undefined) return step.name
  if ('http' in step) return `${step.http.method} ${step.http.url}`
  if ('shell' in step) return [step.shell.command].flat().join(' ').slice(0, 200)
  if ('tmux' in step)
    return `${step.tmux.send === undefined ? 'screen of' : 'type into'} ${step.tmux.session}`
  if ('prompt' in step) return `prompt: ${step.prompt.content.slice(0, 60)}`
  return `step ${index + 1}: wait ${step.wait} s`
}

/** What tells most of an outcome. */
function textOf(outcome: Outcome): string {
  const { body, stdout, stderr, screen } = outcome
  const parts = [body, stdout, stderr, screen].filter((part) => typeof part === 'string' && part !== '')
  return parts.length > 0 ? parts.join('\n') : JSON.stringify(outcome)
}

function cut(text: string): string {
  const plain = text.replaceAll('\0', '').toWellFormed()
  return plain.length <= suiteLimits.shownChars
    ? plain
    : `${plain.slice(0, suiteLimits.shownChars).toWellFormed()}…`
}
