import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AppError } from '../../../app/core/errors.ts'
import { builtInTypes, type BuiltInType, type DataOf } from '../../../app/tasks/types.ts'
import { endOfProgram, type TaskHandler, type TaskRunContext } from '../handler.ts'

/** Programs that a task names or that a project has: shell, python, deploy, test, build. */
export const programHandlers: readonly TaskHandler[] = [
  handler('shell', async ({ command, env }, { run }) =>
    endOfProgram('the command', await run({ program: 'sh', args: ['-c', command], env: env ?? {} })),
  ),
  handler('python', async ({ script, code, args = [], interpreter, env }, { run }) => {
    const ended = await run({
      program: interpreter,
      args: [script ?? '-', ...args],
      env: { PYTHONUNBUFFERED: '1', ...env },
      ...(code !== undefined && { input: code }),
    })
    return endOfProgram(script ?? 'the program', ended)
  }),
  handler('deploy', async ({ script, args = [], env }, { run, dir }) =>
    endOfProgram(script, await run({ program: resolve(dir, script), args, env: env ?? {} })),
  ),
  handler('test', (data, context) => work('test', data, context)),
  handler('build', (data, context) => work('build', data, context)),
]

function handler<Type extends BuiltInType>(
  type: Type,
  handle: TaskHandler<DataOf<Type>>['handle'],
): TaskHandler {
  const { about, data, timeoutMs, maxRetries } = builtInTypes[type]
  return { type, about, data, timeoutMs, maxRetries, handle }
}

async function work(kind: Kind, data: DataOf<'test'>, { run, dir, log }: TaskRunContext) {
  const [program = '', ...found] = data.command ?? commandOf(kind, dir)
  const args = [...found, ...(data.args ?? [])]
  log(`$ ${[program, ...args].join(' ')}`)
  return endOfProgram(`the ${kind}`, await run({ program, args, env: data.env ?? {} }), {
    command: [program, ...args],
  })
}

type Kind = 'test' | 'build'

/** What a project says by its files that tests or builds it. Throws `invalid` where none is known. */
function commandOf(kind: Kind, dir: string): string[] {
  const has = (name: string) => existsSync(join(dir, name))
  if (hasScript(dir, kind))
    return ['npm', kind === 'test' ? 'test' : 'run', ...(kind === 'test' ? [] : [kind])]
  if (has('Cargo.toml')) return ['cargo', kind]
  if (has('go.mod')) return ['go', kind, './...']
  if (kind === 'test' && ['pytest.ini', 'pyproject.toml', 'setup.py', 'tox.ini'].some(has))
    return ['python3', '-m', 'pytest']
  if (kind === 'build' && ['pyproject.toml', 'setup.py'].some(has)) return ['python3', '-m', 'build']
  if (has('Makefile')) return ['make', kind]
  throw new AppError('invalid', `Nothing in ${dir} says how to ${kind} it. Say the command: data.command.`)
}

function hasScript(dir: string, name: string): boolean {
  const path = join(dir, 'package.json')
  if (!existsSync(path)) return false
  try {
    const { scripts } = JSON.parse(readFileSync(path, 'utf8')) as { scripts?: Record<string, unknown> }
    return typeof scripts?.[name] === 'string'
  } catch (error) {
    throw new AppError('invalid', `${path} is no JSON.`, { cause: error })
  }
}
