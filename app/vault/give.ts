import { AppError } from '../core/errors.ts'
import { variablePattern } from '../core/secret.ts'
import { getSecretByName } from '../db/secret/read.ts'
import { revealIn } from './secrets.ts'
import type { VaultUser } from './tools.ts'

/** A secret by name, and the variable that a program finds it in. */
export interface WantedSecret {
  variable: string
  name: string
}

/** `NAME`, or `VARIABLE=name of the secret`. Throws `invalid` where nothing can be a variable's name. */
export function parseWanted(text: string): WantedSecret {
  const cut = text.indexOf('=')
  const variable = cut === -1 ? text : text.slice(0, cut)
  const name = cut === -1 ? text : text.slice(cut + 1)
  if (variablePattern.test(variable) && name !== '') return { variable, name }
  throw new AppError(
    'invalid',
    `"${variable}" can't be the name of a variable. Say which one: VARIABLE=${name || 'NAME'}`,
  )
}

/**
 * Secrets for the environment of a program, all or none, each with its row in the audit that says what for.
 * Throws `not_found` for a name that is not there.
 */
export function giveSecrets(
  user: VaultUser,
  wanted: readonly WantedSecret[],
  what: string,
): Promise<Record<string, string>> {
  return user.database.write(async (db) => {
    const env: Record<string, string> = {}
    for (const { variable, name } of wanted) {
      const { id } = await getSecretByName(db, name)
      env[variable] = (await revealIn(db, user, id, { action: 'give', detail: `to ${what}` })).value
    }
    return env
  })
}
