import { Option, type Command } from 'commander'
import { parseWholeNumber } from '../arguments.ts'
import {
  addHere,
  disableHere,
  dryRunHere,
  editHere,
  enableHere,
  listHere,
  removeHere,
  showHere,
} from './actions.ts'
import { addRuleOptions, effectOption, parsePattern } from './options.ts'
import { addPolicyOptions, policyHere } from './policy.ts'
import { conditionNames } from './rule.ts'

export function addPatterns(program: Command) {
  const patterns = program
    .command('patterns')
    .description('rules that answer permission prompts, and what is granted without one')
    .addHelpText('after', examples)
  const add = (name: string, about: string) =>
    patterns.command(name).description(about).option('--json', 'answer in JSON')
  const one = (name: string, about: string) => add(name, about).argument('<id>', 'its number', parsePattern)
  add('list', 'all rules: drafts, those that answer, those that are switched off').action(listHere)
  one('show', 'one rule: when it holds, and what it said before').action(showHere)
  addRuleOptions(
    add('add', 'a new rule, as a draft; with --from made of what a session asked, narrow')
      .option('--from <interaction>', 'make it of this one (./deploy.sh interactions list --all)', (value) =>
        parseWholeNumber('--from', value.replace(/^#/, ''), 1, Number.MAX_SAFE_INTEGER),
      )
      .option('--wider <n>', 'with --from: grant more, 1 a little, 2 more', (value) =>
        parseWholeNumber('--wider', value, 1, 20),
      )
      .addOption(effectOption().default('allow')),
  )
    .option('--dry-run', 'only say what it would have changed; nothing is kept')
    .action(addHere)
  addRuleOptions(one('edit', 'change what is given; it is a draft again until it is enabled'))
    .addOption(effectOption())
    .addOption(
      new Option('--drop <conditions...>', 'conditions that no longer count').choices(conditionNames),
    )
    .option('--dry-run', 'only say what it would have changed; nothing is kept')
    .action(editHere)
  one('dry-run', 'what the rule would have changed, had it been live all the time').action(dryRunHere)
  one('enable', 'let it answer, exactly as it was tried')
    .option('--yes', 'also where the dry run warns')
    .action(enableHere)
  one('disable', 'switch it off').action(disableHere)
  one('remove', 'for good; what it decided is kept').action(removeHere)
  addPolicyOptions(add('policy', 'what each tier is granted without a rule; shows it, or changes it')).action(
    policyHere,
  )
}

const examples = `
Examples:
  ./deploy.sh patterns add --from 12                           narrow: exactly this, in this project
  ./deploy.sh patterns add --command 'npm run lint' 'git diff ...' --tier worker
  ./deploy.sh patterns add --effect deny --tool 'mcp:github/*'
  ./deploy.sh patterns dry-run 3                               would have approved 41 of 120, 2 of which …
  ./deploy.sh patterns enable 3
  ./deploy.sh patterns edit 3 --path 'src/**' --drop tiers
  ./deploy.sh patterns policy --manager full

In --command, <path> is one word inside the project, <text> one word that is no option, and ... at the end any
further words. Several values of one option mean "one of them"; several options have to hold together.
`
