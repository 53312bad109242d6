import { Option, type Command } from 'commander'
import { effects, policyTiers, type Effect, type PolicyTier } from '../../core/pattern.ts'
import { UsageError } from '../failure.ts'

/** What can be said of a rule on the command line. */
export interface RuleOptions {
  name?: string
  effect?: Effect
  note?: string
  tool?: string[]
  command?: string[]
  path?: string[]
  inside?: 'project' | 'outside'
  host?: string[]
  session?: string[]
  tier?: PolicyTier[]
  project?: string[]
  agent?: string[]
  /** Conditions that no longer count. */
  drop?: string[]
}

/** Every condition of `app/core/pattern.ts`; several values of one mean "one of them". */
export function addRuleOptions(command: Command): Command {
  return command
    .option('--name <text>', 'how you call it (default: what it is about)')
    .option('--note <text>', 'why it is there')
    .option('--command <lines...>', "simple commands: 'npm test', 'cat <path>', 'git commit -m <text>'")
    .option('--tool <names...>', 'shell, edit, write, read, fetch, mcp:github/get_issue, mcp:github/*')
    .option('--path <globs...>', 'only these files: src/**, /srv/docs/*.md')
    .addOption(new Option('--inside <where>', 'only files there').choices(['project', 'outside'] as const))
    .option('--host <names...>', 'addresses that are fetched: docs.rs, *.github.io')
    .option('--session <names...>', 'only in these sessions')
    .addOption(new Option('--tier <tiers...>', 'only in sessions of these tiers').choices(policyTiers))
    .option('--project <folders...>', 'only in these projects')
    .option('--agent <kinds...>', 'only for these agents: claude, codex, gemini, opencode')
}

export function effectOption(): Option {
  return new Option('--effect <effect>', 'allow it, deny it, or ask a person').choices(effects)
}

/** The number of a rule, also written as `#7`. */
export function parsePattern(value: string): number {
  const id = /^#?(\d{1,15})$/.exec(value)?.[1]
  if (id !== undefined && Number(id) > 0) return Number(id)
  throw new UsageError(`"${value}" is no number of a rule; ./deploy.sh patterns list shows them.`)
}
