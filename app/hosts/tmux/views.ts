import { AppError } from '../../core/errors.ts'
import { untilWeEnd } from './connection.ts'
import { TmuxRefusal } from './failures.ts'
import { abandon, isOurs, ownName } from './owner.ts'
import { command, commandList } from './quote.ts'
import type { TmuxServer } from './tmux-server.ts'

/*
 * A browser's terminal shows the agent's own window, whatever window the people of that session look at: the
 * window is linked into a small session of ours, and its client has an active pane of its own. Grouping the
 * sessions would show in people's status lines; linking does not. No key is tmux's there: no prefix, no table.
 *
 * A linked window lives as long as one session has it. So ours lets go of it as soon as no other has it
 * (`endOrphanedViews`), and when our process dies (`untilWeEnd`). `destroy-unattached` must stay off: see
 * connection.ts.
 */

/** The option of our session that holds the id of the window which it shows. */
const viewOption = '@architect_view'

export interface View {
  /** Of our session. */
  name: string
  /** The pane that the client has to select; null: it is the active one anyway. */
  select: string | null
}

/** Throws `conflict` while another pane is zoomed over it: undoing that would move what people see. */
export async function openView(server: TmuxServer, paneId: string): Promise<View> {
  const format = '#{window_id} #{window_panes} #{window_zoomed_flag} #{pane_active} #{pane_id}'
  const listing = await server.run(command('list-panes', '-t', paneId, '-F', format))
  const rows = listing.flatMap(({ lines }) => lines).map((line) => line.split(' '))
  const [windowId, panes, zoomed, active] = rows.find((row) => row[4] === paneId) ?? []
  if (windowId === undefined) throw new TmuxRefusal(`can't find pane: ${paneId}`)
  if (zoomed === '1' && active !== '1') {
    throw new AppError(
      'conflict',
      'Another pane of its window is zoomed over it. Unzoom that one (prefix z) and show it again.',
    )
  }
  const name = ownName()
  await server.runInTurn(newSession(name, windowId))
  return { name, select: Number(panes) > 1 && zoomed !== '1' ? paneId : null }
}

/** The linked window stays where it came from. */
export async function closeView(server: TmuxServer, { name }: View): Promise<void> {
  abandon(name)
  try {
    await server.runInTurn(command('kill-session', '-t', `=${name}`))
  } catch (error) {
    // It went away with the session that it showed, or with the server.
    if (!(error instanceof TmuxRefusal) && !(error instanceof AppError)) throw error
  }
}

/** Which sessions have which windows, for `orphanedViews`. */
export const listLinks = command('list-windows', '-a', '-F', `#{window_id} #{${viewOption}} #{session_name}`)

/** Our sessions whose shown window nobody else has any more: it was ended, and lives only because of us. */
export function orphanedViews(lines: readonly string[]): string[] {
  const links = lines.map((line) => {
    const [windowId = '', shown = '', ...name] = line.split(' ')
    return { windowId, shown, name: name.join(' ') }
  })
  const theirs = new Set(links.filter(({ name }) => !isOurs(name)).map(({ windowId }) => windowId))
  return links
    .filter(({ name, shown, windowId }) => isOurs(name) && shown === windowId && !theirs.has(windowId))
    .map(({ name }) => name)
}

/** Its first window waits for the end of this process; the second one is the agent's. */
function newSession(name: string, windowId: string): string {
  const watch = `${untilWeEnd}; tmux kill-session -t '=${name}'`
  const size = ['-x', '20', '-y', '5']
  const option = (...words: string[]) => command('set-option', '-t', `=${name}:`, ...words)
  return commandList(
    command('new-session', '-d', '-n', '_architect', '-c', '/', ...size, '-s', name, 'sh', '-c', watch),
    option('destroy-unattached', 'off'),
    option('detach-on-destroy', 'on'),
    option('status', 'off'),
    option('mouse', 'off'),
    option('prefix', 'None'),
    option('prefix2', 'None'),
    option('key-table', '_architect'),
    option(viewOption, windowId),
    command('link-window', '-s', windowId, '-t', `=${name}:`),
  )
}
