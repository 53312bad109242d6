import type { ShellText } from './understand.ts'
import { understandShell } from './understand.ts'
import { programNameOf, programOf, type SimpleCommand } from './simple-command.ts'

/**
 * Replaces what only starts another command by that command: `timeout 60 npm test`, `nohup`, `nice`, `env CI=1 …`,
 * `bash -c 'npm test'`. Every other starter (`sudo`, `ssh`, `xargs`, …) stays as it is, for a rule to ask about.
 */
export function unwrap(text: ShellText, depth = 0): ShellText {
  const commands: SimpleCommand[] = []
  const doubts = [...text.doubts]
  for (const command of text.commands) {
    const inner = depth < maxDepth ? innerOf(command) : null
    if (inner === null) commands.push(command)
    else {
      const further = unwrap(inner, depth + 1)
      commands.push(...further.commands)
      doubts.push(...further.doubts)
    }
  }
  return { commands, doubts: [...new Set(doubts)] }
}

const maxDepth = 5

function innerOf(command: SimpleCommand): ShellText | null {
  const values = command.words.map(({ value }) => value)
  if (values.some((value) => value === null)) return null
  const words = values as string[]
  const program = programOf(command)
  const skipped = skipOf(program, words)
  if (skipped !== null && skipped < words.length && !words[skipped]!.startsWith('-')) {
    return {
      commands: [{ ...command, words: command.words.slice(skipped) }],
      doubts: plainProgram(command, skipped),
    }
  }
  if (program === 'env') return innerOfEnv(command, words)
  const isShell =
    ['bash', 'sh'].includes(program) && words.length === 3 && (words[1] === '-c' || words[1] === '-lc')
  return isShell && command.assignments.length === 0 ? innerOfShell(command, words[2]!) : null
}

/** How many words belong to the wrapper itself; null when it isn't one, or isn't plain. */
function skipOf(program: string, words: string[]): number | null {
  if (program === 'nohup' || program === 'time') return 1
  if (program === 'nice') return words[1] === '-n' && /^\d+$/.test(words[2] ?? '') ? 3 : 1
  if (program === 'timeout' && /^\d+(\.\d+)?[smh]?$/.test(words[1] ?? '')) return 2
  return null
}

function innerOfEnv(command: SimpleCommand, words: string[]): ShellText | null {
  const first = words.findIndex((word, index) => index > 0 && !/^[A-Za-z_]\w*=/.test(word))
  if (first < 1 || words[first]!.startsWith('-')) return null
  const assignments = words.slice(1, first).map((word) => {
    const equals = word.indexOf('=')
    return { name: word.slice(0, equals), value: word.slice(equals + 1) }
  })
  const inner = {
    ...command,
    words: command.words.slice(first),
    assignments: [...command.assignments, ...assignments],
  }
  return { commands: [inner], doubts: plainProgram(command, first) }
}

function innerOfShell(command: SimpleCommand, script: string): ShellText {
  const inner = understandShell(script, command.folders, 1)
  const outer: SimpleCommand = { ...command, words: [], assignments: [] }
  const commands = inner.commands.map((each) => ({
    ...each,
    fedBy: [...command.fedBy, ...each.fedBy],
    hasInput: command.hasInput || each.hasInput,
  }))
  return { commands: [outer, ...commands], doubts: inner.doubts }
}

function plainProgram(command: SimpleCommand, index: number): string[] {
  const word = command.words[index]
  const plain =
    word !== undefined &&
    word.text === word.value &&
    /^[A-Za-z0-9._/+:-]+$/.test(word.text) &&
    !isKeyword.test(word.text)
  return plain ? [] : ['the program that is started is not written plainly']
}

const isKeyword = /^(if|then|else|fi|for|while|until|do|done|case|esac|function|select|time|coproc)$/

/**
 * Everything that could be meant as a command by one that starts others: each rest of its words, and each of its
 * words read as a shell text. Good for denials only.
 */
export function inferredCommands(command: SimpleCommand): SimpleCommand[] {
  const rests = command.words
    .slice(1)
    .map((_, index) => ({ ...command, words: command.words.slice(index + 1), inferred: true }))
  const texts = command.words
    .slice(1)
    .flatMap(({ value }) =>
      value !== null && /\s|;|\|/.test(value)
        ? understandShell(value, command.folders, 1).commands.map((inner) => ({ ...inner, inferred: true }))
        : [],
    )
  return [...rests, ...texts].filter((each) => each.words.length === 0 || programNameOf(each) !== '')
}
