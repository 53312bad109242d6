import { byProgram, type Grant } from './grant.ts'

const git = (subcommand: string, letters: string, options: string[], operands: Grant['operands']): Grant => ({
  program: 'git',
  first: [subcommand],
  letters,
  options,
  operands,
})

/** A script or a tool of the project: its own code runs either way, so only its way out of the project is barred. */
const runs = (
  program: string,
  first: string[],
  letters: string,
  options: string[],
  operands: Grant['operands'],
): Grant => ({
  program,
  first,
  letters,
  options,
  operands,
})

const test = [
  '--watch=false',
  '--run',
  '--coverage',
  '--silent',
  '--verbose',
  '--bail',
  '--no-color',
  '--passWithNoTests',
]

/**
 * Building, testing and changing files inside the project: what workers are granted besides the routine. Nothing here
 * reaches the network, other people, or files outside.
 */
export const workGrants = byProgram([
  { program: 'mkdir', letters: 'pv', options: ['--parents'], operands: 'file' },
  { program: 'touch', letters: 'c', operands: 'file' },
  { program: 'cp', letters: 'rRapvnf', options: ['--recursive', '--archive'], operands: 'file' },
  { program: 'mv', letters: 'vnf', operands: 'file' },
  { program: 'rm', letters: 'rRfv', options: ['--recursive', '--force'], operands: 'file' },
  { program: 'rmdir', letters: 'pv', operands: 'file' },
  { program: 'chmod', first: ['+x'], operands: 'file' },
  { program: 'sed', letters: 'nEri', operands: 'paths', takesInput: true },
  { program: 'awk', letters: 'F', operands: 'paths', takesInput: true },
  { program: 'uniq', letters: 'cdui', operands: 'none', takesInput: true },
  { program: 'tee', letters: 'a', operands: 'file', takesInput: true },
  runs('npm', ['test'], 's', ['--silent', '--', ...test], 'paths'),
  runs('npm', ['run'], 's', ['--silent', '--if-present', '--', ...test], 'names'),
  runs('pnpm', ['test'], '', test, 'names'),
  runs('pnpm', ['run'], '', test, 'names'),
  runs('yarn', ['test'], '', test, 'names'),
  runs('yarn', ['run'], '', test, 'names'),
  runs('tsc', [], 'p', ['--noEmit', '--pretty'], 'paths'),
  runs('vitest', ['run'], 't', test, 'names'),
  runs('jest', [], 'it', [...test, '--runInBand'], 'names'),
  runs('eslint', [], '', ['--fix', '--quiet'], 'paths'),
  runs('oxlint', [], '', ['--fix', '--type-aware'], 'paths'),
  runs('prettier', [], 'wc', ['--write', '--check'], 'paths'),
  runs('pytest', [], 'qvxsk', ['--tb=short', '--maxfail=1'], 'names'),
  runs('ruff', ['check'], '', ['--fix'], 'paths'),
  runs('mypy', [], '', ['--strict'], 'paths'),
  runs('cargo', ['test'], '', ['--release', '--all', '--workspace'], 'names'),
  runs('cargo', ['build'], '', ['--release', '--all', '--workspace'], 'none'),
  runs('cargo', ['check'], '', ['--all', '--workspace'], 'none'),
  runs('cargo', ['fmt'], '', ['--check', '--all'], 'none'),
  runs('cargo', ['clippy'], '', ['--all', '--workspace'], 'none'),
  runs('go', ['build'], 'v', [], 'paths'),
  runs('go', ['vet'], '', [], 'paths'),
  runs('go', ['test'], 'v', ['-race', '-short', '-count=1'], 'paths'),
  runs('gofmt', [], 'lwd', [], 'paths'),
  runs('make', [], 'jks0123456789', [], 'names'),
  runs('node', [], '', [], 'file'),
  runs('python', [], '', [], 'file'),
  runs('python3', [], '', [], 'file'),
  runs('python', ['-m', 'pytest'], 'qvxsk', ['--tb=short'], 'names'),
  runs('python3', ['-m', 'pytest'], 'qvxsk', ['--tb=short'], 'names'),
  git('add', 'AuvN', ['--all', '--update', '--intent-to-add'], 'paths'),
  git('commit', 'amqv', ['--message', '--all', '--quiet'], 'text'),
  git('stash', 'um', ['push', '--include-untracked', '--message'], 'names'),
  git('switch', 'cq', ['--create'], 'names'),
  { program: 'git', first: ['checkout', '-b'], operands: 'names' },
  git('branch', '', [], 'names'),
  git('mv', 'kv', [], 'paths'),
  git('merge', 'q', ['--no-ff', '--ff-only', '--no-edit', '--abort'], 'names'),
])
