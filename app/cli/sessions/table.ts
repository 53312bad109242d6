import type { SessionRow } from '../../broker/session-view.ts'
import type { EpochMs } from '../../core/clock.ts'
import { sessionNameText } from '../../core/session-name.ts'
import { stateGlyph } from '../../core/session.ts'
import { paintSessionState, type Palette } from '../output/colour.ts'
import type { Output } from '../output/output.ts'
import type { Column } from '../output/table.ts'
import { renderAge, renderMoment } from '../output/time.ts'

export function showSessions(output: Output, rows: SessionRow[], now: EpochMs) {
  if (rows.length === 0) {
    return output.line("No agent session. Start one: tmux new-session -d -s dev 'claude'")
  }
  output.table(rows, sessionColumns(output.palette, namesOf(rows), now))
}

/** As each is named to send it something: with its node where there are several, by its pane where agents share a session. */
function namesOf(rows: SessionRow[]): (row: SessionRow) => string {
  const isClustered = rows.some(({ node }) => node !== rows[0]!.node)
  const times = new Map<string, number>()
  for (const { node, name } of rows) {
    const text = sessionNameText({ node, name })
    times.set(text, (times.get(text) ?? 0) + 1)
  }
  return ({ node, name, address }) => {
    const shown = times.get(sessionNameText({ node, name })) === 1 ? name : address
    return isClustered ? sessionNameText({ node, name: shown }) : shown
  }
}

function sessionColumns(
  palette: Palette,
  nameOf: (row: SessionRow) => string,
  now: EpochMs,
): Column<SessionRow>[] {
  return [
    {
      title: 'STATE',
      value: ({ state, trusted }) => `${trusted ? stateGlyph[state] : '▨'} ${state}`,
      paint: (text, { state }) => paintSessionState(palette, state)(text),
    },
    {
      title: 'SESSION',
      value: nameOf,
      paint: palette.bold,
    },
    { title: 'PANE', value: ({ paneId }) => paneId, paint: palette.dim },
    { title: 'AGENT', value: ({ agent, version }) => [agent ?? '', version ?? ''].join(' ').trim() },
    { title: 'TIER', value: ({ settings }) => settings?.tier ?? 'worker' },
    { title: 'SINCE', align: 'right', value: ({ since }) => renderAge(since, now) },
    { title: 'PROMPT', align: 'right', value: ({ promptId }) => (promptId === null ? '' : `#${promptId}`) },
    { title: 'FOLDER', flexible: true, value: ({ cwd }) => shortFolder(cwd) },
    { title: 'NOTE', value: (row) => notesOn(row, now).join(', '), paint: palette.yellow },
  ]
}

function notesOn({ settings, draft, trusted, limitedUntil, state }: SessionRow, now: EpochMs): string[] {
  return [
    ...(settings?.ignored ? ['ignored'] : []),
    ...(settings?.paused ? ['paused'] : []),
    ...(draft ? ['half-typed text'] : []),
    ...(trusted ? [] : ['not readable with certainty']),
    ...(state === 'limited' && limitedUntil !== null ? [`until ${renderMoment(limitedUntil, now)}`] : []),
    ...(settings?.manager ? [`led by ${settings.manager}`] : []),
    ...(settings?.tags ?? []).map((tag) => `#${tag}`),
  ]
}

function shortFolder(path: string): string {
  const home = process.env['HOME']
  return home && (path === home || path.startsWith(`${home}/`)) ? `~${path.slice(home.length)}` : path
}
