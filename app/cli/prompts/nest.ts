import type { Prompt, PromptId } from '../../core/prompt.ts'

/** A prompt of a list, so many steps below the listed one that it belongs to. */
export type Nested = Prompt & { level: number }

/** The same prompts, each part behind what it is a part of as far as that is listed, the oldest part first. */
export function nest(prompts: readonly Prompt[]): Nested[] {
  const listed = new Set(prompts.map(({ id }) => id))
  const below = new Map<PromptId, Prompt[]>()
  for (const prompt of prompts.toSorted((a, b) => a.id - b.id)) {
    if (prompt.parent !== null) below.set(prompt.parent, [...(below.get(prompt.parent) ?? []), prompt])
  }
  const walk = (prompt: Prompt, level: number): Nested[] => [
    { ...prompt, level },
    ...(below.get(prompt.id) ?? []).flatMap((part) => walk(part, level + 1)),
  ]
  return prompts
    .filter(({ parent }) => parent === null || !listed.has(parent))
    .flatMap((prompt) => walk(prompt, 0))
}
