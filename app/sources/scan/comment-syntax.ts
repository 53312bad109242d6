import { basename, extname } from 'node:path'

/** How a language writes comments and strings; what is longer stands first. */
export interface CommentSyntax {
  /** To the end of the line. */
  line: readonly string[]
  /** From, to. */
  block: readonly (readonly [string, string])[]
  /** From, to, and whether it ends with its line at the latest. */
  strings: readonly { open: string; close: string; isOneLine: boolean }[]
}

/** null: no language whose comments are known. */
export function commentSyntaxOf(file: string): CommentSyntax | null {
  const name = basename(file).toLowerCase()
  const known = byName[name] ?? byExtension[extname(name).slice(1)]
  return known === undefined ? null : syntaxes[known]
}

const quoted = { open: '"', close: '"', isOneLine: true }
const ticked = { open: "'", close: "'", isOneLine: true }
const cBlocks = [['/*', '*/']] as const
const markup = [['<!--', '-->']] as const

const syntaxes = {
  c: { line: ['//'], block: cBlocks, strings: [quoted, ticked] },
  js: {
    line: ['//'],
    block: [...cBlocks, ...markup],
    strings: [quoted, ticked, { open: '`', close: '`', isOneLine: false }],
  },
  php: { line: ['//', '#'], block: [...cBlocks, ...markup], strings: [quoted, ticked] },
  css: { line: [], block: cBlocks, strings: [quoted, ticked] },
  scss: { line: ['//'], block: cBlocks, strings: [quoted, ticked] },
  hash: { line: ['#'], block: [], strings: [quoted, ticked] },
  python: {
    line: ['#'],
    block: [],
    strings: [
      { open: '"""', close: '"""', isOneLine: false },
      { open: "'''", close: "'''", isOneLine: false },
      quoted,
      ticked,
    ],
  },
  sql: { line: ['--'], block: cBlocks, strings: [ticked] },
  lua: { line: ['--'], block: [['--[[', ']]']], strings: [quoted, ticked] },
  haskell: { line: ['--'], block: [['{-', '-}']], strings: [quoted] },
  lisp: { line: [';'], block: [['#|', '|#']], strings: [{ ...quoted, isOneLine: false }] },
  ini: { line: [';', '#'], block: [], strings: [] },
  percent: { line: ['%'], block: [], strings: [] },
  powershell: { line: ['#'], block: [['<#', '#>']], strings: [quoted, ticked] },
  basic: { line: ["'"], block: [], strings: [quoted] },
  vim: { line: ['"'], block: [], strings: [ticked] },
  ml: { line: [], block: [['(*', '*)']], strings: [quoted] },
  markup: { line: [], block: markup, strings: [] },
  template: {
    line: [],
    block: [
      ['<!--', '-->'],
      ['{#', '#}'],
      ['{{!--', '--}}'],
      ['/*', '*/'],
    ],
    strings: [],
  },
  batch: { line: ['::', 'REM ', 'rem '], block: [], strings: [] },
} as const satisfies Record<string, CommentSyntax>
type Syntax = keyof typeof syntaxes

const byName: Record<string, Syntax> = {
  ...named(
    'hash',
    'makefile dockerfile containerfile gemfile rakefile vagrantfile brewfile procfile justfile',
  ),
  ...named('hash', 'cmakelists.txt .gitignore .dockerignore .env.example'),
  ...named('c', 'jenkinsfile'),
}

const byExtension: Record<string, Syntax> = {
  ...named(
    'c',
    'c h cc cpp cxx hpp hh hxx m mm java kt kts scala groovy gradle swift go rs cs fs dart zig v proto',
  ),
  ...named('c', 'glsl hlsl wgsl metal cu ino sol jsonc json5 thrift as'),
  ...named('js', 'js mjs cjs jsx ts mts cts tsx'),
  ...named('php', 'php phtml'),
  ...named('css', 'css'),
  ...named('scss', 'scss sass less styl'),
  ...named(
    'hash',
    'sh bash zsh fish ksh rb rake pl pm r yml yaml toml conf cfg tf hcl nix ex exs cr jl tcl awk mk',
  ),
  ...named('hash', 'cmake dockerfile graphql properties env service timer coffee nim gd'),
  ...named('python', 'py pyi pyx pyw'),
  ...named('sql', 'sql ddl psql'),
  ...named('lua', 'lua'),
  ...named('haskell', 'hs lhs elm purs adb ads vhd vhdl'),
  ...named('lisp', 'lisp lsp cl el clj cljs cljc edn scm rkt asm s'),
  ...named('ini', 'ini reg editorconfig'),
  ...named('percent', 'tex sty bib erl hrl pro'),
  ...named('powershell', 'ps1 psm1'),
  ...named('basic', 'vb bas vbs'),
  ...named('vim', 'vim'),
  ...named('ml', 'ml mli pas'),
  ...named('markup', 'html htm xml xhtml svg xsl md markdown mdx plist csproj pom'),
  ...named('template', 'vue svelte njk jinja jinja2 j2 twig hbs ejs erb liquid'),
  ...named('batch', 'bat cmd'),
}

function named(syntax: Syntax, names: string): Record<string, Syntax> {
  return Object.fromEntries(names.split(' ').map((name) => [name, syntax]))
}
