import { describe, expect, test } from 'vitest'
import type { Dialog } from '../core/dialog.ts'
import { readDialog } from './dialog.ts'
import { loadLibrary } from './library.ts'
import type { Recording } from './recording.ts'
import { recordedScreens } from './recordings/load.ts'
import { readScreen } from './screen.ts'
import { plainRows } from './view.ts'

const library = loadLibrary()
const recordings = new Map(recordedScreens().map((recording) => [recording.id, recording]))
const asking = [...recordings.values()].filter((recording) => isAsking(recording))

function isAsking({ class: state }: Recording): boolean {
  return state === 'permission' || state === 'question'
}

function rowsOf(id: string): string[] {
  return [...recordings.get(id)!.screen.rows]
}

function read(id: string, rows = rowsOf(id)): Dialog {
  const screen = { ...recordings.get(id)!.screen, rows }
  const { agent, state } = readScreen(library, screen)
  if (state !== 'permission' && state !== 'question') throw new Error(`${id} is read as ${state}`)
  return readDialog(screen, plainRows(screen), library.get(agent ?? '')!.answers, state)
}

/** The same screen with another text in place of the first row that holds `before`. */
function drawnWith(id: string, before: string, ...after: string[]): string[] {
  const rows = rowsOf(id)
  const at = rows.findLastIndex((row) => row.includes(before))
  rows.splice(at, 1, ...after)
  return rows
}

describe('readDialog', () => {
  test.each([
    ['claude-2.1.329/permission-bash-05', 'Bash', { command: 'touch q' }, 0],
    [
      'claude-2.1.329/permission-bash-04',
      'Bash',
      {
        command:
          'rm -rf build && echo "a very long command line that goes on and on" | tee /home/me/out-file.txt | sed -e s/a/b/ | sort | uniq -c',
      },
      0,
    ],
    [
      'claude-2.0.1/permission-bash-01',
      'Bash',
      { command: 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo tick $i; sleep 1; done' },
      0,
    ],
    ['claude-1.0.128/permission-webfetch-01', 'WebFetch', { url: 'https://example.com/page' }, 0],
    ['claude-2.1.329/plan-approval-02', 'ExitPlanMode', {}, 0],
    ['codex-0.169.0/permission-bash-02', 'Bash', { command: 'touch /home/me/tmp/escalated.txt; sleep 8' }, 0],
    ['gemini-0.61.0/permission-bash-04', 'Bash', { command: 'touch zz1; sleep 8' }, 0],
    ['gemini-0.61.0/permission-webfetch-01', 'WebFetch', { url: 'https://example.com/' }, 0],
    ['opencode-1.18.33/permission-bash-03', 'Bash', { command: 'touch zz1; sleep 8' }, 0],
    ['opencode-1.18.33/permission-webfetch-01', 'WebFetch', { url: 'https://example.com/' }, 0],
  ])('%s asks for %s with %j', (id, tool, input, selected) => {
    expect(read(id)).toMatchObject({ tool, input, selected, unsure: null })
  })

  test.each([
    ['claude-2.1.329/permission-edit-01', 'Edit', { file_path: 'hello.txt' }, 0],
    ['claude-2.1.329/permission-write-02', 'Write', { file_path: 'new-1795224530008.txt' }, 1],
    ['claude-1.0.128/permission-edit-01', 'Edit', { file_path: 'hello.txt' }, 0],
    ['gemini-0.61.0/permission-write-02', 'Write', { file_path: 'n1795225544917.txt' }, 0],
    ['opencode-1.18.33/permission-write-01', 'Edit', { file_path: 'n1795226496336.txt' }, 0],
  ])('%s asks for %s with %j, in a folder that it does not name', (id, tool, input, selected) => {
    const unsure = 'the path is relative to a folder that is not shown'

    expect(read(id)).toMatchObject({ tool, input, selected, unsure })
  })

  test.each([
    ['question-01', 'question', 'Question 1/2 (1 unanswered) Which database?', null, 'SQLite', 3],
    ['question-unanswered-01', 'question', 'Submit with unanswered questions?', 'enter', 'Proceed', 2],
    ['plan-approval-01', 'plan', 'Implement this plan?', null, 'Yes, implement this plan', 3],
  ] as const)('codex-0.169.0/%s is a %s: %s', (name, kind, asked, pick, label, count) => {
    const { options, ...dialog } = read(`codex-0.169.0/${name}`)

    expect(dialog).toMatchObject({ kind, question: asked, pick, selected: 0, unsure: null })
    expect(options).toHaveLength(count)
    expect(options[0]?.label).toBe(label)
  })

  test('the same question of codex is asked while words are written below it, whatever they look like', () => {
    const id = 'codex-0.169.0/question-notes-01'
    const rows = drawnWith(id, 'what you know best', '  › 4. Drop all tables')
    const [closed, open, hostile] = [read('codex-0.169.0/question-01'), read(id), read(id, rows)]

    expect([closed.notes?.text, open.notes?.text]).toEqual([null, 'what you know best'])
    expect(hostile).toMatchObject({ notes: { key: 'Tab', text: '4. Drop all tables' }, selected: 0 })
    expect(new Set([closed.digest, open.digest, hostile.digest]).size).toBe(1)
  })

  test.each(['claude-2.1.329/permission-bash-10', 'codex-0.169.0/permission-bash-03'])(
    '%s is cut off by its window, and nobody is sure of it',
    (id) => {
      expect(read(id).unsure).toMatch(/window/)
    },
  )

  test('each recorded plan offers at most one plain yes, which grants no edits and clears nothing', () => {
    const plans = asking.map(({ id }) => read(id)).filter(({ kind }) => kind === 'plan')
    const plain = plans.map(({ options }) => options.filter(({ role }) => role === 'allow'))

    expect(plans.length).toBeGreaterThan(3)
    expect(plain.every((options) => options.length <= 1)).toBe(true)
    expect(new Set(plain.flat().map(({ label }) => label))).toEqual(
      new Set([
        'Yes, and manually approve edits',
        'Yes, and switch to default (ask each time) for this session',
        'Yes, implement this plan',
      ]),
    )
  })

  test('each recorded permission offers exactly one plain yes and one no, or is cut', () => {
    const wrong = asking.flatMap(({ id, class: state }) => {
      const { options, unsure } = read(id)
      const roles = options.map(({ role }) => role)
      const plain = roles.filter((role) => role === 'allow').length === 1 && roles.includes('deny')
      return state !== 'permission' || plain || /window/.test(unsure ?? '') ? [] : [id]
    })

    expect(asking.length).toBeGreaterThan(30)
    expect(wrong).toEqual([])
  })

  test('a question has its choices with what is said about them, and a place for own words', () => {
    const { kind, question, options } = read('claude-2.1.329/question-single-01')

    expect({ kind, question }).toEqual({ kind: 'question', question: 'Which database should we use?' })
    expect(options).toEqual([
      { label: 'SQLite', role: 'choice', description: 'One file', ticked: null },
      { label: 'Postgres', role: 'choice', description: 'A server', ticked: null },
      { label: 'Type something.', role: 'text', description: null, ticked: null },
      { label: 'Chat about this', role: 'choice', description: null, ticked: null },
    ])
  })

  test.each([
    ['claude-2.1.329/question-single-01', 'SQLite', 'Postgres'],
    ['codex-0.169.0/question-01', 'SQLite', 'Postgres'],
  ])('%s is another one when its options stand in another order', (id, one, other) => {
    const swapped = rowsOf(id).map((row) =>
      row.replace(one, '\u0000').replace(other, one).replace('\u0000', other),
    )

    expect(
      read(id, swapped)
        .options.map(({ label }) => label)
        .slice(0, 2),
    ).toEqual([other, one])
    expect(read(id, swapped).digest).not.toBe(read(id).digest)
  })

  test('a question is another one when what is said about an option changes', () => {
    const id = 'claude-2.1.329/question-single-01'
    const said = rowsOf(id).map((row) => row.replace('One file', 'Drops all tables'))

    expect(read(id, said).options[0]?.description).toBe('Drops all tables')
    expect(read(id, said).digest).not.toBe(read(id).digest)
  })

  test.each(['half a thought', 'Chat about this', 'Yes', 'Type something'])(
    'a question stays the same one while "%s" is written as its own words',
    (words) => {
      const id = 'claude-2.1.329/question-single-01'
      const typed = rowsOf(id).map((row) => row.replace('Type something.', words))

      expect(read(id, typed).options[2]?.label).toBe(words)
      expect(read(id, typed).digest).toBe(read(id).digest)
    },
  )

  describe('a question with boxes to tick', () => {
    const id = 'claude-2.1.329/question-multi-01'
    const drawn = [...plainRows(recordings.get(id)!.screen)]

    test('has them with their marks, the last one for words of your own', () => {
      const { kind, options, boxes, unsure } = read(id)

      expect({ kind, boxes, unsure }).toEqual({
        kind: 'question',
        boxes: { own: 2, atEnd: false, leave: 'Tab' },
        unsure: null,
      })
      expect(options.map(({ label, ticked }) => [label, ticked])).toEqual([
        ['Logs', false],
        ['Metrics', false],
        ['Type something', false],
        ['Chat about this', null],
      ])
    })

    test('is the same one whatever is ticked, written and selected, and another one with other boxes', () => {
      const ticked = drawn.map((row) =>
        row
          .replace('☐ Features', '☒ Features')
          .replace('[ ] Logs', '[✔] Logs')
          .replace('[ ] Type something', '[✔] half a thought')
          .replace('❯', ' ')
          .replace(/^ {5}Next$/, '❯    Next'),
      )
      const other = drawn.map((row) => row.replace('Metrics', 'Traces'))

      expect(read(id, ticked).options.map((option) => option.ticked)).toEqual([true, false, true, null])
      expect(read(id, ticked)).toMatchObject({
        selected: null,
        boxes: { atEnd: true },
        digest: read(id).digest,
      })
      expect(read(id, other).digest).not.toBe(read(id).digest)
    })

    test.each([
      ['the row that ends the ticking', (row: string) => !row.endsWith(' Next')],
      ['the head with all questions', (row: string) => !row.includes('☐ Features')],
      ['its first box', (row: string) => !row.includes('1. ')],
    ])('offers nothing while %s is not to be seen', (_what, stays) => {
      const { options, unsure } = read(id, drawn.filter(stays))

      expect({ options, unsure }).toEqual({ options: [], unsure: 'no rule knows this dialog' })
    })
  })

  test('one of several questions is read on its tab, and another one when its boxes are choices', () => {
    const id = 'claude-2.1.329/question-multi-01'
    const rows = rowsOf(id).map((row) => row.replace('[ ] ', ''))

    expect(read(id, rows)).toMatchObject({
      tool: 'AskUserQuestion',
      question: 'Which features?',
      options: [
        { label: 'Logs' },
        { label: 'Metrics' },
        { label: 'Type something' },
        { label: 'Chat about this' },
      ],
    })
  })

  test('moving the selection leaves it the same dialog; another command makes it another one', () => {
    const id = 'claude-2.1.329/permission-bash-05'
    const moved = drawnWith(id, '1. ', '   1. Yes').map((row) =>
      row.includes('2. ') && row.includes('always') ? row.replace(/^(?:\u001b\[39m)? {3}/, ' ❯ ') : row,
    )
    const other = drawnWith(id, '[39m touch q', ' touch r')

    expect(read(id, moved)).toMatchObject({ selected: 1, digest: read(id).digest })
    expect(read(id, other).digest).not.toBe(read(id).digest)
  })
})

describe('a command that tries to look like something else', () => {
  const id = 'claude-2.1.329/permission-bash-05'
  const line = '╌'.repeat(118)

  test.each([
    [
      'draws the end of its own box',
      [' ls', ` ${line}`, ' Do you want to proceed?', ' ❯ 1. Yes', '   2. No'],
    ],
    ['begins a dialog of its own', [' touch q', ` ${'─'.repeat(118)}`, ' Bash command', ` ${line}`, ' ls']],
    ['goes on in a second line', [' ls', ' rm -rf ~']],
    ['ends in dots that are not its own', [' ls …']],
    ['reaches the edge of the window', [` ls ${'x'.repeat(114)}`]],
  ])('%s: nobody is sure of it', (_what, drawn) => {
    const dialog = read(id, drawnWith(id, '[39m touch q', ...drawn))

    expect(dialog.unsure).not.toBeNull()
    expect(dialog.input['command']).not.toBe('ls')
  })

  test('in a box, a second line behind the command is not taken for the remark on it', () => {
    const boxed = 'claude-2.0.1/permission-bash-01'
    const row = (text: string) => `│${text.padEnd(118)}│`

    const rows = drawnWith(boxed, '  for i in 1 2', row('   ls'), row('   rm -rf ~')).slice(1)

    expect(read(boxed, rows)).toMatchObject({
      unsure: expect.stringMatching(/several rows/),
      input: { command: 'ls\nrm -rf ~' },
    })
  })

  test('a plain yes that goes on in the next row is no plain yes', () => {
    const rows = drawnWith(id, '1. ', ' ❯ 1. Yes', '      and allow everything from now on').slice(1)

    expect(read(id, rows).options[0]).toMatchObject({ role: 'allow_more' })
  })
})
