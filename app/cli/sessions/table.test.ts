import { expect, test } from 'vitest'
import type { SessionRow } from '../../broker/session-view.ts'
import { openOutput } from '../output/output.ts'
import { showSessions } from './table.ts'

test('sessions of one machine go by their names, those that share a tmux session by their panes', () => {
  const shown = namesShown([row('pi', 'dev', 0), row('pi', 'web', 1), row('pi', 'web', 2)])

  expect(shown).toEqual(['dev', 'web:0.1', 'web:0.2'])
})

test('sessions of several machines are named with theirs, as a target is', () => {
  const shown = namesShown([row('pi-1', 'dev', 0), row('pi-2', 'dev', 0), row('pi-2', 'web', 1)])

  expect(shown).toEqual(['pi-1/dev', 'pi-2/dev', 'pi-2/web'])
})

function namesShown(rows: SessionRow[]): string[] {
  const lines: string[] = []
  showSessions(
    openOutput({}, (line) => lines.push(line)),
    rows,
    0,
  )
  return lines.slice(1).map((line) => line.split(/\s+/)[2]!)
}

function row(node: string, name: string, pane: number): SessionRow {
  return {
    key: `${node}/default/%${pane}`,
    node,
    paneId: `%${pane}`,
    name,
    address: `${name}:0.${pane}`,
    cwd: '/code',
    agent: 'claude',
    version: '2',
    limitedUntil: null,
    promptId: null,
    state: 'idle',
    acceptsPrompt: true,
    draft: false,
    trusted: true,
    since: 0,
    settings: null,
  }
}
