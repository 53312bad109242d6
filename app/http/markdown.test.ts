import { describe, expect, test } from 'vitest'
import { renderMarkdown } from './markdown.ts'

describe('renderMarkdown', () => {
  test('renders headings, code and tables', () => {
    const html = renderMarkdown('# Done\n\n`a < b`\n\n| x | y |\n|---|---|\n| 1 | 2 |')

    expect(html).toContain('<h1>Done</h1>')
    expect(html).toContain('<code>a &lt; b</code>')
    expect(html).toContain('<td>1</td>')
  })

  test.each([
    '<script>alert(1)</script>',
    'text <img src=x onerror=alert(1)> text',
    '<a href="javascript:alert(1)">x</a>',
    '<svg/onload=alert(1)>',
    '<!-- --><style>*{display:none}</style>',
    '- <iframe srcdoc="x"></iframe>',
    '`</code><script>alert(1)</script>`',
    '```x"><script>alert(1)</script>\ncode\n```',
  ])('shows HTML as text: %s', (text) => {
    expect(renderMarkdown(text)).not.toMatch(/<(script|img|svg|style|iframe|a)\b/i)
  })

  test.each([
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](java&#115;cript:alert(1))',
    '[x](data:text/html,x)',
    '[x](//elsewhere.example)',
    '[x](/\\elsewhere.example)',
    '[x](vbscript:x)',
    '<javascript:alert(1)>',
    '![x](javascript:alert(1))',
    '[x][1]\n\n[1]: javascript:alert(1)',
  ])('drops links that lead anywhere but to web addresses and here: %s', (text) => {
    expect(renderMarkdown(text)).not.toContain('<a ')
  })

  test.each([
    ['[x](https://example.org/a?b=c&d=e)', '<a href="https://example.org/a?b=c&amp;d=e" target="_blank"'],
    ['[x](/prompts/7)', '<a href="/prompts/7">'],
    ['[x](delivery.md#claims)', '<a href="delivery.md#claims">'],
    ['![shot](https://example.org/a.png)', '>shot</a>'],
    ['[a" onclick="b](https://example.org/"onclick=")', '<a href="https://example.org/&quot;onclick=&quot;"'],
  ])('keeps %s', (text, expected) => {
    expect(renderMarkdown(text)).toContain(expected)
  })

  test('an attribute cannot be broken out of by a title or a language', () => {
    const html = renderMarkdown(
      '[x](https://example.org "a\\" onmouseover=\\"b")\n\n```js" onclick="x\ny\n```',
    )

    expect(html).not.toMatch(/ on\w+="/)
  })

  test('a megabyte is shown as it is, quickly', () => {
    const before = process.cpuUsage()

    const html = renderMarkdown('*'.repeat(1_000_000))
    const { user } = process.cpuUsage(before)

    expect(html).toMatch(/^<pre class="plain">\*+<\/pre>$/)
    expect(user / 1_000).toBeLessThan(2_000)
  })
})

test("the documentation's own pictures are shown, and no others", () => {
  const own = renderMarkdown('![The overview](../../public/pictures/overview.png)')
  const others = renderMarkdown('![x](../../public/pictures/../../x.png) ![y](https://example.org/y.png)')

  expect(own).toContain(
    '<img src="/assets/pictures/pictures/overview.png" alt="The overview" loading="lazy">',
  )
  expect(others).not.toContain('<img')
})

test.each(['*a', '_a_', '~a~', '> ', '1. ', '- > ', '>>', '[a](', '<', '* a\n\n'])(
  '200 kB of %j are answered soon, rendered or as they are',
  (text) => {
    const startedAt = performance.now()

    const html = renderMarkdown(text.repeat(199_998 / text.length))

    expect(html).toMatch(/^</)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  },
)
