import type { Prompt, PromptId } from '../../core/prompt.ts'
import { treeRows, type TreeRow } from '../../db/prompt/tree.ts'
import { getPrompt } from '../../db/prompts.ts'
import type { Db } from '../../db/schema.ts'

export interface TreeNode extends TreeRow {
  /** Steps below the first one. */
  level: number
}

export interface PromptTree {
  /** The one that was asked about. */
  id: PromptId
  /** The first one, and everything below it, each directly behind its parent. */
  nodes: TreeNode[]
  /** There are more than these. */
  isCut: boolean
}

/** More than a screen holds. */
const mostNodes = 2_000

/** The whole tree that a prompt belongs to. Throws `not_found`. */
export async function promptTree(db: Db, id: PromptId): Promise<PromptTree> {
  const first = await firstOf(db, await getPrompt(db, id))
  const rows = await treeRows(db, first.id, mostNodes + 1)
  const shown = rows.slice(0, mostNodes)
  return { id, nodes: inOrder(shown, first.id), isCut: rows.length > mostNodes }
}

async function firstOf(db: Db, prompt: Prompt): Promise<Prompt> {
  return prompt.parent === null ? prompt : firstOf(db, await getPrompt(db, prompt.parent))
}

function inOrder(rows: readonly TreeRow[], first: PromptId): TreeNode[] {
  const below = new Map<PromptId, TreeRow[]>()
  for (const row of rows) {
    if (row.parent !== null) below.set(row.parent, [...(below.get(row.parent) ?? []), row])
  }
  const walk = (row: TreeRow, level: number): TreeNode[] => [
    { ...row, level },
    ...(below.get(row.id) ?? []).flatMap((child) => walk(child, level + 1)),
  ]
  return rows.filter(({ id }) => id === first).flatMap((row) => walk(row, 0))
}
