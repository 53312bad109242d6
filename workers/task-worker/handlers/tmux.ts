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
      const args = [...server, ...argsOf(data, dir)]
      const ended = await run({ program: 'tmux', args, outlives: true })
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

function argsOf(data: TmuxData, dir: string): string[] {
  if (data.operation === 'create') {
    const command = data.command ? ['--', ...data.command] : []
    return ['new-session', '-d', '-s', data.session, '-c', dir, ...command]
  }
  if (data.operation === 'kill') return ['kill-session', '-t', `=${data.session}`]
  if (data.operation === 'list') {
    return ['list-sessions', '-F', '#{session_name} #{session_windows} #{session_created}']
  }
  if (data.operation === 'send') return typeArgs(data)
  const from = data.lines ? ['-S', `-${data.lines}`] : []
  return ['capture-pane', '-p', '-J', '-t', `=${data.session}:`, ...from]
}

/** Looked and typed in one list of commands: an agent may start in any moment, and its dialogs take an Enter. */
function typeArgs({ session, text, enter }: Extract<TmuxData, { operation: 'send' }>): string[] {
  if (/[\u0000-\u001f\u007f]/.test(text)) {
    throw new AppError('invalid', 'The text to type has control characters.')
  }
  const target = `=${session}:`
  const type = `send-keys -t ${quoted(target)} -l -- ${quoted(text)}`
  const then = enter ? `${type} ; send-keys -t ${quoted(target)} Enter` : type
  const isShell = '#{m/r:^-?(ba|z|da|a|fi|k|c|tc)?sh$,#{pane_current_command}}'
  return ['if-shell', '-F', '-t', target, isShell, then, `display-message -p '${refused}'`]
}

/** As tmux reads it: nothing means anything between single quotes, and a quote stands between double ones. */
function quoted(text: string): string {
  return text
    .split("'")
    .map((part) => `'${part}'`)
    .join(`"'"`)
}
