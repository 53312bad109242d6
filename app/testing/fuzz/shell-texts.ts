import fc from 'fast-check'

/** Programs that the fuzz test's pattern grants, and some that nobody does. Neither exists on any machine. */
export const grantedPrograms = ['good', 'fine', 'okay']
const otherPrograms = [
  'evil',
  'wicked',
  'good-not',
  'goo',
  'eval evil',
  'exec evil',
  'command evil',
  './good',
  '"evil"',
  'e\\vil',
]

/** A shell text, and whether something in it that would run is not granted; null: only running it tells. */
export interface FuzzedText {
  text: string
  hasOther: boolean | null
}

const quotedWords = [
  "'a b'",
  '"a b"',
  "'; evil'",
  '"&& evil"',
  'a\\ b',
  "''",
  "'$(evil)'",
  "'`evil`'",
  '"\'"',
  "'\"'",
  '--x=1',
  '-n',
  'src/a',
  '2',
  'é',
]

const argument = fc.constantFrom('a', 'b.txt', '-l', ...quotedWords)

const good = fc
  .tuple(fc.constantFrom(...grantedPrograms), fc.array(argument, { maxLength: 3 }))
  .map(([program, args]): FuzzedText => ({ text: [program, ...args].join(' '), hasOther: false }))

const other = fc
  .tuple(fc.constantFrom(...otherPrograms), fc.array(argument, { maxLength: 2 }))
  .map(([program, args]): FuzzedText => ({ text: [program, ...args].join(' '), hasOther: true }))

const simple = fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: other })

const joints = [';', ' ; ', ' && ', ' || ', ' | ', ' |& ', ' & ', '\n', '\n\n', ' &&\n', ' |\n', '; \\\n']

/** Ways in which one text stands in another, so that it runs. */
const frames: ((inner: string) => string)[] = [
  (inner) => `(${inner})`,
  (inner) => `( ${inner} )`,
  (inner) => `{ ${inner}; }`,
  (inner) => `! ${inner.replaceAll('\n', ';')}`,
  (inner) => `good "$(${inner})"`,
  (inner) => `good $(${inner})`,
  (inner) => `good "a$(${inner})b"`,
  (inner) => `good -m "$(${inner})"`,
  (inner) => `good <<E\n$(${inner})\nE\n`,
  (inner) => `good <<< "$(${inner})"`,
  (inner) => `good \`${inner.replaceAll(/[\\`]/g, '')}\``,
  (inner) => `good <(${inner})`,
  (inner) => `x=$(${inner}) good`,
  (inner) => `if ${inner}\nthen good\nfi`,
  (inner) => `for i in 1; do ${inner}\ndone`,
  (inner) => `good \${x:-$(${inner})}`,
  (inner) => `good $((1 + $(${inner}; echo 1)))`,
  (inner) => `bash -c '${inner.replaceAll("'", `'\\''`)}'`,
  (inner) => `sh -c '${inner.replaceAll("'", `'\\''`)}'`,
  (inner) => `env CI=1 ${inner}`,
  (inner) => `timeout 5 ${inner}`,
  (inner) => `# say nothing\n${inner}`,
  (inner) => `${inner} > out.txt`,
  (inner) => `${inner} 2>&1`,
  (inner) => `f() { ${inner}\n}; f`,
  (inner) => `eval '${inner.replaceAll("'", `'\\''`)}'`,
]

/** Texts that are put together from known parts, so that what they run is known without running them. */
export const builtTexts: fc.Arbitrary<FuzzedText> = fc.letrec<{ text: FuzzedText }>((tie) => ({
  text: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 3, arbitrary: simple },
    {
      weight: 3,
      arbitrary: fc
        .tuple(tie('text'), fc.constantFrom(...joints), tie('text'))
        .map(([left, joint, right]) => joined(left, joint, right)),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom(...frames), tie('text'))
        .map(([frame, inner]) => framed(frame, inner)),
    },
  ),
})).text

function joined(left: FuzzedText, joint: string, right: FuzzedText): FuzzedText {
  return { text: left.text + joint + right.text, hasOther: left.hasOther === true || right.hasOther === true }
}

const framed = (frame: (inner: string) => string, inner: FuzzedText): FuzzedText => ({
  text: frame(inner.text),
  hasOther: inner.hasOther,
})

const pieces = [
  'good',
  'fine',
  'okay',
  'evil',
  'wicked',
  ' ',
  ' ',
  ' ',
  '\n',
  '\t',
  ';',
  '&',
  '|',
  '&&',
  '||',
  "'",
  "'",
  '"',
  '"',
  '\\',
  '\\\n',

  '$(',
  ')',
  '(',
  '`',
  '{',
  '}',
  '<',
  '>',
  '>>',
  '<<E\n',
  "<<'E'\n",
  '\nE\n',
  '<<<',
  '&>',
  '>&',
  '2>&1',
  '|&',
  '<(',
  '$x',
  '${x',
  '}',
  '$((',
  '))',

  '#',
  '~',
  '*',
  '?',
  '[',
  ']',
  '!',
  '=',
  'x=1 ',
  '-a',
  '--',
  'a',
  '1',
  '/',
  './',
  '..',
  "$'",
  '$"',
  "\\'",
  '{a,b}',
  '$',
  '%',
  '^',
  ',',
  ':',
  '@',
  '+',

  'if ',
  'then ',
  'fi',
  'for i in ',
  'do ',
  'done',
  'case ',
  ' in ',
  ';;',
  'esac',
  '[[ ',
  ' ]]',
  'function ',
  '()',
  'time ',
  'coproc ',
  'eval ',
  'exec ',
  'cd ',
  'echo ',
  'bash -c ',
  '-c',
  'env ',
  'alias ',
  '\r',
  '\u00A0',
  '\u200B',
]

/** Whatever comes out of pieces that mean something to a shell. */
export const mixedTexts: fc.Arbitrary<FuzzedText> = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 14 })
  .map((parts): FuzzedText => ({ text: `good ${parts.join('')}`, hasOther: null }))

/** A known text with something in it changed. */
export const bentTexts: fc.Arbitrary<FuzzedText> = fc
  .tuple(
    builtTexts,
    fc.array(fc.tuple(fc.nat(400), fc.constantFrom(...pieces), fc.nat(2)), { minLength: 1, maxLength: 3 }),
  )
  .map(([{ text }, bends]) => ({ text: bends.reduce(bent, text), hasOther: null }))

function bent(text: string, [position, piece, removed]: [number, string, number]): string {
  const at = position % (text.length + 1)
  return text.slice(0, at) + piece + text.slice(at + removed)
}
