import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import type { ScreenReading, SessionReading } from '../core/agent.ts'
import type { EpochMs } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { stateGlyph } from '../core/session.ts'
import { UsageError } from './failure.ts'
import { fromJson, toJson } from '../json.ts'
import { openOutput, type Output } from './output/output.ts'
import { renderAge, renderMoment } from './output/time.ts'
import { explainSession, type Explained } from '../broker/explain.ts'
import { remoteAddress } from './remote/address.ts'
import { withLooks, withLooksAt } from './sessions/looks.ts'
import { withDatabase } from './with.ts'

interface ExplainOptions {
  file?: string
  json?: true
}

export function addExplain(program: Command) {
  program
    .command('explain')
    .description('why a session is read as it is: evidence, rule, verdict')
    .argument('[session]', 'NAME, NAME:WINDOW.PANE or %7, behind NODE/ on another machine')
    .option('--file <capture>', 'a saved capture instead, one JSON object a line')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  ./deploy.sh explain dev_w1\n  ./deploy.sh explain --file capture.jsonl',
    )
    .action(explain)
}

async function explain(session: string | undefined, options: ExplainOptions): Promise<void> {
  if ((session === undefined) === (options.file === undefined)) {
    throw new UsageError(
      'explain takes the name of a session (./deploy.sh sessions lists them) or --file CAPTURE.jsonl.',
    )
  }
  const output = openOutput(options)
  return session === undefined ? explainFile(options.file!, output) : showSession(session, output)
}

async function showSession(session: string, output: Output): Promise<void> {
  const { at, reading, ...pane } = await explained(session)
  if (output.json) return output.document(toJson({ ...pane, ...reading }))
  const { sessionName, address, paneId, command, title } = pane
  output.line(`${sessionName} (${address}, ${paneId}): ${verdict(reading)}`)
  output.line(
    `  process    ${reading.pid === null ? `no agent; ${command}` : `${command}, pid ${reading.pid}`}`,
  )
  output.line(`  title      ${title || '–'}`)
  showReasons(output, reading, at)
}

/** From a look of this machine, or of the one that `ARCHITECT_URL` names. */
async function explained(session: string): Promise<Explained> {
  const address = remoteAddress(process.env)
  if (!address) return explainedHere(session)
  const { Dashboard } = await import('./remote/dashboard.ts')
  return fromJson<Explained>(await new Dashboard(address).get('/api/agents/explain', { session }))
}

/** `NODE/NAME` means another machine where there is a node of that name: a session's name may have a slash, too. */
async function explainedHere(session: string): Promise<Explained> {
  const slash = session.indexOf('/')
  if (slash <= 0) return withLooks((looks) => explainSession(looks, session))
  return withDatabase(async (records) => {
    const { findNode } = await import('../db/node/read.ts')
    const node = await findNode(records.database.kysely, session.slice(0, slash))
    const at = node?.name ?? records.config.node
    return withLooksAt(records, at, (looks) => explainSession(looks, session))
  })
}

async function explainFile(file: string, output: Output): Promise<void> {
  if (!existsSync(file)) throw new AppError('not_found', `There is no file ${file}.`)
  const { loadLibrary } = await import('../agents/library.ts')
  const { parseRecording } = await import('../agents/recording.ts')
  const { readScreen } = await import('../agents/screen.ts')
  const library = loadLibrary(readConfig(process.env).dataDir)
  let line = 0
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    line += 1
    if (text.trim() === '') continue
    const { id, version, screen } = parseRecording(text, `${file}, line ${line}`)
    const reading = readScreen(library, screen, version === undefined ? {} : { version })
    if (output.json) output.document(toJson({ id, ...reading }))
    else {
      output.line(`${id}: ${verdict(reading)}`)
      showReasons(output, reading, null)
    }
  }
}

function verdict({
  agent,
  version,
  state,
  acceptsPrompt,
  draft,
  ...rest
}: ScreenReading | SessionReading): string {
  const who = agent === null ? 'no agent' : [agent, version].filter(Boolean).join(' ')
  return [
    `${stateGlyph[state]} ${state} (${who})`,
    acceptsPrompt ? 'takes a prompt now' : 'takes no prompt now',
    ...(draft ? ['holds half-typed text'] : []),
    ...('trusted' in rest && !rest.trusted
      ? ['▨ not readable with certainty: nothing is typed by itself']
      : []),
  ].join(', ')
}

/** The deciding evidence first, each with its source, its age and the rule behind it. */
function showReasons(output: Output, reading: ScreenReading | SessionReading, now: EpochMs | null) {
  output.line(`  rule       ${reading.rule}`)
  if (reading.limitedUntil !== null)
    output.line(`  until      ${renderMoment(reading.limitedUntil, Date.now())}`)
  if (reading.composer) output.line(`  composer   ${JSON.stringify(reading.composer.text)}`)
  for (const { source, at, says, state, rule } of reading.evidence) {
    const age = now === null ? '' : ` (${renderAge(at, now)})`
    const speaksFor = state === undefined ? '' : ` → ${state}`
    const byRule = rule === undefined ? '' : output.palette.dim(` [${rule}]`)
    output.line(`  ${source.padEnd(10)} ${says}${speaksFor}${age}${byRule}`)
  }
}
