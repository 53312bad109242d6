import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import type { ScoreTotals } from '../agents/score.ts'
import { readConfig } from '../config.ts'
import { AppError } from '../core/errors.ts'

export function addScreens(program: Command) {
  program
    .command('screens')
    .description('read recorded screens: one JSON line for each, then one with the totals')
    .argument('<file...>', 'recordings, one JSON object a line')
    .option('--json', 'no sentence at the end; the lines are JSON anyway')
    .addHelpText('after', '\nExample:\n  ./deploy.sh screens app/agents/recordings/*.jsonl')
    .action(readScreens)
}

async function readScreens(files: string[], options: { json?: true }): Promise<void> {
  const missing = files.find((file) => !existsSync(file))
  if (missing !== undefined) throw new AppError('not_found', `There is no file ${missing}.`)
  const { loadLibrary } = await import('../agents/library.ts')
  const { scoreFiles } = await import('../agents/score.ts')
  const library = loadLibrary(readConfig(process.env).dataDir)
  const totals = await scoreFiles(library, files, (result) => writeLine(result))
  writeLine({ totals })
  if (!options.json) process.stderr.write(`${inWords(totals)}\n`)
}

function writeLine(value: unknown) {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

function inWords({ recordings, labelled, statesRight, share, wronglyAccepted }: ScoreTotals): string {
  const read = `${recordings} recordings read`
  if (labelled === 0) return `${read}; none says what it shows, so nothing was compared.`
  return (
    `${read}; ${statesRight} of ${labelled} states right (${(100 * share).toFixed(1)} %), ` +
    `${wronglyAccepted.length} wrongly taken for ready to type.`
  )
}
