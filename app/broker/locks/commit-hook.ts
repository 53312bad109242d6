import { chmod, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { unlessMissing } from '../../core/missing.ts'
import { AppError } from '../../core/errors.ts'
import { beginHookList, endHookList } from './hook-list.ts'
import { git, repositoryOf } from './repository.ts'

/** By this line we know our own. */
const marker = '# Architect: locks of files and branches'
/** What was there before is called first, under this name. */
const former = 'pre-commit.before-architect'

export interface HookPlace {
  path: string
  /** A hook of somebody else's, which goes on working. */
  chained: boolean
}

/**
 * Puts the commit hook into a project, where git looks for hooks there (`core.hooksPath`). A hook that is there
 * already is kept and called first. Throws `conflict` where git's hooks are shared by all repositories.
 */
export async function installHook(dataDir: string, dir: string): Promise<HookPlace> {
  const { project, folder } = await hookFolder(dir)
  const path = join(folder, 'pre-commit')
  const list = await beginHookList(dataDir, project)
  await mkdir(folder, { recursive: true })
  if ((await exists(path)) && !(await isOurs(path))) {
    if (await exists(join(folder, former))) {
      throw new AppError(
        'conflict',
        `${join(folder, former)} is in the way: a hook from before was kept there. Put the two together by hand.`,
      )
    }
    await rename(path, join(folder, former))
  }
  await writeFile(`${path}.new`, hookText(list))
  await chmod(`${path}.new`, 0o755)
  await rename(`${path}.new`, path)
  return { path, chained: await exists(join(folder, former)) }
}

/** Takes only our own hook away, and gives the former one its place back. false: there was none of ours. */
export async function removeHook(dataDir: string, dir: string): Promise<boolean> {
  const { project, folder } = await hookFolder(dir)
  const path = join(folder, 'pre-commit')
  await endHookList(dataDir, project)
  if (!(await exists(path)) || !(await isOurs(path))) return false
  if (await exists(join(folder, former))) await rename(join(folder, former), path)
  else await rm(path)
  return true
}

async function hookFolder(dir: string): Promise<{ project: string; folder: string }> {
  const { project, root } = await repositoryOf(dir)
  const [hooks] = (await git(root, ['rev-parse', '--git-path', 'hooks'])) ?? []
  if (hooks === undefined)
    throw new AppError('invalid', `${dir} is in no git repository, so there are no commits to look at.`)
  const [scope] = (await git(root, ['config', '--show-scope', '--get', 'core.hooksPath'])) ?? []
  if (scope?.startsWith('global') || scope?.startsWith('system')) {
    throw new AppError(
      'conflict',
      `git's hooks of this user are shared by all repositories (core.hooksPath, ${scope.split('\t')[0]}), and this one is for one project. ` +
        'Give the project its own first: git config core.hooksPath .git/hooks',
    )
  }
  return { project, folder: resolve(root, hooks) }
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(unlessMissing(null))) !== null
}

async function isOurs(path: string): Promise<boolean> {
  return (await readFile(path, 'utf8').catch(unlessMissing(''))).includes(marker)
}

/** Plain sh and git, no Node: a commit should not wait. Whatever is missing lets it pass. */
function hookText(list: string): string {
  return `#!/bin/sh
${marker}. Installed by: ./deploy.sh locks install-hook
# Passes everything while Architect does not run. Past it: git commit --no-verify
former="\${0%/*}/${former}"
if [ -x "$former" ]; then "$former" "$@" || exit $?; fi
list=${quoted(list)}
[ -r "$list" ] || exit 0
tab=$(printf '\\t')
IFS="$tab" read -r word pid project < "$list" || exit 0
[ "$word" = pid ] && [ "$pid" -gt 1 ] 2>/dev/null && kill -0 "$pid" 2>/dev/null || exit 0
branch=$(git symbolic-ref --quiet --short HEAD)
me=\${ARCHITECT_SESSION:-}
if [ -z "$me" ] && [ -n "\${TMUX_PANE:-}" ]; then me=$(tmux display-message -p -t "$TMUX_PANE" '#{session_name}' 2>/dev/null); fi
me=\${me##*/}
files=$(git -c core.quotePath=false diff --cached --name-only --no-renames)
refused=0
while IFS="$tab" read -r word pattern session who since; do
  case $word in
  protected)
    case $branch in
    $pattern) echo "architect: $branch is a protected branch. Make one of your own: git checkout -b feature/what-$(date +%m%d)" >&2; refused=1 ;;
    esac ;;
  lock)
    [ "$session" = "$me" ] && continue
    while IFS= read -r file; do
      case $file in
      $pattern) echo "architect: $file is locked by $who since $since." >&2; refused=1 ;;
      esac
    done <<END
$files
END
    ;;
  esac
done < "$list"
exit $refused
`
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`
}
