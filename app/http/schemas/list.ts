import { z } from 'zod'

/** More rows than this are no page. */
export const maxPageSize = 200
export const defaultPageSize = 50

/** How many rows of a list; in the query, so as text. */
export const limitSchema = z.coerce.number().int().min(1).max(maxPageSize).default(defaultPageSize)

/** The id of a row: a positive whole number, in a path or a query. */
export const idSchema = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, { error: 'must be the number of a row' })
  .transform(Number)

/** `next_cursor` goes into the next request's `cursor`; null after the last page. */
export const cursorSchema = idSchema.optional()

export const idParams = z.object({ id: idSchema })

/** A reply with one page of rows. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next_cursor: z.number().nullable() })
}

/** One page of a list whose rows move while it is read: the cursor is a place in it. `items`: one more, if there is. */
export function pageAt<Item>(
  items: Item[],
  { limit, cursor = 0 }: { limit: number; cursor?: number | undefined },
) {
  return { items: items.slice(0, limit), next_cursor: items.length > limit ? cursor + limit : null }
}

/** `?state=failed,cancelled` or `?state=failed&state=cancelled`. */
export function severalOf<Word extends string>(words: readonly [Word, ...Word[]]) {
  const one = z.enum(words)
  return z
    .preprocess(
      (given) => (typeof given === 'string' ? given.split(',').filter(Boolean) : given),
      z.array(one).max(words.length),
    )
    .optional()
}
