import { parseEnv } from 'node:util'
import { AppError } from '../../core/errors.ts'

export interface EnvFile {
  /** Names and values in the order of the file; of a name that stands there twice the last value. */
  lines: [name: string, value: string][]
  /** Sentences about what is not taken as it stands there. */
  remarks: string[]
}

/** A line of the file, with a value in quotes over several lines where it has one. */
const assignment =
  /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*('[^']*'|"(?:\\"|[^"])*"|`[^`]*`|[^\n]*)[^\n]*$/gm

/**
 * Reads `.env` as programs do: quotes, `export`, remarks, several lines within quotes. Throws `invalid` for a line
 * that says nothing, as the rest of a key does that stands there without quotes: half of it would be stored.
 */
export function readEnvFile(text: string, file: string): EnvFile {
  const plain = text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n')
  refuseStrayLine(plain, file)
  const names = [...plain.matchAll(assignment)].map(([, name]) => name!)
  // Node takes further blanks behind `export` for a part of the name.
  const assignments = plain.replaceAll(assignment, (whole) => whole.replace(/^[ \t]*export[ \t]+/, ''))
  const values = Object.entries(parseEnv(assignments)) as [string, string][]
  const lines = values.filter(([, value]) => value !== '')
  if (lines.length === 0) throw new AppError('invalid', `${file} has no line of the form NAME=value.`)
  return {
    lines,
    remarks: [
      ...[...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map(
        (name) => `${name} stands there more than once; its last value counts.`,
      ),
      ...values.flatMap(([name, value]) => (value === '' ? [`${name} has no value, and is left out.`] : [])),
    ],
  }
}

function refuseStrayLine(text: string, file: string) {
  const rest = text.replaceAll(assignment, (whole) => whole.replaceAll(/[^\n]/g, '')).split('\n')
  const at = rest.findIndex((line) => !/^\s*(#|$)/.test(line))
  if (at < 0) return
  throw new AppError(
    'invalid',
    `Line ${at + 1} of ${file} is not of the form NAME=value. A value of several lines stands in quotes: NAME="…". ` +
      'Nothing was stored.',
  )
}
