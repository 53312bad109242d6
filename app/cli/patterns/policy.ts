import { Option, type Command } from 'commander'
import { autoConfirms, policyTiers, type PolicyTier } from '../../core/pattern.ts'
import type { Permissions } from '../../db/permissions.ts'
import { nearest } from '../../core/nearest.ts'
import { shippedRuleNames } from '../../patterns/shipped/index.ts'
import { UsageError } from '../failure.ts'
import { openOutput, type Output } from '../output/output.ts'
import { refuseAgents } from '../person.ts'
import { withSide } from '../with.ts'
import { patternDesks } from './desk.ts'

type Granted = (typeof autoConfirms)[number]

interface PolicyOptions {
  worker?: Granted
  manager?: Granted
  highLevel?: Granted
  automatic?: 'on' | 'off'
  discovered?: Permissions['discovered']
  switchOff?: string[]
  switchOn?: string[]
  json?: true
}

export function addPolicyOptions(command: Command): Command {
  const granted = (tier: string, words: string) =>
    new Option(`--${tier} <much>`, `what ${words} are granted`).choices(autoConfirms)
  return command
    .addOption(granted('worker', 'workers'))
    .addOption(granted('manager', 'managers'))
    .addOption(granted('high-level', 'high-level sessions'))
    .addOption(new Option('--automatic <switch>', 'off: a person answers everything').choices(['on', 'off']))
    .addOption(
      new Option('--discovered <how>', 'sessions that nobody gave a tier').choices([
        'rules_only',
        'as_workers',
      ]),
    )
    .option(
      '--switch-off <rules...>',
      'shipped rules that shall not hold (see Documentation, Permission prompts)',
    )
    .option('--switch-on <rules...>', 'shipped rules that shall hold again')
}

/** Without options it only shows what holds. */
export async function policyHere({ json, ...options }: PolicyOptions): Promise<void> {
  const output = openOutput({ ...(json && { json }) })
  const changes = Object.keys(options).length > 0
  if (changes) refuseAgents('Policies are settled by people')
  await withSide(patternDesks, async (desk) => {
    const before = await desk.permissions()
    const now = changes ? await desk.settle(changed(before, options)) : before
    if (output.json) output.document(now)
    else showPolicy(output, now)
  })
}

function changed({ automatic, discovered, policy }: Permissions, options: PolicyOptions): Permissions {
  const { tiers } = policy
  const without = new Set(policy.withoutShipped)
  for (const name of options.switchOff ?? []) without.add(known(name))
  for (const name of options.switchOn ?? []) if (!without.delete(name)) known(name)
  return {
    automatic: options.automatic === undefined ? automatic : options.automatic === 'on',
    discovered: options.discovered ?? discovered,
    policy: {
      tiers: {
        high_level: options.highLevel ?? tiers.high_level,
        manager: options.manager ?? tiers.manager,
        worker: options.worker ?? tiers.worker,
      },
      withoutShipped: [...without],
    },
  }
}

function known(name: string): string {
  if (shippedRuleNames.includes(name)) return name
  throw new UsageError(`There is no shipped rule "${name}". ${nearest(name, shippedRuleNames)}`)
}

const tierNames: Record<PolicyTier, string> = {
  high_level: 'High-level sessions',
  manager: 'Managers',
  worker: 'Workers',
}

const grantedWords: Record<Granted, string> = {
  full: 'routine and work inside the project is answered; a person answers the rest',
  routine: 'what is routine is answered; a person answers the rest',
  manual: 'a person answers everything',
}

function showPolicy(output: Output, { automatic, discovered, policy }: Permissions) {
  if (!automatic) {
    output.line('Nothing is answered automatically, whatever rules and policies say.')
    output.line('Let them answer again: ./deploy.sh patterns policy --automatic on\n')
  }
  output.line('Where no rule of yours is about it:')
  for (const tier of policyTiers) {
    const granted = policy.tiers[tier]
    output.line(`  ${tierNames[tier].padEnd(20)} ${granted.padEnd(8)} ${grantedWords[granted]}`)
  }
  output.line(
    discovered === 'rules_only'
      ? 'Sessions that nobody gave a tier are answered by your own rules only.'
      : 'Sessions that nobody gave a tier count as workers.',
  )
  const off = policy.withoutShipped
  output.line(
    off.length === 0 ? 'All shipped rules hold.' : `Switched off of the shipped rules: ${off.join(', ')}.`,
  )
}
