import { argumentsOf, programNameOf, type SimpleCommand } from '../shell/simple-command.ts'
import { hasOption, operandsOf } from './options.ts'
import type { ShippedRule } from './rule.ts'

/** A git command taken apart: `git -C x push --force` is `push` with `--force`, under `-C x`. */
export interface GitCommand {
  globals: (string | null)[]
  subcommand: string | null
  args: (string | null)[]
}

/** Branches that nobody but a person pushes to or rewrites. */
export const protectedBranches = [
  'main',
  'master',
  'dev',
  'develop',
  'production',
  'prod',
  'release',
  'trunk',
  'stable',
]

const globalsWithValue = new Set([
  '-C',
  '-c',
  '--git-dir',
  '--work-tree',
  '--namespace',
  '--exec-path',
  '--super-prefix',
  '--config-env',
  '--attr-source',
])

export function gitCommandOf(command: SimpleCommand): GitCommand | null {
  if (programNameOf(command) !== 'git') return null
  const words = argumentsOf(command)
  let index = 0
  while (index < words.length && words[index]?.startsWith('-'))
    index += globalsWithValue.has(words[index]!) ? 2 : 1
  return { globals: words.slice(0, index), subcommand: words[index] ?? null, args: words.slice(index + 1) }
}

/** Subcommands that git itself has; any other may be an alias that runs a program. */
const knownSubcommands = new Set(
  'add am annotate apply archive bisect blame branch bundle cat-file check-ignore checkout cherry cherry-pick clean clone commit config count-objects describe diff diff-tree diff-files diff-index difftool fetch filter-branch for-each-ref format-patch fsck gc grep help init log ls-files ls-remote ls-tree merge merge-base mergetool mv name-rev notes pull push range-diff rebase reflog remote repack replace rerere reset restore rev-list rev-parse revert rm shortlog show show-ref sparse-checkout stash status submodule switch symbolic-ref tag update-index update-ref var version whatchanged worktree write-tree'.split(
    ' ',
  ),
)

export const gitRules: ShippedRule[] = [
  rule(
    'git-force-push',
    'deny',
    'overwrites or deletes what others have pushed',
    ({ subcommand, args }) =>
      subcommand === 'push' &&
      (hasOption(
        args,
        '--force',
        '-f',
        '--force-with-lease',
        '--force-if-includes',
        '--mirror',
        '--delete',
        '-d',
        '--prune',
      ) ||
        operandsOf(args).some((word) => word.startsWith('+') || /^:./.test(word))),
  ),
  rule(
    'git-push-protected',
    'deny',
    `pushes to a protected branch (${protectedBranches.slice(0, 3).join(', ')} …)`,
    ({ subcommand, args }) =>
      subcommand === 'push' &&
      (hasOption(args, '--all', '--tags') || operandsOf(args).slice(1).some(namesProtected)),
  ),
  rule(
    'git-rewrite-history',
    'deny',
    'rewrites or destroys history',
    ({ subcommand, args }) =>
      subcommand === 'filter-branch' ||
      subcommand === 'filter-repo' ||
      subcommand === 'update-ref' ||
      subcommand === 'replace' ||
      (subcommand === 'reflog' && hasWord(args, 'expire', 'delete')) ||
      (subcommand === 'gc' && hasOption(args, '--prune')) ||
      (subcommand === 'branch' &&
        hasOption(args, '-D', '-f', '--force', '-M', '-d', '--delete', '-m', '--move', '-C') &&
        operandsOf(args).some(namesProtected)) ||
      ((subcommand === 'checkout' || subcommand === 'switch') &&
        hasOption(args, '-B', '-C', '--force-create') &&
        operandsOf(args).some(namesProtected)),
  ),
  rule(
    'git-hooks-path',
    'deny',
    'changes which programs git runs',
    ({ globals, subcommand, args }) =>
      [...globals, ...(subcommand === 'config' ? args : [])].some(
        (word) => word !== null && dangerousSetting.test(word),
      ) &&
      (globals.length > 0 || writesConfig(args)),
  ),
  rule(
    'git-discards-work',
    'ask',
    'throws work away that may not be kept anywhere else',
    ({ subcommand, args }) =>
      (subcommand === 'reset' && hasOption(args, '--hard', '--merge', '--keep')) ||
      subcommand === 'clean' ||
      subcommand === 'rebase' ||
      subcommand === 'gc' ||
      subcommand === 'restore' ||
      (subcommand === 'stash' && hasWord(args, 'drop', 'clear')) ||
      (subcommand === 'branch' && hasOption(args, '-D', '-f', '--force', '-d', '--delete')) ||
      (subcommand === 'worktree' && hasWord(args, 'remove', 'prune')) ||
      (subcommand === 'tag' && hasOption(args, '-d', '-f', '--delete', '--force')) ||
      (subcommand === 'commit' && hasOption(args, '--amend')) ||
      ((subcommand === 'checkout' || subcommand === 'switch') &&
        (hasOption(args, '-f', '--force', '--discard-changes', '-B', '-C', '-p') ||
          hasWord(args, '--', '.'))),
  ),
  rule(
    'git-runs-programs',
    'ask',
    'lets git run another program or read other settings',
    ({ globals, subcommand, args }) =>
      globals.some((word) => word === null || !/^(--no-pager|-P|--no-optional-locks)$/.test(word)) ||
      subcommand === null ||
      !knownSubcommands.has(subcommand) ||
      [
        'bisect',
        'submodule',
        'difftool',
        'mergetool',
        'config',
        'filter-branch',
        'am',
        'help',
        'archive',
        'bundle',
        'apply',
        'clone',
      ].includes(subcommand) ||
      hasOption(
        args,
        '--upload-pack',
        '--receive-pack',
        '--exec',
        '--ext-diff',
        '--textconv',
        '--open-files-in-pager',
        '--output',
        '--no-index',
        '--template',
        '--tool',
        '--extcmd',
        '--config',
        '--recurse-submodules',
        '--gpg-sign',
        '--editor',
        '--server-option',
        '--pathspec-from-file',
        '--file',
        '--no-verify',
        '--contents',
        '--strategy',
        '--repo',
      ) ||
      (subcommand === 'grep' && hasOption(args, '-O', '-f')) ||
      (['fetch', 'pull', 'push', 'ls-remote'].includes(subcommand) &&
        !/^[\w-]*$/.test(operandsOf(args)[0] ?? '')) ||
      (subcommand === 'remote' && hasWord(args, 'add', 'set-url', 'rename', 'remove', 'rm')),
  ),
]

export const gitElsewhere: ShippedRule = {
  name: 'git-elsewhere',
  effect: 'ask',
  reason: 'uses git in another folder, where a repository can bring settings that run programs',
  matches: (command) => programNameOf(command) === 'git' && command.folders.length > 1,
}

const dangerousSetting =
  /core\.(hookspath|sshcommand|pager|editor|fsmonitor|gitproxy|askpass|attributesfile|worktree)|alias\.|credential|\.helper|diff\..*\.(command|textconv)|external|filter\.|gpg\.|\.program|pager\.|uploadpack|receivepack|proxycommand|include(if)?\.|protocol\.|url\.|sequence\.editor|mergetool|difftool|init\.templatedir|sshcommand|http\.(sslverify|proxy|extraheader)/i

const writesConfig = (args: (string | null)[]) =>
  !hasOption(args, '--get', '--get-all', '--list', '-l', '--get-regexp')

const hasWord = (args: (string | null)[], ...words: string[]) =>
  args.some((arg) => arg !== null && words.includes(arg))

/** `main`, `HEAD:main`, `refs/heads/main`. */
function namesProtected(ref: string): boolean {
  const target = ref
    .slice(ref.lastIndexOf(':') + 1)
    .replace(/^\+/, '')
    .replace(/^(refs\/heads|heads)\//, '')
    .toLowerCase()
  return protectedBranches.includes(target) || target.startsWith('release/')
}

function rule(
  name: string,
  effect: 'deny' | 'ask',
  reason: string,
  matches: (git: GitCommand) => boolean,
): ShippedRule {
  return {
    name,
    effect,
    reason,
    matches: (command) => {
      const git = gitCommandOf(command)
      return git !== null && matches(git)
    },
  }
}
