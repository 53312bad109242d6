import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../core/clock.ts'
import type { TestResult } from '../core/test-suite.ts'
import { makeSourceTree } from '../testing/source-tree.ts'
import { readSecrets } from './hide-secrets.ts'
import { junitXml } from './junit.ts'
import { loadSuite, parseSuite } from './load-suite.ts'
import { runSuite, type SuiteRun } from './run-suite.ts'

let server: Server
let url = ''
let asked = 0
beforeAll(async () => {
  server = createServer((request, response) => {
    asked += 1
    if (request.url === '/hangs') return
    if (request.url === '/endless') {
      const write = () =>
        void (response.write('x'.repeat(65_536)) ? setImmediate(write) : response.once('drain', write))
      write()
      return
    }
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        asked,
        said: request.headers['authorization'] ?? null,
        list: [{ id: 7 }],
        a: { 'b.c': 1 },
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const run = (yaml: string, more: Partial<SuiteRun> = {}): Promise<TestResult> =>
  runSuite(parseSuite(yaml, 'test.yaml'), {
    file: 'test.yaml',
    dashboard: { url, token: 'opensesame' },
    secrets: readSecrets([], {}),
    variables: new Map(),
    clock: systemClock,
    signal: new AbortController().signal,
    ...more,
  })

/** Of a suite of one case. */
const oneCase = (...steps: string[]) =>
  `name: s\ncases:\n  - name: c\n    steps:\n${steps.map((s) => `      - ${s}\n`).join('')}`
const failures = async (...steps: string[]) =>
  (await run(oneCase(...steps))).cases[0]!.steps.flatMap((step) => step.failures)

test('what was captured goes into later steps, and nothing is read twice', async () => {
  const result = await run(
    oneCase(
      '{ http: { url: / }, capture: { id: "json.list[0].id", dotted: "json.a[\\"b.c\\"]" } }',
      '{ shell: { command: [echo, "${id} ${dotted} $${id}"] }, expect: { stdout: "7 1 $${id}\\n" }, capture: { odd: stdout } }',
      '{ shell: { command: [printf, "%s", "${odd}"] }, expect: { stdout: { contains: "7 1 $$" } } }',
    ),
  )

  expect(result.cases[0]!.steps.flatMap((step) => step.failures)).toEqual([])
})

describe('a failure says what was there and what was expected', () => {
  test.each([
    ['{ json.list: { length: 2 } }', 'json.list is [{"id":7}]; expected 2 of them, not 1'],
    ['{ status: 201 }', 'status is 200; expected 201'],
    ['{ json.none: x }', 'json.none is missing; expected "x"'],
    ['{ json.none: { exists: true } }', 'json.none is missing; expected something to be there'],
    ['{ json.list: { contains: { id: 8 } } }', 'json.list is [{"id":7}]; expected it to contain {"id":8}'],
    ['{ json.a: { type: array } }', 'json.a is {"b.c":1}; expected a value of type array'],
    ['{ status: { at_most: 100 } }', 'status is 200; expected at most 100'],
    [
      '{ body: { matches: "^x" } }',
      expect.stringMatching(/^body is ".*; expected a text that matches \/\^x\/su$/),
    ],
    ['{ body: { matches: "(" } }', expect.stringMatching(/which is no regular expression$/)],
    [
      '{ json.constructor: { exists: false }, json.__proto__: { exists: true } }',
      expect.stringMatching(/__proto__ is missing/),
    ],
  ])('%s', async (expected, sentence) => {
    expect(await failures(`{ http: { url: / }, expect: ${expected} }`)).toEqual([sentence])
  })
})

test('a step that fails skips the rest of its case, but not what tidies up, and no other case', async () => {
  const result = await run(`
name: s
cases:
  - name: one
    steps:
      - { shell: { command: ["false"] }, expect: { exit_code: 0 } }
      - { shell: { command: ["true"] } }
      - { shell: { command: ["true"] }, always: true }
  - name: two
    steps: [{ wait: 0.01 }]
`)

  expect(result.cases.map(({ outcome, steps }) => [outcome, steps.map((step) => step.outcome)])).toEqual([
    ['failed', ['failed', 'skipped', 'passed']],
    ['passed', ['passed']],
  ])
  expect(result).toMatchObject({ outcome: 'failed', counts: { passed: 1, failed: 1, error: 0, skipped: 0 } })
})

test('a command that fails is no success, unless the step says what it expects of its end', async () => {
  expect(await failures('{ shell: { command: ["false"] }, expect: { stdout: "" } }')).toEqual([
    'exit_code is 1; expected 0',
  ])
  expect(await failures('{ shell: { command: ["false"] }, expect: { exit_code: 1 } }')).toEqual([])
  expect(
    await failures('{ shell: { command: [sh, -c, "kill -9 $$$$"] }, expect: { signal: SIGKILL } }'),
  ).toEqual([])
})

test('what tidies up a case is done when the suite is over in the middle of it, and in no later case', async () => {
  const result = await run(`
name: s
timeout_seconds: 0.5
cases:
  - name: one
    steps: [{ wait: 60 }, { shell: { command: ["true"] }, always: true }]
  - name: two
    steps: [{ wait: 60 }, { shell: { command: ["true"] }, always: true }]
`)

  expect(result.cases.map(({ steps }) => steps.map(({ outcome }) => outcome))).toEqual([
    ['error', 'passed'],
    ['error', 'error'],
  ])
})

test('a step is tried again for its time until it holds', async () => {
  asked = 0

  const [step] = (
    await run(oneCase('{ http: { url: / }, retry_seconds: 10, expect: { json.asked: { at_least: 3 } } }'))
  ).cases[0]!.steps

  expect(step).toMatchObject({ outcome: 'passed', tries: 3 })
})

describe('a suite ends', () => {
  test.each([
    ['a server that does not answer', '{ http: { url: /hangs } }'],
    [
      'a command that ignores its end',
      `{ shell: { command: [sh, -c, "trap '' TERM; while :; do sleep 1; done"] } }`,
    ],
    ['what a command leaves behind', '{ shell: { command: [sh, -c, "sleep 1000 & wait"] } }'],
    ['endless output', '{ shell: { command: [sh, -c, "yes"] } }'],
    ['a long wait', '{ wait: 3600 }'],
  ])('although there is %s', async (_, step) => {
    const begun = performance.now()

    const result = await run(oneCase(step).replace('name: s', 'name: s\ntimeout_seconds: 0.5'))

    expect(performance.now() - begun).toBeLessThan(10_000)
    expect(result.cases[0]!.steps[0]!.failures).toEqual(['The time of the suite is over, or it was ended.'])
  })

  test('an endless answer is read as far as it is compared with', async () => {
    expect(await failures('{ http: { url: /endless }, expect: { body: { length: 1048576 } } }')).toEqual([])
  })

  test('what was left in the background by a command that has ended holds nobody up', async () => {
    expect(
      await failures('{ shell: { command: [sh, -c, "sleep 1000 & echo on"] }, expect: { stdout: "on\\n" } }'),
    ).toEqual([])
  })

  test('a step has a time of its own', async () => {
    expect(await failures('{ http: { url: /hangs }, timeout_seconds: 0.2 }')).toEqual([
      'It took longer than 0.2 s.',
    ])
  })
})

test('variables that need each other in a circle are refused with the way round', async () => {
  const yaml =
    'name: s\nvariables: { a: "${b}", b: "x${c}", c: "${a}" }\ncases: [{ name: c, steps: [{ wait: 1 }] }]'

  await expect(run(yaml)).rejects.toThrow('Variables need each other in a circle: a → b → c → a.')
})

test('a variable that is not there is said with those that are', async () => {
  expect(await failures('{ http: { url: "/${nothing}" } }')).toEqual([
    'There is no variable ${nothing} here; there are: none.',
  ])
})

test('variables that grow into each other end at a megabyte', async () => {
  const doubles = Array.from({ length: 40 }, (_, n) => `v${n + 1}: "\${v${n}}\${v${n}}"`).join(', ')
  const yaml = `name: s\nvariables: { v0: xxxxxxxx, ${doubles} }\ncases: [{ name: c, steps: [{ wait: 1 }] }]`

  await expect(run(yaml)).rejects.toThrow(/grew beyond 1 MB/)
})

test('the value of a secret is nowhere in a result, in none of its forms', async () => {
  const value = 'hun"ter/2 ü'
  const secrets = readSecrets(['PASS'], { PASS: value })
  const result = await run(
    oneCase(
      '{ name: "shows ${PASS}", shell: { command: [sh, -c, "echo $P; printf %s \\"$P\\" | base64 >&2; false"], env: { P: "${PASS}" } }, expect: { exit_code: 0, stdout: { lacks: "${PASS}" } } }',
      '{ http: { url: "/${PASS}" }, expect: { status: 1 }, always: true }',
    ),
    { secrets },
  )

  const text = JSON.stringify(result) + junitXml(result)
  expect(result.outcome).toBe('failed')
  for (const form of [
    'hun"ter',
    'hun\\"ter',
    encodeURIComponent(value),
    Buffer.from(value).toString('base64').slice(0, 12),
  ]) {
    expect(text).not.toContain(form)
  }
  expect(text).toContain('[secret PASS]')
})

test("the dashboard's token goes to the dashboard alone, and nothing of our environment to commands", async () => {
  process.env['ARCHITECT_TEST_LEAK'] = 'leaked'
  const result = await run(
    oneCase(
      '{ http: { url: / }, expect: { json.said: "Bearer opensesame" } }',
      `{ http: { url: "${url}/" }, expect: { json.said: null } }`,
      '{ shell: { command: [env] }, expect: { stdout: { lacks: leaked } } }',
    ),
  )
  delete process.env['ARCHITECT_TEST_LEAK']

  expect(result.outcome).toBe('passed')
})

test('what cannot be tried is an error, and no failure', async () => {
  const result = await run(
    oneCase('{ http: { url: "http://127.0.0.1:1/" } }').replace(
      'steps:',
      'steps:\n      - { shell: { command: [no-such-program-here] } }',
    ),
  )

  expect(result).toMatchObject({
    outcome: 'error',
    cases: [{ outcome: 'error', steps: [{ outcome: 'error' }, { outcome: 'skipped' }] }],
  })
})

describe('a file that is no suite is refused with the places', () => {
  test.each([
    ['nothing', '', /the file: /],
    ['no YAML', 'a: [', /is no YAML/],
    ['an unknown kind of step', oneCase('{ telnet: {} }'), /cases\.0\.steps\.0/],
    [
      'a word that is misspelt',
      oneCase('{ http: { url: /, methd: GET } }'),
      /cases\.0\.steps\.0\.http: .*methd/,
    ],
    [
      'a comparison that there is not',
      oneCase('{ http: { url: / }, expect: { status: { bigger: 1 } } }'),
      /expect\.status/,
    ],
    ['no cases', 'name: s\ncases: []', /cases: /],
    [
      'aliases without end',
      `a: &a [x,x]\n${'bcdefghijk'
        .split('')
        .map((k, n) => `${k}: &${k} [${`*${'abcdefghijk'[n]},`.repeat(9)}]`)
        .join('\n')}`,
      /is no YAML|is no test suite/,
    ],
  ])('%s', (_, yaml, places) => {
    expect(() => parseSuite(yaml, 'x.yaml')).toThrow(places)
  })

  test('a text for sh needs a word of its own', async () => {
    expect(await failures('{ shell: { command: "echo hello" } }')).toEqual([
      expect.stringContaining('shell: true'),
    ])
    expect(
      await failures('{ shell: { command: "echo hello", shell: true }, expect: { stdout: "hello\\n" } }'),
    ).toEqual([])
  })

  test('a folder, a pipe and what is too long are not read', () => {
    using tree = makeSourceTree({ 'long.yaml': 'x'.repeat(1_048_577) })

    expect(() => loadSuite(tree.root)).toThrow(/is no file|cannot be read/)
    expect(() => loadSuite('/dev/zero')).toThrow(/is no file/)
    expect(() => loadSuite(join(tree.root, 'long.yaml'))).toThrow(/longer than 1 MB/)
    expect(() => loadSuite(join(tree.root, 'none.yaml'))).toThrow(/cannot be read/)
  })
})

test('JUnit gets what failed, without what XML does not know', async () => {
  const result = await run(
    oneCase(
      String.raw`{ name: "a <b> & \"c\"", shell: { command: [printf, "\\033[31m]]>\\001"] }, expect: { exit_code: 1 } }`,
    ),
  )

  const xml = junitXml(result)

  expect(xml).toContain('<testsuite name="s" file="test.yaml" tests="1" failures="1" errors="0" skipped="0"')
  expect(xml).toContain('<failure message="a &lt;b&gt; &amp; &quot;c&quot;: exit_code is 0; expected 1">')
  expect(xml).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/)
})
