import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError, messageOf } from '../../core/errors.ts'
import { foundLimits, type Unread } from '../../core/found-work.ts'

export interface TreeFiles {
  /** Relative to the root, each once, in the order of their bytes. */
  files: string[]
  /** Folders that are closed to us, and names that are no text. */
  unread: Unread[]
}

/**
 * The files of a tree that git knows or would take. A folder without a repository is read with the same rules, by
 * lending it an empty one. Throws `unavailable` when git can't be run, `limited` when there are too many.
 */
export async function treeFiles(root: string, signal?: AbortSignal): Promise<TreeFiles> {
  const own = await listFiles(root, ['-C', root, ...harmless, 'ls-files', '-co', ...excluded, '-z'], signal)
  if (own.code === 0) return readListing(own)
  const lent = await mkdtemp(join(tmpdir(), 'architect-scan-'))
  try {
    const made = await git(['init', '-q', '--bare', '--template=', lent], signal)
    if (made.code !== 0) throw new AppError('unavailable', `git cannot prepare a scan: ${made.said.trim()}`)
    const place = [`--git-dir=${lent}`, `--work-tree=${root}`]
    const listed = await listFiles(
      root,
      ['-C', root, ...place, ...harmless, 'ls-files', '-o', ...excluded, '-z'],
      signal,
    )
    if (listed.code !== 0) throw new AppError('unavailable', `git cannot list ${root}: ${listed.said.trim()}`)
    return readListing(listed)
  } finally {
    await rm(lent, { recursive: true, force: true })
  }
}

/** A repository's own settings may name programs; listing must not start them. */
const harmless = [
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.quotePath=false',
]

/** What tools put there and nobody writes, also where no .gitignore says so. */
const excluded = [
  '--exclude-standard',
  ...['node_modules', '__pycache__', '.venv', 'venv', 'bower_components'].map((name) => `--exclude=${name}/`),
]

interface Listing {
  code: number | null
  names: Buffer
  /** What git complained of. */
  said: string
}

async function listFiles(root: string, args: string[], signal?: AbortSignal): Promise<Listing> {
  try {
    return await git(args, signal)
  } catch (error) {
    if (signal?.aborted) throw error
    const why = `git, which lists the files of ${root}, could not be run: ${messageOf(error)}.`
    throw new AppError('unavailable', why, { cause: error })
  }
}

/** Some 200 bytes a name; git is ended when it lists more. */
const mostBytes = foundLimits.files * 200
const mostComplaints = 65_536

function git(args: string[], signal?: AbortSignal): Promise<Listing> {
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, ...env } = process.env
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, {
      env: { ...env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal && { signal }),
    })
    const names: Buffer[] = []
    let bytes = 0
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > mostBytes) child.kill('SIGKILL')
      else names.push(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.length < mostComplaints) said += chunk.toString()
    })
    child.once('error', reject)
    child.once('close', (code) => {
      if (bytes <= mostBytes) return resolve({ code, names: Buffer.concat(names), said })
      reject(new AppError('limited', `More than ${foundLimits.files.toLocaleString('en')} files.`))
    })
  })
}

function readListing({ names, said }: Listing): TreeFiles {
  const files = new Set<string>()
  const unread = closedFolders(said)
  for (let start = 0; start < names.length;) {
    const end = names.indexOf(0, start)
    const bytes = names.subarray(start, end === -1 ? names.length : end)
    start += bytes.length + 1
    const name = bytes.toString()
    if (Buffer.from(name).equals(bytes)) files.add(name)
    else unread.push({ path: name, reason: 'its name is not UTF-8' })
  }
  return { files: [...files].filter((name) => name !== '').sort(byBytes), unread }
}

const byBytes = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** `warning: could not open directory 'closed/': Permission denied` */
function closedFolders(said: string): Unread[] {
  const complaint = /^warning: could not open directory '(.*)': (.*)$/gm
  return [...said.matchAll(complaint)].map(([, path = '', reason = '']) => ({
    path,
    reason: reason.toLowerCase(),
  }))
}
