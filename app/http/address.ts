import { z } from 'zod'

/** `?page=3`; anything that is none is the first. */
export const pageNumber = z.coerce.number().int().min(1).max(2_000).catch(1)

/** Makes addresses of a view from its present choices and what is different; empty choices stay out of it. */
export function addressWith(
  path: string,
  present: Readonly<Record<string, string>>,
): (changes: Readonly<Record<string, string>>) => string {
  return (changes) => {
    const given = Object.entries({ ...present, ...changes }).filter(([, value]) => value !== '')
    const query = new URLSearchParams(given).toString()
    return query === '' ? path : `${path}?${query}`
  }
}

/** The pages beside this one: null where there is none. */
export function pagesAround(
  page: number,
  hasMore: boolean,
  link: (changes: { page: string }) => string,
): { page: number; previous: string | null; next: string | null } {
  return {
    page,
    previous: page > 1 ? link({ page: page === 2 ? '' : String(page - 1) }) : null,
    next: hasMore ? link({ page: String(page + 1) }) : null,
  }
}
