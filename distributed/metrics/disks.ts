import { sampleLimits } from '../../app/core/metric-sample.ts'
import type { KernelFiles } from './files.ts'

/** Total and free blocks of a file system, as `statfs` says. */
export interface FileSystem {
  bsize: number
  blocks: number
  bfree: number
  bavail: number
}
export type StatFs = (path: string) => Promise<FileSystem>

/** Only what lies on a device of this machine: asking a network's file system may never be answered. */
const localTypes = new Set([
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'f2fs',
  'vfat',
  'exfat',
  'ntfs3',
  'zfs',
  'bcachefs',
  'overlay',
])

/** Where local file systems are mounted, each once, `/` first. */
export function findMounts(files: KernelFiles): string[] {
  const bySource = new Map<string, string>()
  for (const line of (files.text('proc/self/mountinfo') ?? '').split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const mount = unescaped(before.split(' ')[4] ?? '')
    const [type = '', source = ''] = after.split(' ')
    if (mount === '' || !localTypes.has(type) || (type === 'overlay' && mount !== '/')) continue
    const known = bySource.get(source)
    if (known === undefined || mount.length < known.length) bySource.set(source, mount)
  }
  const mounts = [...new Set(bySource.values())].filter(({ length }) => length <= sampleLimits.mountChars)
  return mounts.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1)).slice(0, sampleLimits.disks)
}

/** `\040` stands for a space there. */
function unescaped(path: string): string {
  return path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)))
}

/** Used and total bytes. What is kept for root counts as neither, so that 100 % is when nobody else can write. */
export async function readDisks(
  mounts: readonly string[],
  statFs: StatFs,
): Promise<[mount: string, used: number, total: number][]> {
  const found = await Promise.all(mounts.map((mount) => statFs(mount).catch(() => null)))
  return mounts.flatMap((mount, index) => {
    const stat = found[index]
    if (!stat || stat.blocks === 0) return []
    const used = (stat.blocks - stat.bfree) * stat.bsize
    return [[mount, used, used + stat.bavail * stat.bsize] as [string, number, number]]
  })
}
