import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../core/paths.ts'
import { keptRows, parts, type Row } from './results.ts'

/** Puts the table of all kept results between the markers of README.md. Throws when they are not there. */
export function writeReadme(): void {
  const path = join(packageRoot, 'README.md')
  const text = readFileSync(path, 'utf8')
  const block = /(<!-- reliability:begin -->\n)[^]*(<!-- reliability:end -->)/
  if (!block.test(text)) throw new Error('README.md has no reliability markers')
  writeFileSync(
    path,
    text.replace(block, (_all, begin: string, end: string) => `${begin}${table()}${end}`),
  )
}

function table(): string {
  const rows = parts.flatMap((part) => keptRows(part))
  return [
    '| what | measured | target | |',
    '|---|---|---|---|',
    ...rows.map(lineOf),
    '',
    `${machine()}. Printed by \`npm run bench\` and \`npm run chaos\`.`,
    '',
  ].join('\n')
}

function lineOf({ what, measured, target, ok }: Row): string {
  const mark = target === '' || ok === null ? '' : ok ? '✓' : '✗'
  const cells = [what, String(measured), target, mark].map((cell) => cell.replaceAll('|', '\\|'))
  return `| ${cells.join(' | ')} |`
}

function machine(): string {
  const tmux = execFileSync('tmux', ['-V'], { encoding: 'utf8' }).trim()
  return `Measured on ${cpus().length} cores, Node ${process.versions.node}, ${tmux}`
}
