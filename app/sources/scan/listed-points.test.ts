import { expect, test } from 'vitest'
import { isPlanFile, isTemplate, listedPoints } from './listed-points.ts'

test('boxes are points with their state and the headings above them', () => {
  const text =
    '# Plan\n\n## Login\n- [x] form\n  - [ ] throttle\n\n## Board\n1. [ ] columns\n\n# Later\n* [X] sleep\n'

  const points = listedPoints(text, 'README.md')

  expect(points).toEqual([
    { file: 'README.md', line: 4, text: 'form', isDone: true, headings: ['Plan', 'Login'], isPlan: false },
    {
      file: 'README.md',
      line: 5,
      text: 'throttle',
      isDone: false,
      headings: ['Plan', 'Login'],
      isPlan: false,
    },
    {
      file: 'README.md',
      line: 8,
      text: 'columns',
      isDone: false,
      headings: ['Plan', 'Board'],
      isPlan: false,
    },
    { file: 'README.md', line: 11, text: 'sleep', isDone: true, headings: ['Later'], isPlan: false },
  ])
})

test('code is no list, and its fence ends only with one of its own kind', () => {
  const text = '```md\n- [ ] no\n~~~\n- [ ] no\n```\n- [ ] yes\n'

  expect(listedPoints(text, 'a.md').map((point) => point.text)).toEqual(['yes'])
})

test('plain points are work in a plan file only, and done when they are struck out', () => {
  const text = '- one\n- ~~two~~\n- ✅ three\n'

  expect(listedPoints(text, 'README.md')).toEqual([])
  expect(listedPoints(text, 'docs/TODO.md').map((point) => [point.text, point.isDone])).toEqual([
    ['one', false],
    ['two', true],
    ['✅ three', true],
  ])
})

test('lines of Windows and of a megabyte are read', () => {
  const text = `- [ ] one\r\n- [ ] ${'x'.repeat(1_000_000)}\r\n- [x] two\r\n`

  const points = listedPoints(text, 'a.md')

  expect(points.map(({ line, isDone }) => [line, isDone])).toEqual([
    [1, false],
    [2, false],
    [3, true],
  ])
  expect(points[1]!.text).toHaveLength(300)
})

test.each([
  'TODO',
  'TODO.md',
  'docs/Plan.md',
  'ROADMAP.rst',
  'next-steps.txt',
  'tasks.md',
  'implementation_plan.md',
])('%s is a plan by its name', (file) => {
  expect(isPlanFile(file)).toBe(true)
})

test.each(['todo.ts', 'planet.md', 'plan.js', 'my-plan-b.md'])('%s is none', (file) => {
  expect(isPlanFile(file)).toBe(false)
})

test("templates that ask everybody the same are nobody's work", () => {
  expect(isTemplate('.github/PULL_REQUEST_TEMPLATE.md')).toBe(true)
  expect(isTemplate('README.md')).toBe(false)
})
