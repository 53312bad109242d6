import { counted } from '../../core/counted.ts'
import type { Node } from '../../core/node.ts'
import { simulatedTag } from '../../core/simulated.ts'
import { UsageError } from '../failure.ts'
import { toJson } from '../../json.ts'
import type { NodeNow } from '../../nodes/now.ts'
import { openOutput, type Output } from '../output/output.ts'
import { withSide } from '../with.ts'
import { nodeDesks } from './desk.ts'
import { showNode, showNodes } from './table.ts'

interface Json {
  json?: true
}

export async function listAll(options: Json & { tag?: string; search?: string }): Promise<void> {
  const output = openOutput(options)
  await withSide(nodeDesks, async (desk) => {
    const { tag, search: text } = options
    const nodes = await desk.list({ ...(tag !== undefined && { tag }), ...(text !== undefined && { text }) })
    if (output.json) output.document({ items: nodes.map(nodeJson), next_cursor: null })
    else showNodes(output, nodes, Date.now())
  })
}

export async function showOne(word: string, options: Json): Promise<void> {
  const output = openOutput(options)
  await withSide(nodeDesks, async (desk) => {
    const { node, keys, alerts } = await desk.show(word)
    if (output.json) output.document({ ...nodeJson(node), keys: toJson(keys), alerts: toJson(alerts) })
    else showNode(output, { node, keys, alerts }, Date.now())
  })
}

export async function inviteOne(
  options: Json & { name?: string; tag?: string[]; url?: string },
): Promise<void> {
  const output = openOutput(options)
  await withSide(nodeDesks, async (desk) => {
    const { name = null, tag: tags = [], url = null } = options
    const invited = await desk.invite({ name, tags, url })
    if (output.json) return output.document(toJson(invited))
    output.line('Run this on the new machine, in the folder of Architect, within 15 minutes:')
    output.line()
    output.line(`  ${invited.command}`)
    output.line()
    if (invited.warning !== null) output.line(output.palette.yellow(`▲ ${invited.warning}`))
    else output.line('It is good once, and for one machine.')
  })
}

export async function addOne(name: string, options: Json & { tag?: string[] }): Promise<void> {
  const output = openOutput(options)
  await withSide(nodeDesks, async (desk) => {
    const { node, key } = await desk.add({ name, tags: options.tag ?? [] })
    if (output.json) return output.document({ node: toJson(node), key })
    output.line(`Added ${node.name} as node ${node.id}. Its key, shown this once: ${key}`)
    output.line(`It posts heartbeats to /api/nodes/${node.id}/heartbeat with "Authorization: Bearer KEY".`)
  })
}

export async function rotateKeyOf(word: string, options: Json): Promise<void> {
  const output = openOutput(options)
  await withSide(nodeDesks, async (desk) => {
    const { node, key } = await desk.rotateKey(word)
    if (output.json) return output.document({ node: toJson(node), key })
    if (key === null) output.line(`${node.name} gets another key as soon as its agent is connected.`)
    else output.line(`The new key of ${node.name}, shown this once: ${key}`)
  })
}

export async function revokeOne(word: string, options: Json & { reason?: string }): Promise<void> {
  const output = openOutput(options)
  await withSide(nodeDesks, async (desk) => {
    const node = await desk.revoke(word, options.reason ?? null)
    tell(
      output,
      node,
      `${node.name} is shut out. To let it in again: ./deploy.sh nodes invite --name ${node.name}`,
    )
  })
}

export async function maintainOne(
  word: string,
  options: Json & { minutes: number; end?: true },
): Promise<void> {
  const output = openOutput(options)
  await withSide(nodeDesks, async (desk) => {
    const minutes = options.end ? 0 : options.minutes
    const node = await desk.maintain(word, minutes)
    const sentence =
      minutes === 0
        ? `The maintenance of ${node.name} has ended.`
        : `${node.name} gets no new prompts and raises no alerts for ${counted(minutes, 'minute')}.`
    tell(output, node, sentence)
  })
}

export async function remove(word: string | undefined, options: Json & { simulated?: true }): Promise<void> {
  if ((word === undefined) === (options.simulated === undefined)) {
    throw new UsageError('Say which machine to forget, or --simulated for all those of a simulation.')
  }
  return word === undefined ? removeSimulated(options) : removeOne(word, options)
}

async function removeOne(word: string, options: Json): Promise<void> {
  const output = openOutput(options)
  await withSide(nodeDesks, async (desk) => {
    await desk.remove(word)
    if (output.json) output.document({ removed: true })
    else output.line(`${word} is forgotten, with its keys and figures.`)
  })
}

async function removeSimulated(options: Json) {
  const output = openOutput(options)
  await withSide(nodeDesks, async (desk) => {
    const nodes = await desk.list({ tag: simulatedTag })
    // Together: each one alone would wait for a disk.
    await Promise.all(nodes.map(({ name }) => desk.remove(name)))
    if (output.json) output.document({ removed: nodes.length })
    else if (nodes.length === 0) output.line('There are no simulated nodes.')
    else
      output.line(
        `${counted(nodes.length, 'simulated node is', 'simulated nodes are')} forgotten, with keys and figures.`,
      )
  })
}

function tell(output: Output, node: Node, sentence: string) {
  if (output.json) output.document(toJson(node))
  else output.line(sentence)
}

function nodeJson({ latest, ...node }: NodeNow) {
  return { ...toJson(node), latest }
}
