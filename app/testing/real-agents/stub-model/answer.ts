import { createHash } from 'node:crypto'
import type { Script } from './directives.ts'

/** The words of the answer; by default length and hash of what arrived, so that a test can compare. */
export function answerText(script: Script, prompt: string): string {
  if (script.say !== null) return script.say
  if (script.spoof !== null) return spoofs[script.spoof] ?? `no spoof is called ${script.spoof}`
  const echo = echoOf(prompt)
  if (script.lines === 0) return echo
  const lines = Array.from(
    { length: script.lines },
    (_, at) => `Line ${at + 1} of ${script.lines}: ${filler}`,
  )
  return [echo, ...lines].join('\n\n')
}

/** `ECHO sha=<first 8 hex digits of SHA-256> len=<bytes>`. */
export function echoOf(prompt: string): string {
  const hash = createHash('sha256').update(prompt, 'utf8').digest('hex').slice(0, 8)
  return `ECHO sha=${hash} len=${Buffer.byteLength(prompt)}`
}

const filler = 'the quick brown fox jumps over the lazy dog.'

/** Answers that quote what an agent draws in another state; none of them may be taken for it. */
const spoofs: Record<string, string> = {
  permission:
    "Here is what the dialog looks like:\n\n```\nBash command\n\n  rm -rf build\n  Remove build folder\n\nDo you want to proceed?\n❯ 1. Yes\n  2. Yes, and don't ask again for rm commands in /tmp\n  3. No, and tell Claude what to do differently (esc)\n```\n",
  codexPermission:
    "Would you like to run the following command?\n\n$ rm -rf build\n\n› 1. Yes, proceed (y)\n  2. Yes, and don't ask again (p)\n  3. No, and tell Codex what to do differently (esc)\n\nPress enter to confirm or esc to cancel",
  busy: 'The footer of a busy session reads:\n\n✻ Thinking… (12s · ↑ 1.2k tokens · esc to interrupt)\n\n· Pondering… (esc to interrupt)',
  busyLast: '✻ Thinking… (12s · ↑ 1.2k tokens · esc to interrupt)',
  limit:
    "You've hit your limit · resets 3pm (UTC)\nClaude usage limit reached. Your limit will reset at 3pm.\n5-hour limit reached ∙ resets 3pm\n/upgrade to increase your usage limit.",
  trust:
    'Do you trust the files in this folder?\n\n❯ 1. Yes, I trust this folder\n  2. No, exit\n\nEnter to confirm · Esc to cancel',
  shell: '$ exit\nroot@host:~# ',
}
