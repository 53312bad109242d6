import { argumentsOf, programNameOf, type SimpleCommand } from '../shell/simple-command.ts'
import { interpreters, withoutVersion } from './network.ts'
import { hasOption } from './options.ts'
import type { ShippedRule } from './rule.ts'

/** Programs whose arguments are another command. */
const launchers = new Set(
  'sudo doas su runuser pkexec gksudo env xargs parallel nohup setsid nice ionice timeout gtimeout stdbuf unbuffer script watch time chroot unshare nsenter firejail bwrap fakeroot strace ltrace gdb lldb valgrind perf ssh sshpass mosh docker podman kubectl lxc vagrant tmux screen eval exec command builtin . source trap flock entr inotifywait run-parts run0 systemd-run start-stop-daemon daemonize chronic proxychains torsocks torify dbus-run-session xvfb-run caffeinate arch setarch taskset numactl chrt prlimit cpulimit rlwrap expect ansible find fd fdfind noglob nocorrect coproc repeat - bash sh zsh dash ksh fish busybox toybox osascript at batch hyperfine just task mise asdf direnv nix nix-shell poetry pipenv uv uvx npx bunx pnpx dotenv cross-env concurrently'.split(
    ' ',
  ),
)

export const mayLaunch = (command: SimpleCommand) => launchers.has(programNameOf(command))

/** Editors, pagers and the like can run anything from inside. */
const interactive = new Set(
  'vi vim nvim view vimdiff rvim ex ed emacs nano pico joe less more most man info mutt top htop ftp telnet gdb lldb irb ipython psql mysql sqlite3 redis-cli mongo mongosh mc ranger nnn fzf dialog whiptail'.split(
    ' ',
  ),
)

/** Builtins that change what later words mean. */
const stateChangers = new Set(
  'alias unalias hash enable export declare typeset local readonly unset set shopt setopt unsetopt trap read mapfile readarray getopts let bind complete compgen compdef zmodload autoload functions emulate pushd popd dirs ulimit umask disable zstyle zle fc dotenv'.split(
    ' ',
  ),
)

/** Options through which a program that looks harmless runs another one, or writes a file of one's choice. */
const escapes: Record<string, string[]> = {
  find: [
    '-exec',
    '-execdir',
    '-ok',
    '-okdir',
    '-delete',
    '-fprint',
    '-fprint0',
    '-fprintf',
    '-fls',
    '-files0-from',
  ],
  fd: ['-x', '-X', '--exec', '--exec-batch'],
  rg: ['--pre', '--pre-glob', '--hostname-bin', '-z', '--search-zip'],
  tar: [
    '--to-command',
    '--checkpoint-action',
    '--checkpoint',
    '-I',
    '--use-compress-program',
    '--rsh-command',
    '--rmt-command',
    '-F',
    '--info-script',
    '--new-volume-script',
    '-P',
    '--absolute-names',
    '--transform',
    '--xform',
  ],
  sort: ['--compress-program', '-o', '--output', '-T', '--files0-from'],
  zip: ['-T', '-TT', '--unzip-command'],
  rsync: ['-e', '--rsh', '--rsync-path'],
  scp: ['-S', '-o', '-F'],
  ssh: ['-o', '-F'],
  tree: ['-o'],
  date: ['-s', '--set', '-f', '--file'],
  file: ['-C', '-m', '-f', '-z', '-Z'],
  split: ['--filter'],
  xxd: ['-r'],
  make: [
    '--eval',
    '-f',
    '--file',
    '--makefile',
    '-I',
    '--include-dir',
    '-C',
    '--directory',
    '-E',
    '--environment-overrides',
  ],
  cmake: ['-E', '-P'],
  go: ['-exec', '-toolexec', '-vettool', '-overlay', '-modfile', '-ldflags', '-gcflags'],
  cargo: ['--config', '-Z', '--manifest-path'],
  jq: ['-f', '--from-file', '-L', '--rawfile', '--slurpfile'],
  yq: ['-i', '-f', '--from-file'],
  diff: ['--from-file', '--to-file', '--output'],
  less: ['-o', '-O'],
  pytest: ['-p', '-c', '--rootdir', '--confcutdir', '-o', '--override-ini', '--pdbcls', '--debug'],
  vitest: ['--config', '-c', '--globalSetup', '--environment', '--reporter', '--outputFile', '--root'],
  eslint: [
    '--config',
    '-c',
    '--rulesdir',
    '--resolve-plugins-relative-to',
    '--plugin',
    '--parser',
    '-f',
    '--format',
    '-o',
    '--output-file',
  ],
  tsc: ['--outDir', '--outFile', '--build', '-b'],
  wget: ['--use-askpass', '-O', '--post-file', '--body-file'],
  curl: ['-o', '-O', '-K', '--config', '-T', '--upload-file', '-d', '--data', '-F', '--form', '--engine'],
  gcc: ['-wrapper', '-specs', '-fplugin', '-B'],
  sed: ['-f', '--file', '-s'],
  test: ['-v', '-R'],
  '[': ['-v', '-R'],
  printf: ['-v'],
  wait: ['-p'],
  sqlite3: ['-cmd', '-init'],
  openssl: ['-engine', '-config', '-provider'],
  java: ['-javaagent', '-agentpath', '-agentlib'],
}

export const launcherRules: ShippedRule[] = [
  {
    name: 'launches-another-command',
    effect: 'ask',
    reason: 'runs another command, which this rule does not see',
    matches: mayLaunchUnseen,
  },
  {
    name: 'inline-code',
    effect: 'ask',
    reason: 'runs code that is given with it',
    matches: runsInlineCode,
  },
  {
    name: 'interactive-program',
    effect: 'ask',
    reason: 'is a program from inside of which anything can be run',
    matches: (command) => interactive.has(programNameOf(command)),
  },
  {
    name: 'changes-the-shell',
    effect: 'ask',
    reason: 'changes what the words after it mean',
    matches: (command) => stateChangers.has(programNameOf(command)),
  },
  {
    name: 'escape-option',
    effect: 'ask',
    reason: 'has an option with which it runs another program or writes a file',
    matches: (command) =>
      hasOption(argumentsOf(command), ...(escapes[programNameOf(command)] ?? [])) ||
      isOldStyleTar(command) ||
      (programNameOf(command) === 'make' && argumentsOf(command).some((arg) => arg?.includes('='))),
  },
  {
    name: 'script-language',
    effect: 'ask',
    reason: 'is given a script that may run programs or write files',
    matches: (command) =>
      (/^g?sed$/.test(programNameOf(command)) && !isHarmlessSed(argumentsOf(command))) ||
      (programNameOf(command) === 'jq' &&
        argumentsOf(command).some(
          (arg) => arg === null || /env|import|include|input_filename|debug|halt/i.test(arg),
        )),
  },
  {
    name: 'far-reaching-script',
    effect: 'ask',
    reason: 'runs a script whose name says that it reaches beyond the project',
    matches: (command) =>
      /^(npm|pnpm|yarn|bun|make|node|python3?|go|cargo)$/.test(programNameOf(command)) &&
      argumentsOf(command).some((arg) =>
        /deploy|publish|(?<!^--)release|prod|push|install|destroy|drop|migrat|reset|upload|seed/i.test(
          arg ?? '',
        ),
      ),
  },
  {
    name: 'evaluates-words',
    effect: 'ask',
    reason: 'is part of the shell, which evaluates such words',
    matches: (command) =>
      /^(test|\[|printf|exit|return|shift|wait|kill|break|continue|logout)$/.test(programNameOf(command)) &&
      argumentsOf(command)
        .slice(0, programNameOf(command) === '[' ? -1 : undefined)
        .some((arg) => arg === null || /[[$`(]/.test(arg)),
  },
  {
    name: 'environment',
    effect: 'ask',
    reason: 'sets a variable that can change what programs do',
    matches: ({ assignments }) =>
      assignments.some(
        ({ name, value }) => !harmlessVariables.has(name) || !/^[\w.:/-]*$/.test(value ?? '\n'),
      ),
  },
]

const harmlessVariables = new Set([
  'NODE_ENV',
  'CI',
  'FORCE_COLOR',
  'NO_COLOR',
  'LANG',
  'LC_ALL',
  'TZ',
  'PORT',
  'RUST_BACKTRACE',
  'PYTHONUNBUFFERED',
  'PYTHONDONTWRITEBYTECODE',
  'COLUMNS',
])

function mayLaunchUnseen(command: SimpleCommand): boolean {
  const program = programNameOf(command)
  if (program === 'find' || program === 'fd' || program === 'fdfind') return false
  return launchers.has(program) && command.words.length > 1
}

/** A script given on the command line, or on the input. */
function runsInlineCode(command: SimpleCommand): boolean {
  const program = withoutVersion(programNameOf(command))
  if (!interpreters.has(program)) return false
  const args = argumentsOf(command)
  if (/^[gmn]?awk$/.test(program)) return !isHarmlessAwk(args)
  const first = args[0]
  if (args.length === 1 && /^(--version|-v|-V)$/.test(first ?? '') && !command.hasInput) return false
  if (first === '-m' && ['pytest', 'unittest', 'mypy', 'ruff', 'black'].includes(args[1] ?? ''))
    return command.hasInput
  return (
    first === undefined ||
    first === null ||
    first.startsWith('-') ||
    command.hasInput ||
    command.fedBy.length > 0
  )
}

/** Only `{print $1, $2}`, with a plain separator before it. */
function isHarmlessAwk(args: (string | null)[]): boolean {
  const rest = args[0] === '-F' ? args.slice(2) : /^-F.$/.test(args[0] ?? '') ? args.slice(1) : args
  return (
    /^\{ *print( +\$(\d+|NF)( *, *\$(\d+|NF))*)? *\}$/.test(rest[0] ?? '') &&
    rest.slice(1).every((arg) => arg !== null && !arg.includes('=') && !arg.startsWith('-'))
  )
}

/** Options, one substitution without `e` and `w` or a range to print or delete, and then names of files. */
function isHarmlessSed(args: (string | null)[]): boolean {
  const script = args.findIndex((arg) => !/^-[nEri]+$/.test(arg ?? ''))
  const text = args[script]
  if (text === null || text === undefined || text.includes('\n')) return false
  const isRange = /^(\d+|\$)?(,(\d+|\$))?[pdq]$/.test(text)
  const isSubstitution = /^s([/|#,])(?:(?!\1)[^\\]|\\.)*\1(?:(?!\1)[^\\]|\\.)*\1[gIip0-9]*$/.test(text)
  return (isRange || isSubstitution) && args.slice(script + 1).every((arg) => isFileName(arg))
}

/** And not a script of its own, for a sed whose `-i` takes the word after it. */
const isFileName = (arg: string | null) =>
  arg !== null && /^[\w./-]+\.\w+$/.test(arg) && !/^(-|[wWrReE][./])/.test(arg)

/** `tar xIf program archive.tar`: options without a dash. */
function isOldStyleTar(command: SimpleCommand): boolean {
  return programNameOf(command) === 'tar' && /^[a-zA-Z]*[IFP]/.test(argumentsOf(command)[0] ?? '')
}
