import { AppError } from '../../core/errors.ts'
import type { DryRunJson, PatternJson } from '../../http/schemas/interaction.ts'
import { UsageError } from '../failure.ts'
import { openOutput, type Output } from '../output/output.ts'
import { refuseAgents } from '../person.ts'
import { withSide } from '../with.ts'
import { patternDesks, type PatternDesk } from './desk.ts'
import type { RuleOptions } from './options.ts'
import { changedRule, conditionsOf, ruleOf } from './rule.ts'
import { showDryRun, showPattern, showPatterns } from './table.ts'

interface Json {
  json?: true
}

export interface AddOptions extends Json, RuleOptions {
  /** An interaction, by its number. */
  from?: number
  wider?: number
  dryRun?: true
}

export async function listHere(options: Json): Promise<void> {
  const output = openOutput(options)
  await withSide(patternDesks, async (desk) => {
    const patterns = await desk.list()
    if (output.json) output.document({ items: patterns, next_cursor: null })
    else showPatterns(output, patterns, Date.now())
  })
}

export async function showHere(id: number, options: Json): Promise<void> {
  const output = openOutput(options)
  await withSide(patternDesks, async (desk) => {
    const pattern = await desk.show(id)
    if (output.json) output.document(pattern)
    else showPattern(output, pattern, Date.now())
  })
}

export async function addHere(options: AddOptions): Promise<void> {
  const output = openOutput(options)
  if (!options.dryRun) refuseAgents('Rules are made by people')
  await withSide(patternDesks, async (desk) => {
    if (options.from !== undefined) return tellDraft(output, desk, await addFrom(desk, options))
    if (options.wider !== undefined) throw new UsageError('--wider goes with --from.')
    const rule = ruleOf(options, conditionsOf(options, desk.folder))
    if (options.dryRun) return tellDryRun(output, await desk.tryNew(rule, null))
    await tellDraft(output, desk, await desk.add(rule))
  })
}

/** In one step: as narrow as it is of use, or the so-manieth of the wider ones. */
function addFrom(desk: PatternDesk, options: AddOptions): Promise<PatternJson> {
  const { from, wider, name, effect = 'allow', dryRun } = options
  const own = Object.keys(conditionsOf(options, (folder) => folder))
  if (own.length > 0 || dryRun || options.note !== undefined) {
    throw new UsageError(
      '--from takes its conditions from what was asked: only --wider, --effect and --name go with it. ' +
        'It makes a draft; change that with ./deploy.sh patterns edit.',
    )
  }
  if (effect === 'ask') throw new UsageError('--from makes rules that allow or deny.')
  return desk.addFrom(from!, {
    effect,
    ...(wider !== undefined && { wider }),
    ...(name !== undefined && { name }),
  })
}

export async function editHere(id: number, options: Json & RuleOptions & { dryRun?: true }): Promise<void> {
  const output = openOutput(options)
  if (!options.dryRun) refuseAgents('Rules are changed by people')
  await withSide(patternDesks, async (desk) => {
    const { name, effect, conditions, note, version } = await desk.show(id)
    const given = conditionsOf(options, desk.folder)
    const rule = changedRule({ name, effect, conditions, note }, options, given)
    if (options.dryRun) return tellDryRun(output, await desk.tryNew(rule, id))
    await tellDraft(output, desk, await desk.edit(id, rule, version))
  })
}

/** Exactly the version that is tried here goes live. */
export async function enableHere(id: number, options: Json & { yes?: true }): Promise<void> {
  const output = openOutput(options)
  refuseAgents('Rules are enabled by people')
  await withSide(patternDesks, async (desk) => {
    const { version } = await desk.show(id)
    const tried = await desk.tryOut(id)
    const isDoubtful = tried.concerns > 0 || tried.contradictions > 0
    if (isDoubtful && !options.yes) throw doubt(id, tried)
    const pattern = await desk.enable(id, version)
    if (output.json) return output.document(pattern)
    output.line(tried.says)
    output.line(`Rule ${id} answers from now on.`)
  })
}

function doubt(id: number, { says }: DryRunJson): AppError {
  return new AppError(
    'conflict',
    `Rule ${id} is not enabled. ${says} Look at them: ./deploy.sh patterns dry-run ${id}. ` +
      `If that is what you want: ./deploy.sh patterns enable ${id} --yes`,
  )
}

export async function disableHere(id: number, options: Json): Promise<void> {
  refuseAgents('Rules are switched off by people')
  await change(options, (desk) => desk.disable(id), `Rule ${id} is switched off.`)
}

export async function removeHere(id: number, options: Json): Promise<void> {
  refuseAgents('Rules are removed by people')
  await change(options, (desk) => desk.remove(id), `Rule ${id} is removed. What it decided is kept.`)
}

async function change(options: Json, work: (desk: PatternDesk) => Promise<PatternJson>, sentence: string) {
  const output = openOutput(options)
  await withSide(patternDesks, async (desk) => {
    const pattern = await work(desk)
    if (output.json) output.document(pattern)
    else output.line(sentence)
  })
}

export async function dryRunHere(id: number, options: Json): Promise<void> {
  const output = openOutput(options)
  await withSide(patternDesks, async (desk) => tellDryRun(output, await desk.tryOut(id)))
}

function tellDryRun(output: Output, tried: DryRunJson) {
  if (output.json) output.document(tried)
  else showDryRun(output, tried)
}

async function tellDraft(output: Output, desk: PatternDesk, pattern: PatternJson): Promise<void> {
  if (output.json) return output.document(pattern)
  const { id, version, effect, name } = pattern
  const { says } = await desk.tryOut(id)
  output.line(`Rule ${id} is a draft (version ${version}): ${effect} ${name}.`)
  output.line(says)
  output.line(`It answers once you enable it: ./deploy.sh patterns enable ${id}`)
}
