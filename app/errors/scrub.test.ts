import { describe, expect, test } from 'vitest'
import { scrubJson, scrubText } from './scrub.ts'

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'
const letters = 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1'

describe('no secret of these forms is left', () => {
  test.each([
    ['AWS key', `AKIAIOSFODNN7EXAMPLE`, 'key AKIAIOSFODNN7EXAMPLE is refused'],
    ['GitHub token', `ghp_${letters}`, `clone failed: ghp_${letters}`],
    ['GitHub fine-grained token', `github_pat_${letters}`, `(github_pat_${letters})`],
    ['GitLab token', `glpat-${letters}`, `glpat-${letters}`],
    ['Slack token', 'xoxb-1234567890-abcdefghij', 'slack said no to xoxb-1234567890-abcdefghij'],
    ['Slack hook', 'T000/B000/XXXXXX', 'POST https://hooks.slack.com/services/T000/B000/XXXXXX failed'],
    ['Anthropic key', `sk-ant-api03-${letters}`, `401 for sk-ant-api03-${letters}`],
    ['OpenAI key', `sk-proj-${letters}`, `Incorrect API key provided: sk-proj-${letters}.`],
    ['Stripe key', `sk_live_${letters}`, `sk_live_${letters}`],
    ['Google key', `AIza${letters.slice(0, 35)}`, `?key=AIza${letters.slice(0, 35)}`],
    ['npm token', `npm_${letters.slice(0, 36)}`, `//registry/:_authToken=npm_${letters.slice(0, 36)}`],
    ['token of ours', `arch_${letters}`, `arch_${letters}`],
    ['node key of ours', `archnode_${letters}`, `archnode_${letters}`],
    [
      'age key',
      'AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ',
      'AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ',
    ],
    ['JWT', jwt, `token ${jwt} expired`],
    ['JWT in a longer word', jwt.slice(0, 60), `session.of-${jwt}.x`],
    ['bearer', 'abc.def-123456', 'Authorization: Bearer abc.def-123456'],
    ['basic', 'dXNlcjpwYXNz', 'authorization=Basic dXNlcjpwYXNz'],
    ['cookie', 'sid=12345', 'Cookie: theme=dark; sid=12345'],
    ['URL with password', 'hunter2', 'cannot connect to postgres://app:hunter2@db:5432/x'],
    ['URL with @ in its password', 'hun@ter2', 'mysql://app:hun@ter2@db/x'],
    ['URL with a token', 'tok3ntok3n', 'git clone https://tok3ntok3n@github.com/a/b'],
    ['password in a query', 'hunter2', 'GET /login?user=a&password=hunter2&next=/'],
    ['password in JSON', 'hunter2', '{"user":"a","password":"hunter2"}'],
    ['password in JSON in a string', 'hunter2', '"{\\"password\\":\\"hunter2\\"}"'],
    ['password with spaces', 'correct horse', `password="correct horse battery"`],
    ['environment', 'hunter2', 'DB_PASSWORD=hunter2 node x.js'],
    ['YAML', 'hunter2', 'client_secret: hunter2'],
    ['Ruby', 'hunter2', ':api_key => "hunter2"'],
    ['framework secret', 'hunter2abc', 'SECRET_KEY_BASE=hunter2abc'],
  ])('%s', (_name, secret, text) => {
    const scrubbed = scrubText(text)

    expect(scrubbed).not.toContain(secret)
    expect(scrubbed).toContain('[removed]')
  })

  test('a private key, whole or cut off', () => {
    const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nabc\n-----END RSA PRIVATE KEY-----'

    expect(scrubText(`before ${key} after`)).toBe('before [removed] after')
    expect(scrubText(`before ${key.slice(0, 50)}`)).toBe('before [removed]')
  })
})

test.each([
  'Unexpected token < in JSON at position 0',
  'TypeError: Cannot read properties of undefined (reading "token")',
  '    at Parser.nextToken (/app/node_modules/x/tokenizer.js:12:3)',
  'ECONNREFUSED http://db:5432/path?x=1',
  'mail to a.b@example.com failed',
  'the secretary is out',
])('%j is left as it is', (text) => {
  expect(scrubText(text)).toBe(text)
})

test('JSON loses the fields whose names say that they are secret, at any depth', () => {
  const scrubbed = scrubJson({
    user: 'a',
    password: 'x',
    nested: [{ apiKey: 'y', tokens: { refresh_token: 'z' } }, `Bearer ${letters}`],
    input_tokens: 12,
    cookies: null,
  })

  expect(scrubbed).toEqual({
    user: 'a',
    password: '[removed]',
    nested: [{ apiKey: '[removed]', tokens: '[removed]' }, 'Bearer [removed]'],
    input_tokens: 12,
    cookies: null,
  })
})

test('no text of 1 MB makes a rule slow', () => {
  const texts = [
    'password="',
    '://',
    'Bearer ',
    'token',
    'a@',
    'eyJ',
    '-----BEGIN PRIVATE KEY-----',
    'a:b@',
    'sk-',
    '\\"',
    '-eyJ',
    'eyJ-',
    'eyJab.',
    '-----BEGIN PRIVATE KEY----',
    'token="a\\',
  ]

  const startedAt = performance.now()
  for (const text of texts) scrubText(text.repeat(Math.ceil(1_000_000 / text.length)))

  expect(performance.now() - startedAt).toBeLessThan(5_000)
})
