import { Marked, type Tokens } from 'marked'

/** Longer answers are shown as they are: nobody reads them rendered, and rendering would hold everybody up. */
const maxRendered = 200_000
/**
 * Of signs that may begin or end an emphasis, in one paragraph: each is compared with all others. 130,000 of them took
 * 76 s, and nobody else was answered meanwhile.
 */
const mostSigns = 5_000
/** Quotes and lists in each other, written into one line: thousands of them overflow the stack. */
const nestedTooDeep = /^(?:[ \t]*(?:>|[-+*]|\d{1,9}[.)])){50}/m

/**
 * Markdown of agents and of our own documentation as HTML. Nothing in it becomes an element that Markdown
 * itself does not have: HTML is shown as text, pictures but for our own as links, and links lead to web addresses or
 * to places in this dashboard only.
 */
export function renderMarkdown(text: string): string {
  if (isTooMuch(text)) return `<pre class="plain">${escape(text)}</pre>`
  // A long line and a wide table scroll in their block, so the keyboard has to get there.
  return marked
    .parse(text, { async: false })
    .replaceAll('<pre><code', '<pre tabindex="0"><code')
    .replaceAll('<table>', '<table tabindex="0">')
}

function isTooMuch(text: string): boolean {
  if (text.length > maxRendered || nestedTooDeep.test(text)) return true
  return text.split(/\n[ \t]*\n/).some((paragraph) => (paragraph.match(/[*_~]/g)?.length ?? 0) > mostSigns)
}

const marked = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }: Tokens.HTML | Tokens.Tag) => escape(text),
    image: ({ href, text }: Tokens.Image) => ownPicture(href, text) ?? linkTo(href, escape(text || href)),
    link({ href, tokens }: Tokens.Link) {
      return linkTo(href, this.parser.parseInline(tokens))
    },
    checkbox: ({ checked }: Tokens.Checkbox) => (checked ? '☑ ' : '☐ '),
  },
})

/** The documentation's own, which lie in public/pictures; null for all others. */
function ownPicture(href: string, text: string): string | null {
  const name = /^\.\.\/\.\.\/public\/pictures\/([\w-]+\.png)$/.exec(href)?.[1]
  return name ? `<img src="/assets/pictures/pictures/${name}" alt="${escape(text)}" loading="lazy">` : null
}

function linkTo(href: string, content: string): string {
  if (!isHarmless(href)) return content
  const elsewhere = /^[a-z]+:/i.test(href) ? ' target="_blank" rel="noopener noreferrer"' : ''
  return `<a href="${escape(href)}"${elsewhere}>${content}</a>`
}

/** `javascript:` and its relatives are spelt in many ways; so only what is known to be good is let through. */
function isHarmless(href: string): boolean {
  return (
    /^(https?:\/\/|mailto:)[\x21-\x7e]+$/i.test(href) ||
    /^(\/(?![/\\])|#|[\w.-]+(\.md|$))[\w./#?=&%-]*$/.test(href)
  )
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!)
}
