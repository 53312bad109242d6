import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { packageRoot } from '../core/paths.ts'

/** Every source file of the project, as paths from its root. */
export function sourceFiles(): string[] {
  return sourceFolders.flatMap((folder) =>
    readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
      .map((path) => join(folder, path)),
  )
}

const sourceFolders = ['app', 'workers', 'distributed', 'orchestrator', 'migrations']

/** What a file imports: files as paths from the project's root, packages by their specifier. */
export function importsOf(file: string): string[] {
  const source = readFileSync(join(packageRoot, file), 'utf8')
  return specifiersOf(source).map((specifier) =>
    specifier.startsWith('.')
      ? relative(packageRoot, resolve(packageRoot, dirname(file), specifier))
      : specifier,
  )
}

/** The specifiers of every `import … from`, `import '…'`, `export … from` and `import('…')`. */
export function specifiersOf(source: string): string[] {
  const code = source.replace(comment, (text) => (/^\/[/*]/.test(text) ? '' : text))
  return [...code.matchAll(importStatement)].map((match) => match[1] ?? match[2] ?? '')
}

/** A comment, or a string in which `//` is no comment. */
const comment = /\/\*[^]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\/[^\n]*/g

const importStatement =
  /^\s*(?:import|export)\b(?:[\w\s{},*$]*?\bfrom)?\s*['"]([^'"\n]+)['"]|\bimport\s*\(\s*['"]([^'"\n]+)['"]/gm
