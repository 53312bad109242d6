import { argumentsOf, programNameOf, type SimpleCommand } from '../shell/simple-command.ts'
import { hasOption } from './options.ts'
import type { ShippedRule } from './rule.ts'

const fetchers = new Set(
  'curl wget fetch http https xh aria2c lynx w3m links nc ncat netcat socat telnet ftp sftp scp rsync ssh lwp-request'.split(
    ' ',
  ),
)

/** Programs that run what they are given as code. */
export const interpreters = new Set(
  'sh bash dash zsh ksh mksh fish ash busybox csh tcsh pwsh python python2 python3 node nodejs bun deno perl ruby php lua luajit tclsh awk gawk mawk nawk osascript Rscript julia groovy irb ghci source . eval exec xargs sudo'.split(
    ' ',
  ),
)

const codeRunners = new Set([...interpreters].filter((name) => !name.endsWith('awk') && name !== 'xargs'))

/** `python3.11` is `python`. */
export const withoutVersion = (program: string) => program.replace(/(\d)(\.\d+)+$/, '$1')

export const networkRules: ShippedRule[] = [
  {
    name: 'network-to-shell',
    effect: 'deny',
    reason: 'runs what comes from the network',
    matches: (command) =>
      codeRunners.has(withoutVersion(programNameOf(command))) &&
      command.fedBy.some((program) => fetchers.has(program)),
  },
  {
    name: 'publish',
    effect: 'deny',
    reason: 'publishes to the world',
    matches: publishes,
  },
  {
    name: 'network',
    effect: 'ask',
    reason: 'talks to the network',
    matches: (command) => fetchers.has(programNameOf(command)),
  },
  {
    name: 'installs-packages',
    effect: 'ask',
    reason: "installs or runs other people's code",
    matches: installs,
  },
]

const publishWords: Record<string, string[]> = {
  npm: ['publish', 'unpublish', 'deprecate', 'owner', 'access', 'token', 'adduser', 'login', 'dist-tag'],
  pnpm: ['publish'],
  yarn: ['publish'],
  bun: ['publish'],
  cargo: ['publish', 'yank', 'owner', 'login'],
  gem: ['push', 'yank', 'owner'],
  twine: ['upload'],
  poetry: ['publish'],
  uv: ['publish'],
  flit: ['publish'],
  hatch: ['publish'],
  docker: ['push', 'login'],
  podman: ['push', 'login'],
  helm: ['push'],
  vsce: ['publish'],
  gh: ['release', 'secret', 'auth', 'gist', 'api', 'ssh-key', 'gpg-key'],
  mvn: ['deploy'],
  dotnet: ['nuget'],
  terraform: ['apply', 'destroy'],
  kubectl: ['delete', 'apply', 'exec'],
  vercel: ['deploy', '--prod'],
  fly: ['deploy'],
}

function publishes(command: SimpleCommand): boolean {
  const words = publishWords[programNameOf(command)]
  return words !== undefined && argumentsOf(command).some((arg) => arg !== null && words.includes(arg))
}

const installers: Record<string, string[]> = {
  npm: [
    'install',
    'i',
    'in',
    'ins',
    'inst',
    'isntall',
    'add',
    'update',
    'up',
    'upgrade',
    'exec',
    'x',
    'init',
    'create',
    'link',
    'ln',
    'explore',
    'config',
    'set',
    'edit',
    'install-test',
    'it',
    'pkg',
    'rebuild',
  ],
  pnpm: ['install', 'i', 'add', 'update', 'up', 'dlx', 'exec', 'create', 'config'],
  yarn: ['add', 'install', 'upgrade', 'dlx', 'exec', 'create', 'config', 'global'],
  bun: ['add', 'install', 'i', 'x', 'create'],
  pip: ['install', 'download', 'config'],
  pip3: ['install', 'download', 'config'],
  uv: ['add', 'pip', 'tool', 'run', 'sync'],
  poetry: ['add', 'install', 'run', 'config'],
  cargo: ['install', 'add'],
  go: ['install', 'get', 'env', 'generate', 'tool'],
  gem: ['install'],
  brew: ['install', 'upgrade', 'tap', 'uninstall'],
}

function installs(command: SimpleCommand): boolean {
  const program = programNameOf(command)
  if (
    [
      'npx',
      'pnpx',
      'bunx',
      'uvx',
      'pipx',
      'apt',
      'apt-get',
      'dpkg',
      'yum',
      'dnf',
      'apk',
      'pacman',
      'snap',
      'flatpak',
      'corepack',
    ].includes(program)
  )
    return true
  const words = installers[program]
  const args = argumentsOf(command)
  return (
    words !== undefined &&
    (args.some((arg) => arg !== null && words.includes(arg)) ||
      hasOption(args, '--script-shell', '--toolexec', '--exec', '--shell', '--node-options', '--config'))
  )
}
