import type { EpochMs } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { secretsIn } from '../core/masking.ts'
import { normalisePromptText } from '../core/prompt-text.ts'
import { kindPattern, targetSchema, type NewPrompt } from '../core/prompt.ts'
import { maxPriority, minPriority } from '../core/queue.ts'

/** Normalises the text and checks what schemas can't. Throws `invalid` with a sentence; idempotent. */
export function checkPrompt(input: NewPrompt, now: EpochMs): NewPrompt {
  const { priority = 0, timeoutMinutes, expiresAt, maxRetries, target } = input
  const content = normalisePromptText(input.content, { agentCommand: input.agentCommand ?? false })
  if (!Number.isInteger(priority) || priority < minPriority || priority > maxPriority) {
    throw new AppError(
      'invalid',
      `The priority must be a whole number from ${minPriority} to ${maxPriority}, not ${priority}.`,
    )
  }
  if (timeoutMinutes !== undefined && !(timeoutMinutes > 0 && timeoutMinutes <= maxTimeoutMinutes)) {
    throw new AppError(
      'invalid',
      `The timeout must be between 0 and ${maxTimeoutMinutes} minutes, not ${timeoutMinutes}.`,
    )
  }
  if (maxRetries !== undefined && !(Number.isInteger(maxRetries) && maxRetries >= 0)) {
    throw new AppError('invalid', `The number of retries must be 0 or more, not ${maxRetries}.`)
  }
  if (expiresAt !== undefined && expiresAt <= now)
    throw new AppError('invalid', 'The prompt would expire before it is queued.')
  if (input.kind !== undefined && !kindPattern.test(input.kind)) {
    throw new AppError(
      'invalid',
      `The kind of work must be a word of small letters, digits, _ and -, not "${input.kind}".`,
    )
  }
  if (input.kind === 'digest')
    throw new AppError('invalid', 'Digests are written by Architect itself; choose another kind.')
  const fits = targetSchema.safeParse(target ?? {})
  if (!fits.success)
    throw new AppError('invalid', `The target is wrong: ${fits.error.issues[0]?.message ?? 'unreadable'}.`)
  refuseLargeMetadata(input)
  refuseSecrets(content)
  return { ...input, content, priority, target: fits.data }
}

/** It is kept with the prompt and stands in every list that shows it. */
const maxMetadataBytes = 65_536

function refuseLargeMetadata({ metadata = {} }: NewPrompt) {
  const bytes = Buffer.byteLength(JSON.stringify(metadata))
  if (bytes <= maxMetadataBytes) return
  throw new AppError(
    'invalid',
    `The metadata may have ${maxMetadataBytes.toLocaleString('en')} bytes at most, not ${bytes.toLocaleString('en')}. ` +
      'Keep what is large in a file and name that.',
  )
}

/** Masked it would ask for something else, and unmasked it would stand in the database and in every list. */
function refuseSecrets(content: string) {
  const [name] = secretsIn(content)
  if (name === undefined) return
  throw new AppError(
    'invalid',
    `The text holds the value of the secret "${name}". Name the secret instead, and give it to the session: ` +
      './deploy.sh setup-sessions --help',
  )
}

/** A week; an agent that works longer than that on one prompt has lost its way. */
const maxTimeoutMinutes = 10_080
