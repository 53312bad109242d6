/** What is found, and its code in the numbers of the index's rows. */
export const searchKinds = { work: 1, project: 2, error: 3, prompt: 4, milestone: 5, comment: 6 } as const
export type SearchKind = keyof typeof searchKinds

export interface SearchHit {
  kind: SearchKind
  id: number
}

/** More words than these narrow nothing down. */
const mostWords = 8

/** Words of people, in lower case: letters and digits of any script. */
export function searchWords(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
  return words.slice(0, mostWords)
}
