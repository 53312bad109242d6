import { randomBytes } from 'node:crypto'
import { AppError } from '../../../app/core/errors.ts'
import { builtInTypes, type DataOf } from '../../../app/tasks/types.ts'
import { endOfProgram, RunFailed, type TaskHandler } from '../handler.ts'

type TmuxData = DataOf<'tmux'>

/** `socket`: the first of those that Architect watches; null: the user's own server. */
export function tmuxHandler(socket: string | null): TaskHandler<TmuxData> {
  const server = socket === null ? [] : [socket.includes('/') ? '-S' : '-L', socket]
  return {
    type: 'tmux',
    ...builtInTypes.tmux,
    async handle(data, { run, dir }) {
      const { args, input } = data.operation === 'send' ? typed(data) : { args: argsOf(data, dir) }
      const command = { program: 'tmux', args: [...server, ...args], outlives: true } as const
      const ended = await run({ ...command, ...(input !== undefined && { input }) })
      if (data.operation === 'send' && ended.output.trim() === refused) {
        const why = `In ${data.session} no shell waits: nothing was typed. Send an agent a prompt instead.`
        throw new RunFailed(why, { mayRetry: false })
      }
      const isShown = data.operation === 'capture' || data.operation === 'list'
      return endOfProgram(`tmux ${data.operation}`, ended, isShown ? { text: ended.output } : undefined)
    },
  }
}

const refused = 'no shell'

type Other = Exclude<TmuxData, { operation: 'send' }>

function argsOf(data: Other, dir: string): string[] {
  if (data.operation === 'create') {
    const command = data.command ? ['--', ...data.command.map(asWord)] : []
    return ['new-session', '-d', '-s', data.session, '-c', asWord(dir), ...command]
  }
  if (data.operation === 'kill') return ['kill-session', '-t', `=${data.session}`]
  if (data.operation === 'list') {
    return ['list-sessions', '-F', '#{session_name} #{session_windows} #{session_created}']
  }
  const from = data.lines ? ['-S', `-${data.lines}`] : []
  return ['capture-pane', '-p', '-J', '-t', `=${data.session}:`, ...from]
}

/** tmux ends a command where a word ends in a semicolon that nothing stands before. */
function asWord(text: string): string {
  return text.endsWith(';') ? `${text.slice(0, -1)}\\;` : text
}

/**
 * Looked and typed in one list of commands: an agent may start in any moment, and its dialogs take an Enter. The text
 * comes by a buffer: a command of tmux has 16 kB at most.
 */
function typed({ session, text, enter }: Extract<TmuxData, { operation: 'send' }>) {
  if (/[\u0000-\u001f\u007f]/.test(text)) {
    throw new AppError('invalid', 'The text to type has control characters.')
  }
  const target = `=${session}:`
  const buffer = `architect-task-${randomBytes(8).toString('hex')}`
  const type = `paste-buffer -d -b ${buffer} -t ${quoted(target)}`
  const then = enter ? `${type} ; send-keys -t ${quoted(target)} Enter` : type
  const otherwise = `delete-buffer -b ${buffer} ; display-message -p '${refused}'`
  const isShell = '#{m/r:^-?(ba|z|da|a|fi|k|c|tc)?sh$,#{pane_current_command}}'
  const commands = [
    ['has-session', '-t', target],
    ['load-buffer', '-b', buffer, '-'],
    ['if-shell', '-F', '-t', target, isShell, then, otherwise],
  ]
  return { args: commands.flatMap((words, at) => (at === 0 ? words : [';', ...words])), input: text }
}

/** As tmux reads it: nothing means anything between single quotes, and a quote stands between double ones. */
function quoted(text: string): string {
  return text
    .split("'")
    .map((part) => `'${part}'`)
    .join(`"'"`)
}
