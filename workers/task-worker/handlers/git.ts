import { builtInTypes, type DataOf } from '../../../app/tasks/types.ts'
import { endOfProgram, type TaskHandler, type TaskRunContext } from '../handler.ts'

type GitData = DataOf<'git'>

/** Nobody is there to be asked for a password, and only what moves repositories may move them. */
const env = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
  GIT_OPTIONAL_LOCKS: '0',
}

export const gitHandler: TaskHandler<GitData> = {
  type: 'git',
  ...builtInTypes.git,
  async handle(data, context) {
    for (const args of commandsOf(data)) {
      context.log(`$ git ${args.join(' ')}`)
      const ended = await context.run({ program: 'git', args, env })
      if (ended.exitCode !== 0) return endOfProgram(`git ${args[0]}`, ended)
    }
    if (data.operation === 'clone') return { exitCode: 0 }
    return { exitCode: 0, result: await stateOf(context) }
  },
}

function commandsOf(data: GitData): string[][] {
  if (data.operation === 'clone')
    return [
      [
        'clone',
        ...(data.branch ? ['--branch', data.branch] : []),
        ...(data.depth ? ['--depth', String(data.depth)] : []),
        '--',
        data.url,
        ...(data.path ? [data.path] : []),
      ],
    ]
  if (data.operation === 'pull')
    return [['pull', ...(data.rebase ? ['--rebase'] : ['--ff-only']), ...placeOf(data)]]
  if (data.operation === 'push')
    return [['push', ...(data.set_upstream ? ['--set-upstream'] : []), ...placeOf(data)]]
  if (data.operation === 'fetch')
    return [['fetch', ...(data.prune ? ['--prune'] : []), ...(data.remote ? [data.remote] : [])]]
  if (data.operation === 'commit') return commitOf(data)
  if (data.operation === 'checkout')
    return [['checkout', ...(data.create ? ['-b', data.branch] : [data.branch, '--'])]]
  return [['status', '--short', '--branch']]
}

function commitOf(data: Extract<GitData, { operation: 'commit' }>): string[][] {
  const commit = ['commit', '-m', data.message]
  if (data.paths)
    return [
      ['add', '--', ...data.paths],
      [...commit, '--', ...data.paths],
    ]
  return data.add_all ? [['add', '--all'], commit] : [[...commit, '--all']]
}

/** A branch without a remote means that of origin. */
function placeOf({ remote, branch }: { remote?: string | undefined; branch?: string | undefined }): string[] {
  if (remote === undefined && branch === undefined) return []
  return [remote ?? 'origin', ...(branch ? [branch] : [])]
}

async function stateOf({ run }: TaskRunContext): Promise<{ head: string; branch: string }> {
  const ask = async (...args: string[]) => (await run({ program: 'git', args, env })).output.trim()
  return { head: await ask('rev-parse', 'HEAD'), branch: await ask('rev-parse', '--abbrev-ref', 'HEAD') }
}
