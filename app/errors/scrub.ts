/*
 * What must not be stored, whoever reports it. A rule names its secret by its form; what has no form of its own
 * (a password) is known by the name before it. No text makes a rule slow: whatever a stranger sends is looked through in
 * a time that grows as its length does.
 */

const removed = '[removed]'

/** The text without its secrets; text without any stays as it is. */
export function scrubText(text: string): string {
  let clean = text
  for (const { hint, pattern, replacement } of rules) {
    // One call or the other: String.replace has no signature that takes both.
    if (hint.test(clean)) clean = clean.replace(pattern, replacement as string)
  }
  return clean
}

/** The same for JSON: by the names of fields, and in every text. What is nested deeper than 8 levels is left out. */
export function scrubJson(value: unknown, depth = 8): unknown {
  if (typeof value === 'string') return scrubText(value)
  if (value === null || typeof value !== 'object') return value
  if (depth === 0) return '[nested too deep]'
  if (Array.isArray(value)) return value.map((inner) => scrubJson(inner, depth - 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      scrubText(key),
      isSecretName(key) && inner !== null && inner !== '' ? removed : scrubJson(inner, depth - 1),
    ]),
  )
}

const secretWord =
  'pass(?:word|wd|phrase)|pwd|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|account[_-]?key|' +
  'shared[_-]?key|signing[_-]?key|encryption[_-]?key|credentials?|authorization|x-auth|session[_-]?id|sessid|cookie'

const secretName = new RegExp(`(?:${secretWord})s?$|^auth$|^pass$`, 'i')

/** Numbers of tokens are no tokens. */
function isSecretName(name: string): boolean {
  return secretName.test(name) && !/(?:count|max|num|total|used|input|output|prompt)[_-]?tokens?$/i.test(name)
}

interface Rule {
  /** A cheap look that tells most texts apart that the rule has nothing to do with. */
  hint: RegExp
  pattern: RegExp
  replacement: string | ((found: string) => string)
}

/** Tokens whose first letters say what they are; the rest is their own alphabet. */
const knownTokens = [
  'A(?:KIA|SIA|GPA|ROA|IDA)[A-Z0-9]{16}', // AWS
  'gh[pousr]_[A-Za-z0-9]{16,255}',
  'github_pat_[A-Za-z0-9_]{20,255}',
  'gl(?:pat|ptt|dt|rt|cbt|soat)-[A-Za-z0-9_.-]{16,255}',
  'xox[abeoprs]-[A-Za-z0-9-]{10,255}',
  'xapp-[A-Za-z0-9-]{10,255}',
  'sk-[A-Za-z0-9_-]{16,255}', // OpenAI, Anthropic (sk-ant-…)
  '(?:sk|rk|pk|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,255}', // Stripe
  'AIza[A-Za-z0-9_-]{35}',
  'ya29\\.[A-Za-z0-9_-]{20,1000}',
  'GOCSPX-[A-Za-z0-9_-]{20,64}',
  'npm_[A-Za-z0-9]{30,64}',
  'pypi-[A-Za-z0-9_-]{30,500}',
  'hf_[A-Za-z0-9]{20,64}',
  'dop_v1_[a-f0-9]{64}',
  'SG\\.[A-Za-z0-9_-]{16,64}\\.[A-Za-z0-9_-]{16,64}',
  'AGE-SECRET-KEY-1[A-Z0-9]{40,80}',
  'arch(?:s|join|node)?_[A-Za-z0-9_-]{16,255}(?:\\.[A-Za-z0-9_-]{1,2000})?', // ours
  '\\d{8,10}:AA[A-Za-z0-9_-]{33}', // Telegram
].join('|')

const rules: readonly Rule[] = [
  {
    hint: /PRIVATE KEY/,
    pattern:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]{0,100000}?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|[\s\S]{0,100000})/g,
    replacement: removed,
  },
  {
    hint: /:\/\/[^\s/]{1,2000}@/,
    pattern: /([A-Za-z][A-Za-z0-9+.-]{1,30}:\/\/)[^\s/?#"'<>@]{1,1000}(?:@[^\s/?#"'<>@]{1,1000})?@/g,
    replacement: `$1${removed}@`,
  },
  {
    hint: /hooks\.slack\.com|discord(?:app)?\.com\/api\/webhooks/,
    pattern: /(hooks\.slack\.com\/|discord(?:app)?\.com\/api\/webhooks\/)[A-Za-z0-9_/-]{1,300}/g,
    replacement: `$1${removed}`,
  },
  {
    hint: /authorization|bearer|basic/i,
    pattern: /\b(Bearer|Basic|Digest|Token|ApiKey)([ \t]{1,8}|%20)[A-Za-z0-9._~+/=-]{8,20000}/gi,
    replacement: `$1$2${removed}`,
  },
  {
    hint: /cookie/i,
    pattern: /\b((?:Set-)?Cookie\s{0,3}:\s{0,3})[^\r\n]{1,8000}/gi,
    replacement: `$1${removed}`,
  },
  {
    hint: new RegExp(`(?<![A-Za-z0-9])(?:${knownTokens})`),
    pattern: new RegExp(`(?<![A-Za-z0-9])(?:${knownTokens})`, 'g'),
    replacement: removed,
  },
  {
    hint: /eyJ/,
    pattern: /(?<![A-Za-z0-9_.-])[A-Za-z0-9_.-]{10,}/g,
    replacement: withoutJwt,
  },
  {
    hint: new RegExp(secretWord, 'i'),
    pattern: new RegExp(
      `((?:${secretWord})[A-Za-z0-9_-]{0,30}["'\\\\]{0,4}[ \\t]{0,4}(?:=>|:=|[=:])[ \\t]{0,4})(?!\\[removed\\])` +
        `(?:"(?:[^"\\\\\\r\\n]|\\\\.){1,8000}"?|'(?:[^'\\\\\\r\\n]|\\\\.){1,8000}'?|` +
        `\\\\["'](?:(?!\\\\["'])[^\\r\\n]){1,8000}|[^\\s"',;&)}\\]\\\\]{3,8000})`,
      'gi',
    ),
    replacement: `$1${removed}`,
  },
]

/** A header, which begins with `{"`, before a dot: from there to the end of the word. Part by part, for speed. */
function withoutJwt(word: string): string {
  let at = 0
  for (const part of word.split('.').slice(0, -1)) {
    const header = part.search(/(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{5}/)
    if (header >= 0) return `${word.slice(0, at + header)}${removed}`
    at += part.length + 1
  }
  return word
}
