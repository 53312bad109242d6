import type { Command } from 'commander'
import { toJson } from '../../json.ts'
import { openOutput } from '../output/output.ts'
import { requireHere, withContext } from '../with.ts'
import type { SetUp } from './set-up.ts'

export function addSetupSessions(program: Command) {
  program
    .command('setup-sessions')
    .description(
      'make the standard sessions of a file: what is missing is started, or resumed after a reboot',
    )
    .argument('<file>', 'a YAML file, see views/docs/sessions.example.yaml')
    .option('--dry-run', 'only say what would be done')
    .option('--json', 'answer in JSON')
    .addHelpText('after', '\nExample:\n  ./deploy.sh setup-sessions sessions.yaml')
    .action(setUp)
}

async function setUp(file: string, options: { dryRun?: true; json?: true }): Promise<void> {
  requireHere('setup-sessions')
  const { readSessionsFile } = await import('./file.ts')
  const { setUpSessions } = await import('./set-up.ts')
  const output = openOutput(options)
  await withContext(async (context) => {
    const wanted = readSessionsFile(file, [...context.library.keys()])
    const done: SetUp[] = []
    for await (const session of setUpSessions(context, wanted, { dryRun: options.dryRun ?? false })) {
      done.push(session)
      if (!output.json) output.line(sentence(session))
    }
    if (output.json) output.document({ dry_run: options.dryRun ?? false, items: toJson(done) })
    if (done.some(({ did }) => did === 'left_alone' || did === 'failed')) process.exitCode = 1
  })
}

const verbs = {
  exists: 'is there',
  started: 'started',
  resumed: 'resumed',
  would_start: 'would be started',
  would_resume: 'would be resumed',
  left_alone: 'LEFT ALONE',
  failed: 'FAILED',
} satisfies Record<SetUp['did'], string>

function sentence({ name, agent, dir, did, note }: SetUp): string {
  return `${name}: ${verbs[did]} (${agent} in ${dir})${note === null ? '' : `: ${note}`}`
}
