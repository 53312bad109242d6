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
