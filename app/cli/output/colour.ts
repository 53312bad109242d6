import type { PromptState } from '../../core/prompt.ts'
import type { SessionState } from '../../core/session.ts'

export type Paint = (text: string) => string

export interface Palette {
  dim: Paint
  bold: Paint
  red: Paint
  green: Paint
  yellow: Paint
  cyan: Paint
}

/** Colours only where a person looks and has not switched them off (https://no-color.org). */
export function paletteFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Palette {
  const coloured = stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  const paint =
    (code: number): Paint =>
    (text) =>
      coloured && text !== '' ? `\u001b[${code}m${text}\u001b[${code < 10 ? 22 : 39}m` : text
  return {
    bold: paint(1),
    dim: paint(2),
    red: paint(31),
    green: paint(32),
    yellow: paint(33),
    cyan: paint(36),
  }
}

export function paintSessionState(palette: Palette, state: SessionState): Paint {
  return palette[sessionColours[state]]
}

export function paintPromptState(palette: Palette, state: PromptState): Paint {
  return palette[promptColours[state]]
}

const sessionColours: Record<SessionState, keyof Palette> = {
  idle: 'green',
  busy: 'cyan',
  permission: 'yellow',
  question: 'yellow',
  menu: 'yellow',
  onboarding: 'yellow',
  limited: 'yellow',
  error: 'red',
  not_agent: 'dim',
  gone: 'dim',
}

const promptColours: Record<PromptState, keyof Palette> = {
  staged: 'yellow',
  pending: 'bold',
  assigned: 'cyan',
  in_progress: 'cyan',
  restarting: 'cyan',
  completed: 'green',
  failed: 'red',
  cancelled: 'dim',
}
