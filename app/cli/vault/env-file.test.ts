import { expect, test } from 'vitest'
import { readEnvFile } from './env-file.ts'

const read = (text: string) => readEnvFile(text, 'x.env')

test.each([
  ['plain', 'A=1\nB = two words \n', { A: '1', B: 'two words' }],
  ['with quotes', `A='it is # here'\nB="a 'b'"\nC=\`x\`\n`, { A: 'it is # here', B: "a 'b'", C: 'x' }],
  ['with export and remarks', '# mine\n\nexport A=1 # one\n  export  B="2" # two\n', { A: '1', B: '2' }],
  ['of Windows, with a mark of its bytes', '\uFEFFA=1\r\nB="2"\r\n', { A: '1', B: '2' }],
  ['of an old Mac', 'A=1\rB=2', { A: '1', B: '2' }],
  [
    'over several lines in quotes',
    `A="-----BEGIN-----\nabc=\n-----END-----"\nB='x\ny'\n`,
    { A: '-----BEGIN-----\nabc=\n-----END-----', B: 'x\ny' },
  ],
  ['with newlines that are written', 'A="x\\ny"\n', { A: 'x\ny' }],
  ['with equal signs and dollars', 'A=b=c==\nB=$A${A}\n', { A: 'b=c==', B: '$A${A}' }],
])('a file %s is read', (_how, text, values) => {
  expect(Object.fromEntries(read(text).lines)).toEqual(values)
})

test('of a name that stands there twice the last value counts, and what is empty is left out; both are said', () => {
  expect(read('A=1\nB=\nA=2\n')).toEqual({
    lines: [['A', '2']],
    remarks: ['A stands there more than once; its last value counts.', 'B has no value, and is left out.'],
  })
})

test.each([
  ['a key without quotes', 'A=1\nKEY=-----BEGIN-----\nMIIEvQIBADANBg\n-----END-----\n', /^Line 3 of x\.env/],
  ['a word alone', 'A=1\n\nwhat\n', /^Line 3 of x\.env/],
  ['nothing', '# nothing\n', /no line of the form/],
])('%s is refused, with the line', (_what, text, sentence) => {
  expect(() => read(text)).toThrow(sentence)
})
