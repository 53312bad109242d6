/*
 * What no text may show that is stored: the values of the vault. One set for the whole process, because text is
 * stored from everywhere in it; each vault that is open in this process has its own part.
 */

/** Shorter ones are too common in ordinary text. In characters. */
export const leastMaskedChars = 8

interface Hidden {
  name: string
  value: string
}

/** From here on these values of `owner` are masked, and those that it had before no more. */
export function maskValues(owner: symbol, hidden: readonly Hidden[]): void {
  if (hidden.length === 0) byOwner.delete(owner)
  else byOwner.set(owner, hidden)
  index = buildIndex([...byOwner.values()].flat())
}

/**
 * What `owner` masked is no secret of this process any more; in one that masks to its end, it stays masked: what goes
 * wrong while everything is given back is written down after that.
 */
export function unmaskValues(owner: symbol): void {
  if (!masksToTheEnd) maskValues(owner, [])
}

let masksToTheEnd = false

/** For a program's own process, at its start. */
export function maskToTheEnd(): void {
  masksToTheEnd = true
}

/** The same text with `[secret NAME]` in the place of each value. */
export function maskText(text: string): string {
  if (index === null || text.length < leastMaskedChars) return text
  const found = findIn(text, index)
  if (found.length === 0) return text
  let masked = ''
  let at = 0
  for (const { from, to, name } of found) {
    if (from < at) continue
    masked += `${text.slice(at, from)}[secret ${name}]`
    at = to
  }
  return masked + text.slice(at)
}

/** The same value with every text in it masked, also the names of fields. */
export function maskTexts<T>(value: T): T {
  return maskInner(value) as T
}

function maskInner(value: unknown): unknown {
  if (index === null) return value
  if (typeof value === 'string') return maskText(value)
  if (Array.isArray(value)) return value.map(maskInner)
  if (!isPlain(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [maskText(key), maskInner(inner)]))
}

/** What has a class writes itself into JSON in its own way, as a date does. */
function isPlain(value: unknown): value is object {
  if (value === null || typeof value !== 'object') return false
  const kind: unknown = Object.getPrototypeOf(value)
  return kind === Object.prototype || kind === null
}

/** The secrets whose values stand in a text. */
export function secretsIn(text: string): string[] {
  if (index === null) return []
  return [...new Set(findIn(text, index).map(({ name }) => name))]
}

/**
 * From where on a text may be the beginning of a value whose rest is still to come; its length where it is not. Who
 * masks what arrives in pieces keeps that part back.
 */
export function unfinishedFrom(text: string): number {
  if (index === null) return text.length
  const last = text.slice(-index.longest * 2)
  const { text: squeezed, places } = squeeze(last)
  for (let from = Math.max(0, squeezed.length - index.longest + 1); from < squeezed.length; from += 1) {
    if (index.mayStart.has(squeezed[from]!) && isBeginning(squeezed.slice(from), index)) {
      return text.length - last.length + (places?.[from] ?? from)
    }
  }
  return text.length
}

function isBeginning(text: string, { forms }: Index): boolean {
  const head = text.slice(0, leastMaskedChars)
  if (head.length < leastMaskedChars) {
    for (const known of forms.keys()) if (known.startsWith(head)) return true
    return false
  }
  return forms.get(head)?.some(({ form }) => form.length > text.length && form.startsWith(text)) ?? false
}

/** Forms of values by their first letters, and a table that says quickly where none begins. */
interface Index {
  forms: Map<string, { form: string; name: string }[]>
  mayBegin: Uint8Array
  mayStart: Set<string>
  /** Letters of the longest form. */
  longest: number
}

interface Found {
  from: number
  to: number
  name: string
}

const byOwner = new Map<symbol, readonly Hidden[]>()
let index: Index | null = null

function buildIndex(hidden: readonly Hidden[]): Index | null {
  const forms: Index['forms'] = new Map()
  const mayBegin = new Uint8Array(tableSize)
  for (const { name, value } of hidden) {
    const shown = name.replaceAll(/["\\\p{C}]/gu, '')
    for (const form of formsOf(value)) {
      const head = form.slice(0, leastMaskedChars)
      const sameHead = forms.get(head)
      if (sameHead) sameHead.push({ form, name: shown })
      else forms.set(head, [{ form, name: shown }])
      mayBegin[placeOf(form, 0)] = 1
    }
  }
  // The longest comes first: where two begin alike, all of the longer one goes.
  for (const sameHead of forms.values()) sameHead.sort((one, other) => other.form.length - one.form.length)
  const all = [...forms.values()].flat()
  const mayStart = new Set(all.map(({ form }) => form[0]!))
  const longest = all.reduce((most, { form }) => Math.max(most, form.length), 0)
  return forms.size === 0 ? null : { forms, mayBegin, mayStart, longest }
}

/** As values come to stand in texts. Of one with many lines, also each long line by itself. */
function formsOf(value: string): Set<string> {
  const lines = value.split('\n').filter((line) => line.length >= leastLineChars && !line.startsWith('-----'))
  const whole = value.includes('\n') ? [value, ...lines] : [value]
  const forms = whole
    .filter(isTelling)
    .flatMap((text) => [text, ...jsonOf(text), ...addressOf(text), ...base64Of(text)])
  return new Set(forms.map((form) => squeeze(form).text).filter((form) => form.length >= leastMaskedChars))
}

/**
 * A word of small letters or a place that is no secret (`production`, `/home/ann/shop`, `http://localhost:3000`) says
 * nothing to anybody, and masking it would change texts that mean something else.
 */
function isTelling(value: string): boolean {
  if (/^[a-z_]+$/.test(value) && value.length < 16) return false
  if (/^(~|\.{0,2})\/[\w./ -]*$/.test(value)) return false
  return !/^https?:\/\/[\w.-]+(:\d+)?[\w./-]*$/.test(value)
}

const leastLineChars = 16

/** As JavaScript writes it, and as those do that escape slashes (PHP) or all that is not ASCII (Python). */
function jsonOf(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1)
  const inAscii = json.replaceAll(
    /[\u0080-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return [json, json.replaceAll('/', '\\/'), inAscii, inAscii.replaceAll('/', '\\/')]
}

/** In an address: as a part of a query, as a path that keeps its slashes, and with either letters of hexadecimals. */
function addressOf(value: string): string[] {
  const encoded = encodeURIComponent(value.toWellFormed())
  const forms = [encoded, encoded.replaceAll('%2F', '/')]
  return forms.flatMap((form) => [form, form.replaceAll(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase())])
}

/** In base64 a text looks different by where it begins in what was encoded; letters that depend on neighbours go. */
function base64Of(value: string): string[] {
  const bytes = Buffer.from(value)
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    const from = Math.ceil((before * 8) / 6)
    const inner = encoded.slice(from, Math.floor(((before + bytes.length) * 8) / 6))
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

/** Screens break long words, boxes draw borders between, and JSON writes rows apart: none of that counts. */
const between = /(?:\\+[nrt]|","|[\s│┃|])+/g

/** The text without what may stand between its letters, and where each letter was. */
function squeeze(text: string): { text: string; places: Uint32Array | null } {
  let squeezed = ''
  let places: Uint32Array | null = null
  let at = 0
  for (const gap of text.matchAll(between)) {
    places ??= new Uint32Array(text.length + 1)
    for (let place = at; place < gap.index; place += 1) places[squeezed.length + place - at] = place
    squeezed += text.slice(at, gap.index)
    at = gap.index + gap[0].length
  }
  if (places === null) return { text, places }
  for (let place = at; place < text.length; place += 1) places[squeezed.length + place - at] = place
  return { text: squeezed + text.slice(at), places }
}

function findIn(whole: string, { forms, mayBegin }: Index): Found[] {
  const { text, places } = squeeze(whole)
  const found: Found[] = []
  for (let at = 0; at + leastMaskedChars <= text.length; at += 1) {
    if (mayBegin[placeOf(text, at)] === 0) continue
    const candidates = forms.get(text.slice(at, at + leastMaskedChars))
    const fits = candidates?.find(({ form }) => text.startsWith(form, at))
    if (!fits) continue
    const last = at + fits.form.length - 1
    found.push({ from: places?.[at] ?? at, to: (places?.[last] ?? last) + 1, name: fits.name })
    at = last
  }
  return found
}

const tableSize = 65_536

/** Four letters are enough to pass over nearly everything. */
function placeOf(text: string, at: number): number {
  const a = text.charCodeAt(at)
  const b = text.charCodeAt(at + 1)
  const c = text.charCodeAt(at + 2)
  const d = text.charCodeAt(at + 3)
  return (a ^ (b << 4) ^ (c << 8) ^ (d << 11)) & (tableSize - 1)
}
