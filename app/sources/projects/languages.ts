import { extname } from 'node:path'

/** A language and how many files of a project are written in it. */
export interface LanguageShare {
  language: string
  files: number
}

/** By the endings of names, most files first; at most `most`. Data, texts and pictures are no languages. */
export function languagesOf(files: readonly string[], most = 4): LanguageShare[] {
  const counts = new Map<string, number>()
  for (const file of files) {
    const language = languages[extname(file).slice(1).toLowerCase()]
    if (language !== undefined) counts.set(language, (counts.get(language) ?? 0) + 1)
  }
  return [...counts]
    .map(([language, count]) => ({ language, files: count }))
    .toSorted((a, b) => b.files - a.files || (a.language < b.language ? -1 : 1))
    .slice(0, most)
}

const languages: Record<string, string | undefined> = {
  ...endings('TypeScript', 'ts mts cts tsx'),
  ...endings('JavaScript', 'js mjs cjs jsx'),
  ...endings('Python', 'py pyi pyw'),
  ...endings('Go', 'go'),
  ...endings('Rust', 'rs'),
  ...endings('C', 'c h'),
  ...endings('C++', 'cc cpp cxx hpp hh hxx'),
  ...endings('C#', 'cs'),
  ...endings('Java', 'java'),
  ...endings('Kotlin', 'kt kts'),
  ...endings('Swift', 'swift'),
  ...endings('Ruby', 'rb'),
  ...endings('PHP', 'php'),
  ...endings('Shell', 'sh bash zsh fish'),
  ...endings('SQL', 'sql'),
  ...endings('HTML', 'html htm njk jinja j2 twig hbs ejs'),
  ...endings('CSS', 'css scss sass less'),
  ...endings('Vue', 'vue'),
  ...endings('Svelte', 'svelte'),
  ...endings('Lua', 'lua'),
  ...endings('Perl', 'pl pm'),
  ...endings('R', 'r'),
  ...endings('Scala', 'scala'),
  ...endings('Elixir', 'ex exs'),
  ...endings('Erlang', 'erl hrl'),
  ...endings('Haskell', 'hs lhs'),
  ...endings('OCaml', 'ml mli'),
  ...endings('Clojure', 'clj cljs cljc'),
  ...endings('Dart', 'dart'),
  ...endings('Zig', 'zig'),
  ...endings('Julia', 'jl'),
  ...endings('Terraform', 'tf hcl'),
  ...endings('Nix', 'nix'),
}

function endings(language: string, all: string): Record<string, string> {
  return Object.fromEntries(all.split(' ').map((ending) => [ending, language]))
}
