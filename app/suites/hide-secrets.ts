import { AppError } from '../core/errors.ts'
import { maskText } from '../core/masking.ts'

/** Values by name; `hide` takes them out of any text, also in the forms in which programs write them. */
export interface SuiteSecrets {
  values: ReadonlyMap<string, string>
  hide(text: string): string
}

/** Shorter ones stand in ordinary text by chance. */
const leastChars = 4

/** Throws `invalid` for one that the environment does not have. */
export function readSecrets(names: readonly string[], env: NodeJS.ProcessEnv): SuiteSecrets {
  const values = new Map(names.map((name) => [name, valueOf(name, env)]))
  const forms = [...values].flatMap(([name, value]) => formsOf(value).map((form) => ({ name, form })))
  const longestFirst = forms.toSorted((a, b) => b.form.length - a.form.length)
  return {
    values,
    hide: (text) =>
      maskText(
        longestFirst.reduce((rest, { name, form }) => rest.replaceAll(form, `[secret ${name}]`), text),
      ),
  }
}

function valueOf(name: string, env: NodeJS.ProcessEnv): string {
  const value = env[name]
  if (value) return value
  throw new AppError(
    'invalid',
    `The suite needs the secret ${name}: give it in the environment, or ./deploy.sh vault run -s ${name} -- …`,
  )
}

function formsOf(value: string): string[] {
  if (value.length < leastChars) return []
  const base64 = Buffer.from(value).toString('base64').replace(/=+$/, '')
  const forms = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value.toWellFormed()), base64]
  return [...new Set(forms)]
}
