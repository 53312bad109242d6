import { describe, expect, test } from 'vitest'
import { foundLimits } from '../../core/found-work.ts'
import { commentSyntaxOf } from './comment-syntax.ts'
import { todoComments } from './todo-comments.ts'

const find = (file: string, text: string) => todoComments(text, file, commentSyntaxOf(file)!)
const brief = (file: string, text: string) =>
  find(file, text).map(({ marker, line, text: said }) => `${line} ${marker} ${said}`)

describe('comments that say what is to be done', () => {
  test.each([
    ['a.ts', 'const a = 1 // TODO: sort them', ['1 TODO sort them']],
    ['a.ts', '/**\n * FIXME the last row is lost\n */', ['2 FIXME the last row is lost']],
    ['a.c', '/* XXX */', ['1 XXX ']],
    ['a.py', 'x = 1\n\n# TODO(ann): faster', ['3 TODO faster']],
    ['a.py', 'def f():\n    """ TODO: not a comment """\n    # HACK: is one', ['3 HACK is one']],
    ['a.sql', "select '-- TODO: no' -- TODO: yes", ['1 TODO yes']],
    ['a.html', '<p>TODO: no</p><!-- TODO: yes -->', ['1 TODO yes']],
    ['a.lua', '--[[ TODO: in\n FIXME: a block ]] x()', ['1 TODO in', '2 FIXME a block']],
    ['a.rs', "fn f<'a>(x: &'a str) {} // TODO: lifetimes", ['1 TODO lifetimes']],
    ['Makefile', 'all: # TODO: more', ['1 TODO more']],
    ['a.sh', "echo it's fine # TODO: quote it", ['1 TODO quote it']],
    ['a.ts', 'x // see #12; TODO: later', ['1 TODO later']],
  ])('%s: %j', (file, text, expected) => {
    expect(brief(file, text)).toEqual(expected)
  })

  test.each([
    ['a string', 'a.ts', 'const a = "// TODO: no"'],
    ['a template of several lines', 'a.ts', 'const a = `\n// TODO: no\n`'],
    ['an escaped quote', 'a.ts', String.raw`const a = "\"// TODO: no"`],
    ['a sentence about them', 'a.ts', '// finds every TODO in the files'],
    ['a list of words', 'a.ts', '// TODO, FIXME and plan files'],
    ['part of a word', 'a.sh', 'mktemp x.XXXXXX # like a.XXXX\n# TODOS and TODO_LIST'],
    ['lower case', 'a.ts', '// todo: no'],
    ['an address', 'a.ts', 'const a = "http://x/TODO: no"'],
  ])('%s asks for nothing', (_, file, text) => {
    expect(find(file, text)).toEqual([])
  })

  test('who it is for is kept', () => {
    expect(find('a.go', '// TODO(@ann): x')).toMatchObject([{ owner: '@ann', text: 'x' }])
  })

  test('what would move a cursor or is half a character is gone', () => {
    const [comment] = find('a.ts', '// TODO: \u001b[31mred\u202e \ud800 x */')

    expect(comment?.text).toBe('[31mred \ufffd x')
  })

  test('a text is cut, and so is a file with too many', () => {
    const [long] = find('a.ts', `// TODO: ${'x'.repeat(5_000)}`)
    const many = find('a.ts', '// TODO: x\n'.repeat(5_000))

    expect(long?.text).toHaveLength(foundLimits.textChars)
    expect(many).toHaveLength(foundLimits.perFile)
  })

  test.each([
    ['quotes that never end', 'a.ts', '"'.repeat(500_000)],
    ['backticks', 'a.ts', '`a'.repeat(250_001)],
    ['openers in openers', 'a.ts', '/*'.repeat(500_000)],
    ['one line of spaces', 'a.ts', `//${' '.repeat(1_000_000)}TODO`],
    ['dashes', 'a.sql', '-'.repeat(1_000_000)],
    ['brackets', 'a.ts', `// ${'TODO('.repeat(200_000)}`],
  ])('a megabyte of %s costs no more than its length', (_, file, text) => {
    const begun = process.cpuUsage()

    find(file, text)

    // Some 300 ms; what grows with the square of the length takes 10 s and more.
    expect(process.cpuUsage(begun).user).toBeLessThan(3_000_000)
  })
})
