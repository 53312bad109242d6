import type { TreeNode } from '../../broker/delegation/tree.ts'
import { toJson } from '../../json.ts'
import { openOutput } from '../output/output.ts'
import { renderDuration } from '../output/time.ts'
import { withDesk } from '../with.ts'

/** `prompts tree ID`: everything that belongs together, each one below the one that it is a part of. */
export async function showTree(id: number, options: { json?: true }): Promise<void> {
  const output = openOutput(options)
  await withDesk(async (desk) => {
    const tree = await desk.tree(id)
    if (output.json) return output.document(toJson(tree))
    for (const node of tree.nodes) output.line(lineOf(node, id))
    if (tree.isCut) output.remark('There are more than these.')
  })
}

/** `  #13 completed  dev_w1 (code)  Fix the login test  accepted`. */
function lineOf(node: TreeNode, asked: number): string {
  const { id, level, state, kind, title, sessionName, review } = node
  const where = [sessionName ?? '', kind === null ? '' : `(${kind})`].filter(Boolean).join(' ')
  const how = review === null ? '' : review === 'accepted' ? 'accepted' : 'sent back'
  const parts = [`#${id} ${state}${tookOf(node)}`, where, title, how].filter(Boolean)
  return `${'  '.repeat(level)}${id === asked ? '▸ ' : ''}${parts.join('  ')}`
}

function tookOf({ startedAt, endedAt }: TreeNode): string {
  return startedAt === null || endedAt === null ? '' : ` in ${renderDuration(endedAt - startedAt)}`
}
