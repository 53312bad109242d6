import { AppError } from '../core/errors.ts'
import { suiteLimits } from '../core/test-suite.ts'

export type Variables = ReadonlyMap<string, string>

const reference = /\$\$|\$\{([A-Za-z_]\w*)\}/g

/**
 * Puts the values of variables into every text of a value; `$$` is a dollar. What a variable holds is not read
 * again, so that nothing that was captured can refer to anything. Throws `invalid` for one that is not there.
 */
export function filled<T>(value: T, variables: Variables): T {
  return fill(value, variables) as T
}

function fill(value: unknown, variables: Variables): unknown {
  if (typeof value === 'string') return fillText(value, (name) => valueOf(name, variables))
  if (Array.isArray(value)) return value.map((inner) => fill(inner, variables))
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).map(([key, inner]) => [key, fill(inner, variables)])
  return Object.fromEntries(entries)
}

function fillText(text: string, valueOfName: (name: string) => string): string {
  const whole = text.replace(reference, (found, name?: string) =>
    name === undefined ? found[0]! : valueOfName(name),
  )
  if (whole.length <= suiteLimits.outputBytes) return whole
  throw new AppError('invalid', 'A text grew beyond 1 MB when its variables were put in.')
}

function valueOf(name: string, variables: Variables): string {
  const value = variables.get(name)
  if (value !== undefined) return value
  const known = [...variables.keys()].sort().join(', ') || 'none'
  throw new AppError('invalid', `There is no variable \${${name}} here; there are: ${known}.`)
}

/** Variables that may use each other and those of `given`. Throws `invalid` for a circle, with its way. */
export function resolveVariables(
  written: Readonly<Record<string, string | number | boolean>>,
  given: Variables,
): Map<string, string> {
  const resolved = new Map(given)
  const resolve = (name: string, way: string[]): string => {
    if (way.includes(name)) {
      throw new AppError('invalid', `Variables need each other in a circle: ${[...way, name].join(' → ')}.`)
    }
    const text = Object.hasOwn(written, name) && !done.has(name) ? written[name] : undefined
    if (text === undefined) return valueOf(name, resolved)
    const value = fillText(String(text), (inner) =>
      inner === name ? valueOf(inner, given) : resolve(inner, [...way, name]),
    )
    resolved.set(name, value)
    done.add(name)
    return value
  }
  const done = new Set<string>()
  for (const name of Object.keys(written)) resolve(name, [])
  return resolved
}
