import { argumentsOf, programNameOf, type SimpleCommand } from '../shell/simple-command.ts'
import { operandsOf } from './options.ts'
import type { ShippedRule } from './rule.ts'

const diskTools =
  /^(dd|mkfs(\..+)?|mke2fs|fdisk|sfdisk|cfdisk|gdisk|sgdisk|parted|wipefs|mkswap|swapoff|swapon|losetup|cryptsetup|lvremove|vgremove|pvremove|mdadm|zpool|zfs|hdparm|blkdiscard|diskutil|fstrim|badblocks|debugfs|tune2fs|resize2fs)$/
const powerTools = new Set(['shutdown', 'reboot', 'halt', 'poweroff', 'init', 'telinit', 'kexec'])
const schedulers = new Set(['crontab', 'at', 'batch', 'launchctl', 'systemd-run', 'anacron'])
const accountTools = new Set(
  'passwd chpasswd useradd userdel usermod groupadd groupdel adduser deluser visudo chsh vipw ssh-copy-id ssh-add ssh-keygen'.split(
    ' ',
  ),
)
const keepers = /tmux|architect|deploy\.sh|assigner|node|claude|codex|gemini|opencode|systemd|sshd|-1$/i

export const systemRules: ShippedRule[] = [
  rule(
    'disk-tools',
    'deny',
    'works on whole disks',
    (command) =>
      diskTools.test(programNameOf(command)) ||
      command.writes.some(({ value }) =>
        /^\/dev\/(sd|nvme|hd|vd|mmcblk|disk|mem|kmem|loop|mapper)/.test(value ?? ''),
      ),
  ),
  rule(
    'power',
    'deny',
    'stops the machine',
    (command) =>
      powerTools.has(programNameOf(command)) ||
      (programNameOf(command) === 'systemctl' &&
        hasWord(
          command,
          'reboot',
          'poweroff',
          'halt',
          'kexec',
          'suspend',
          'hibernate',
          'rescue',
          'emergency',
        )),
  ),
  rule('stop-architect', 'deny', 'ends tmux, Architect or other agents', stopsArchitect),
  rule('own-permissions', 'deny', 'changes what agents are granted or answers for them', grantsItself),
  rule('schedules', 'deny', 'lets something run later, unseen', (command) =>
    schedulers.has(programNameOf(command)),
  ),
  rule('accounts', 'deny', 'changes accounts, passwords or keys', (command) =>
    accountTools.has(programNameOf(command)),
  ),
  rule(
    'fork-bomb',
    'deny',
    'fills the machine with processes',
    (command) => /^:\(\)|^:$/.test(programNameOf(command)) && command.fedBy.includes(':'),
  ),
  rule('services', 'ask', 'changes services or the system', (command) =>
    [
      'systemctl',
      'service',
      'mount',
      'umount',
      'sysctl',
      'iptables',
      'nft',
      'ufw',
      'modprobe',
      'insmod',
      'rmmod',
      'kill',
      'pkill',
      'killall',
      'ip',
      'ifconfig',
      'route',
      'hostnamectl',
      'timedatectl',
      'defaults',
      'tmux',
      'screen',
      'history',
      'fc',
    ].includes(programNameOf(command)),
  ),
]

function stopsArchitect(command: SimpleCommand): boolean {
  const program = programNameOf(command)
  const args = argumentsOf(command).filter((arg) => arg !== null)
  if (program === 'tmux')
    return args.some((arg) =>
      /^(kill-|send|respawn|pipe-pane|run|if-shell|source|set-hook|load-buffer|paste-buffer|set-buffer)/.test(
        arg,
      ),
    )
  if (program === 'deploy.sh')
    return args.some((arg) => ['stop', 'restart', 'uninstall', 'hooks', '--stop'].includes(arg))
  if (program === 'kill')
    return args.at(-1) === '-1' || operandsOf(args).some((pid) => pid === '1' || pid === '0')
  if (program === 'pkill' || program === 'killall' || program === 'killall5' || program === 'skill')
    return args.length === 0 || args.some((arg) => keepers.test(arg)) || args.includes('-u')
  return false
}

/** Architect's own command, as far as it settles what is asked and what is not: only people do. */
function grantsItself(command: SimpleCommand): boolean {
  if (!['deploy.sh', 'architect'].includes(programNameOf(command))) return false
  const [noun = '', ...words] = argumentsOf(command).map((arg) => arg?.split('=')[0] ?? '')
  const looks = looksOf[noun]
  return (
    (looks !== undefined && !looks.includes(words[0] ?? 'list')) ||
    words.some((word) => settling[noun]?.includes(word))
  )
}

/** Of these nouns an agent may use nothing else. */
const looksOf: Record<string, string[]> = {
  passwd: [],
  'setup-sessions': [],
  patterns: ['list', 'show', 'dry-run'],
  interactions: ['list', 'show'],
  questions: ['list', 'show', 'ask'],
  notifications: ['list', 'sent'],
  mcp: ['status', 'serve'],
}
const settling: Record<string, string[]> = {
  assigner: ['--approve', '--resolve', '--force'],
  sessions: ['--tier', '--manager', '--force'],
}

const hasWord = (command: SimpleCommand, ...words: string[]) =>
  argumentsOf(command).some((arg) => arg !== null && words.includes(arg))

function rule(
  name: string,
  effect: 'deny' | 'ask',
  reason: string,
  matches: (command: SimpleCommand) => boolean,
): ShippedRule {
  return { name, effect, reason, matches }
}
