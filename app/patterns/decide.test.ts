import { describe, expect, test } from 'vitest'
import type { Ask } from '../core/interaction.ts'
import { defaultPolicy, type PolicyTier } from '../core/pattern.ts'
import { decide } from './decide.ts'
import { context, pattern, shellAsk } from './testing.ts'

const allowNpm = pattern({ commands: ['npm test'] }, { id: 7, version: 3, name: 'Tests' })

describe('what no rule answers', () => {
  test.each<[string, Partial<Ask>, Parameters<typeof context>[0]]>([
    ['an untrusted reading', {}, { trusted: false }],
    ['a question', { kind: 'question' }, {}],
    ['a plan', { kind: 'plan' }, {}],
    ['a request that was cut off', { inputWhole: false }, {}],
    ['a shell request without its command', { input: {} }, {}],
    ['an empty command', { input: { command: '' } }, {}],
    ['a tool that nobody knows', { tool: 'other', toolName: 'Frobnicate' }, {}],
    [
      'several lines that come from a screen',
      { inputFrom: 'screen', input: { command: 'npm test\nnpm test' } },
      {},
    ],
    ['a session whose folder is unknown', {}, { cwd: '' }],
  ])('%s is asked', (_, changes, place) => {
    const decision = decide(shellAsk('npm test', changes), context(place), [allowNpm], defaultPolicy)

    expect(decision).toMatchObject({ effect: 'ask' })
  })
})

describe('what a pattern means', () => {
  test.each(['npm run -s release', 'npm --silent run release', '/usr/bin/npm run release --if-present'])(
    'a denial of `npm run release` is one of %j, too',
    (command) => {
      const deny = pattern({ commands: ['npm run release'] }, { id: 2, effect: 'deny' })
      const allow = pattern({ commands: ['npm ...', command] }, { id: 3 })

      const decision = decide(shellAsk(command), context(), [allow, deny], defaultPolicy)

      expect(decision).toMatchObject({ effect: 'deny', by: { kind: 'pattern', id: 2 } })
    },
  )

  test('an absolute path grants nothing that a link leads elsewhere', () => {
    const links: Record<string, string> = { '/srv/www': '/data/www', '/data/www/b': '/home/me/.bashrc' }
    const realPath = (path: string): string => {
      const link = Object.keys(links).find((from) => path === from || path.startsWith(`${from}/`))
      return link === undefined ? path : realPath(links[link] + path.slice(link.length))
    }
    const allow = pattern({ tools: ['edit'], paths: ['/srv/www/**'] })
    const effectOf = (path: string) =>
      decide(
        shellAsk('', { tool: 'edit', toolName: 'Edit', input: { paths: [path] } }),
        context({ realPath }),
        [allow],
        defaultPolicy,
      ).effect

    expect([effectOf('/srv/www/a'), effectOf('/srv/www/b')]).toEqual(['allow', 'ask'])
  })
})

describe('the order of rules', () => {
  const denyAll = pattern({ tools: ['shell'] }, { id: 2, effect: 'deny' })
  const askAll = pattern({ tools: ['shell'] }, { id: 3, effect: 'ask' })

  test('a denial wins over a question and an approval', () => {
    const decision = decide(shellAsk('npm test'), context(), [allowNpm, askAll, denyAll], defaultPolicy)

    expect(decision).toMatchObject({ effect: 'deny', by: { kind: 'pattern', id: 2, version: 1 } })
  })

  test('a question wins over an approval', () => {
    const decision = decide(shellAsk('npm test'), context(), [allowNpm, askAll], defaultPolicy)

    expect(decision).toMatchObject({ effect: 'ask', by: { kind: 'pattern', id: 3 } })
  })

  test('a decision names the pattern, its version and a reason', () => {
    const decision = decide(shellAsk('npm test'), context({ tier: 'high_level' }), [allowNpm], defaultPolicy)

    expect(decision).toEqual({
      effect: 'allow',
      by: { kind: 'pattern', id: 7, version: 3 },
      also: [],
      reason: '"Tests" allows npm test.',
    })
  })

  test('a compound command names every pattern that it needs', () => {
    const allowLs = pattern({ commands: ['ls'] }, { id: 8 })

    const decision = decide(
      shellAsk('npm test && ls'),
      context({ tier: 'high_level' }),
      [allowNpm, allowLs],
      defaultPolicy,
    )

    expect(decision).toMatchObject({
      effect: 'allow',
      by: { id: 7 },
      also: [{ kind: 'pattern', id: 8, version: 1 }],
    })
  })

  test.each(['draft', 'off', 'deleted'] as const)('a pattern that is %s decides nothing', (state) => {
    const decision = decide(
      shellAsk('npm test'),
      context({ tier: 'high_level' }),
      [{ ...allowNpm, state }],
      defaultPolicy,
    )

    expect(decision).toMatchObject({ effect: 'ask' })
  })

  test('a shipped denial is not outvoted by the very same words', () => {
    const exact = pattern({ commands: ['git push --force'] })

    const decision = decide(shellAsk('git push --force'), context(), [exact], defaultPolicy)

    expect(decision).toMatchObject({ effect: 'deny', by: { kind: 'shipped', name: 'git-force-push' } })
  })

  test('a shipped denial holds until a person switches it off', () => {
    const exact = pattern({ commands: ['npm publish'] })
    const policy = { ...defaultPolicy, withoutShipped: ['publish'] }

    const decision = decide(shellAsk('npm publish'), context(), [exact], policy)

    expect(decision).toMatchObject({ effect: 'allow' })
  })

  test.each([
    ['node -e 1', 'node -e 1', 'allow'],
    ['node ...', 'node -e 1', 'ask'],
    ['node -e <text>', 'node -e 1', 'ask'],
  ] as const)('a shipped question gives way to %j only when it is spelled out', (line, command, effect) => {
    const decision = decide(shellAsk(command), context(), [pattern({ commands: [line] })], defaultPolicy)

    expect(decision).toMatchObject({ effect })
  })
})

describe('policies', () => {
  test.each<[PolicyTier, string, string]>([
    ['worker', 'ls -la', 'allow'],
    ['worker', 'npm test', 'allow'],
    ['worker', 'mkdir -p src/a', 'allow'],
    ['worker', 'frobnicate', 'ask'],
    ['manager', 'git log --oneline -5', 'allow'],
    ['manager', 'cat src/a.ts | head -5', 'allow'],
    ['manager', 'npm test', 'ask'],
    ['manager', 'rm src/a.ts', 'ask'],
    ['high_level', 'ls', 'ask'],
    ['high_level', 'rm -rf /', 'deny'],
  ])('a %s session that wants %j: %s', (tier, command, effect) => {
    const decision = decide(shellAsk(command), context({ tier }), [], defaultPolicy)

    expect(decision).toMatchObject({ effect })
  })

  test('nothing is inside, where the project is not known', () => {
    const decision = decide(shellAsk('cat a.ts'), context({ projectRoot: null }), [], defaultPolicy)

    expect(decision).toMatchObject({ effect: 'ask' })
  })

  test('a link that leads out of the project is seen when paths can be followed', () => {
    const realPath = (path: string) => path.replace('/home/me/shop/link', '/etc')

    const decision = decide(shellAsk('touch link/hosts'), context({ realPath }), [], defaultPolicy)

    expect(decision).toMatchObject({ effect: 'ask' })
  })
})

describe('files, addresses and tools', () => {
  const file = (tool: 'edit' | 'write' | 'read', path: string): Ask =>
    shellAsk('', { tool, input: { paths: [path] } })
  const fetch = (url: string): Ask => shellAsk('', { tool: 'fetch', input: { url } })
  const docs = pattern({ tools: ['fetch'], hosts: ['docs.rs', '*.github.io'] })

  test.each([
    ['edit', 'src/a.ts', 'allow'],
    ['write', '/home/me/shop/new.ts', 'allow'],
    ['read', 'src/a.ts', 'allow'],
    ['edit', '/home/me/other/a.ts', 'ask'],
    ['edit', '../a.ts', 'ask'],
    ['edit', 'src/link/../../a.ts', 'ask'],
    ['edit', '/home/me/shopping/a.ts', 'ask'],
    ['edit', 'src/a\u200B.ts', 'ask'],
    ['edit', '.env', 'deny'],
    ['read', '/home/me/shop/.env', 'deny'],
    ['edit', '.env.example', 'allow'],
    ['edit', '.claude/settings.local.json', 'deny'],
    ['read', '.claude/settings.json', 'allow'],
    ['write', '.git/hooks/pre-commit', 'deny'],
    ['edit', '/home/me/.claude/settings.json', 'deny'],
    ['edit', '/home/me/.codex/hooks.json', 'deny'],
    ['edit', '~/.bashrc', 'deny'],
    ['read', '~/.ssh/id_ed25519', 'deny'],
    ['write', '/etc/hosts', 'deny'],
  ] as const)('a worker may %s %s: %s', (tool, path, effect) => {
    const decision = decide(file(tool, path), context(), [], defaultPolicy)

    expect(decision).toMatchObject({ effect })
  })

  test.each([
    ['https://docs.rs/x', 'allow'],
    ['https://me.github.io/', 'allow'],
    ['https://docs.rs.evil.example/', 'ask'],
    ['https://evil.example/?docs.rs', 'ask'],
    ['https://docs.rs@evil.example/', 'ask'],
    ['https://evil.example#.github.io', 'ask'],
    ['https://dоcs.rs/', 'ask'],
    ['file:///etc/passwd', 'ask'],
    ['http://169.254.169.254/latest', 'ask'],
    ['http://localhost:8080/', 'ask'],
    ['docs.rs', 'ask'],
  ])('fetching %s: %s', (url, effect) => {
    const decision = decide(fetch(url), context(), [docs], defaultPolicy)

    expect(decision).toMatchObject({ effect })
  })

  test.each([
    ['mcp:github/get_issue', 'mcp:github/get_issue', 'allow'],
    ['mcp:github/*', 'mcp:github/get_issue', 'allow'],
    ['mcp:github/*', 'mcp:github-evil/x', 'ask'],
    ['mcp:github/get_issue', 'mcp:github/get_issue_and_delete', 'ask'],
    ['shell', 'mcp:shell/x', 'ask'],
  ] as const)('a pattern for %s and the tool %s: %s', (named, tool, effect) => {
    const decision = decide(shellAsk('', { tool }), context(), [pattern({ tools: [named] })], defaultPolicy)

    expect(decision).toMatchObject({ effect })
  })

  test.each([
    [{ sessions: ['dev_w1'] }, 'allow'],
    [{ sessions: ['dev_w2'] }, 'ask'],
    [{ tiers: ['manager' as const] }, 'ask'],
    [{ agents: ['codex'] }, 'ask'],
    [{ projects: ['/home/me'] }, 'allow'],
    [{ projects: ['/home/me/sho'] }, 'ask'],
    [{}, 'allow'],
  ])('a pattern with %j: %s', (conditions, effect) => {
    const decision = decide(
      shellAsk('frob x'),
      context(),
      [pattern({ commands: ['frob x'], ...conditions })],
      defaultPolicy,
    )

    expect(decision).toMatchObject({ effect })
  })

  test('a pattern without tools, commands and hosts grants nothing', () => {
    const decision = decide(shellAsk('frob x'), context(), [pattern({})], defaultPolicy)

    expect(decision).toMatchObject({ effect: 'ask' })
  })
})

test('with 200 patterns a decision takes less than 5 ms of processor time', () => {
  const patterns = Array.from({ length: 200 }, (_, index) =>
    pattern({ commands: [`program-${index} run <path> ...`, `other-${index}`] }, { id: index }),
  )
  const ask = shellAsk('cd src && npm test 2>&1 | tail -20; git status && program-199 run src/a.ts --fast')
  for (let i = 0; i < 50; i++) decide(ask, context(), patterns, defaultPolicy)
  const before = process.cpuUsage()

  for (let i = 0; i < 200; i++) decide(ask, context(), patterns, defaultPolicy)

  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1_000 / 200).toBeLessThan(5)
})
