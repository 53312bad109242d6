import { randomBytes } from 'node:crypto'
import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { quoted } from '../core/shell-quote.ts'

/** A program that nobody started within this time is not started any more. In ms. */
const waitMs = 60_000

/**
 * A command that finds secrets in its environment. They wait for it in a file that only this user can read, in
 * memory where the machine has such a folder (`runtimeDir`), and a shell takes it away before it becomes the program:
 * values stand in no command line, not in the environment that tmux keeps of a session, and for a moment on no disk.
 * Nothing stays between tmux and the program. It can be started once.
 */
export async function withSecrets(
  command: readonly string[],
  secrets: Readonly<Record<string, string>>,
  runtimeDir: string,
): Promise<string[]> {
  const given = Object.entries(secrets)
  if (given.length === 0) return [...command]
  await removeLeftovers(runtimeDir)
  const file = join(runtimeDir, `${prefix}${randomBytes(12).toString('hex')}`)
  const lines = given.map(([name, value]) => `export ${name}=${quoted(value)}\n`)
  await writeFile(file, lines.join(''), { mode: 0o600, flag: 'wx' })
  setTimeout(() => {
    rm(file, { force: true }).catch(() => undefined) // the next start tries again
  }, waitMs).unref()
  return ['sh', '-c', takeThenBecome, file, ...command]
}

const prefix = `architect-secrets-${process.getuid?.() ?? 0}-`

/** `$0` is the file, and behind it stands the command. */
const takeThenBecome = `if [ ! -r "$0" ]; then
  echo 'The secrets of this session were taken already, or nobody came for them in time. Make it again.' >&2
  exit 1
fi
. "$0"
rm -f -- "$0"
exec "$@"`

/** What a process left that ended before its time was over. */
async function removeLeftovers(runtimeDir: string): Promise<void> {
  const names = (await readdir(runtimeDir)).filter((name) => name.startsWith(prefix))
  for (const file of names.map((name) => join(runtimeDir, name))) {
    const found = await stat(file).catch(() => null) // taken meanwhile
    if (found && Date.now() - found.mtimeMs > waitMs) await rm(file, { force: true })
  }
}
