import type { NamedSession } from '../broker/session-settings.ts'
import { managerNamed } from '../broker/hierarchy/members.ts'
import { AppError } from '../core/errors.ts'
import type { Prompt, PromptId } from '../core/prompt.ts'
import { isSameSession } from '../core/session-name.ts'
import { getSessionSettings } from '../db/session-settings.ts'
import { getPrompt } from '../db/prompts.ts'
import type { Db } from '../db/schema.ts'

/**
 * A prompt that the session has to do with: it sent it, has it, or either is true of a prompt above it; or it
 * leads the session that has it. High-level sessions see all. Throws `forbidden` for others.
 */
export async function readablePrompt(db: Db, session: NamedSession, id: PromptId): Promise<Prompt> {
  const prompt = await getPrompt(db, id)
  if (await mayRead(db, session, prompt)) return prompt
  throw new AppError(
    'forbidden',
    `Prompt ${id} is not yours to read: neither sent by you nor part of your work.`,
  )
}

async function mayRead(db: Db, session: NamedSession, prompt: Prompt): Promise<boolean> {
  const own = await getSessionSettings(db, session.node, session.name)
  if (own?.tier === 'high_level' || (await leads(db, session, prompt))) return true
  for (let line: Prompt | null = prompt; line !== null; line = await parentOf(db, line)) {
    if (isInvolved(session, line)) return true
  }
  return false
}

function isInvolved({ node, name }: NamedSession, { from, sessionKey, sessionName }: Prompt): boolean {
  const sent = from !== null && from.node === node && from.name === name
  return sent || (sessionName === name && (sessionKey?.startsWith(`${node}/`) ?? false))
}

async function leads(db: Db, session: NamedSession, { sessionKey, sessionName }: Prompt): Promise<boolean> {
  if (sessionKey === null || sessionName === null) return false
  const node = sessionKey.split('/')[0]!
  const settings = await getSessionSettings(db, node, sessionName)
  return settings?.manager != null && isSameSession(managerNamed(settings.manager, node), session)
}

async function parentOf(db: Db, { parent }: Prompt): Promise<Prompt | null> {
  return parent === null ? null : getPrompt(db, parent)
}
