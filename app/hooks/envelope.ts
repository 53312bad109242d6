import type { EpochMs } from '../core/clock.ts'
import type { HookOrigin } from '../core/hook.ts'

/** A message as `hook.sh` wrote it: who left it, and the agent's own JSON. */
export interface Envelope {
  origin: Pick<
    HookOrigin,
    'id' | 'agent' | 'at' | 'event' | 'socketPath' | 'paneId' | 'parents' | 'architectSession'
  >
  body: string
}

/** `unfinished`: the hook still writes, or was killed in the middle. */
export type OpenedEnvelope = Envelope | 'unfinished' | { unreadable: string }

const firstLine = 'architect-hook 1\n'

/** `at`: when the file was last written. */
export function openEnvelope(id: string, bytes: Buffer, at: EpochMs): OpenedEnvelope {
  const end = Buffer.from(`\nend ${id}\n`)
  if (!bytes.subarray(-end.length).equals(end)) return 'unfinished'
  const split = bytes.indexOf('\n\n')
  const head = bytes.subarray(0, Math.max(0, split)).toString('utf8')
  if (!head.startsWith(firstLine)) return { unreadable: 'its first line is not "architect-hook 1"' }
  const fields = head.split('\n').slice(1).map(fieldOf)
  const valueOf = (name: string) => fields.find((field) => field.name === name)?.value || null
  const agent = valueOf('agent')
  const event = valueOf('event')
  if (agent === null || event === null) return { unreadable: 'it names no agent or no event' }
  return {
    origin: {
      id,
      agent,
      at,
      event,
      socketPath: valueOf('tmux')?.replace(/,\d+,\d+$/, '') ?? null,
      paneId: valueOf('pane'),
      parents: fields.filter(({ name }) => name === 'parent').flatMap(({ value }) => parentOf(value)),
      architectSession: valueOf('session'),
    },
    body: bytes.subarray(split + 2, -end.length).toString('utf8'),
  }
}

function fieldOf(line: string): { name: string; value: string } {
  const blank = line.indexOf(' ')
  return blank < 0 ? { name: line, value: '' } : { name: line.slice(0, blank), value: line.slice(blank + 1) }
}

function parentOf(value: string): HookOrigin['parents'] {
  const [, pid, startedAt, name] = /^(\d+) (\d+) (.*)$/.exec(value) ?? []
  return name === undefined ? [] : [{ pid: Number(pid), startedAt: Number(startedAt), name }]
}
