import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { inNamespace } from '../cluster/network.ts'
import { placeUnhurried } from '../migrated.ts'
import { builtProgram } from '../product.ts'
import { scriptedRules } from '../scripted-agent/scripted-agent.ts'
import { startTmux, type TmuxFixture } from '../tmux.ts'

export interface CliAnswer {
  code: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  input?: string | Buffer
  env?: NodeJS.ProcessEnv
  /** In which network namespace; that of the world when absent. */
  namespace?: string | null
}

/** Architect as a user has it: the real program, its own data folder, its own tmux server. */
export interface CliWorld extends AsyncDisposable {
  tmux: TmuxFixture
  dataDir: string
  /** Runs one command line to its end. */
  run(args: string[], options?: RunOptions): Promise<CliAnswer>
  /** The same with `--json`, parsed; throws with what it said when it failed. */
  json<T = Record<string, unknown>>(args: string[]): Promise<T>
  /** Starts one command line and leaves it running; it is ended with the world. */
  start(args: string[]): ChildProcessWithoutNullStreams
}

/** `env` is added to the environment of every command; `home`: the network namespace in which they run. */
export async function openCliWorld(
  env: NodeJS.ProcessEnv = {},
  home: string | null = null,
): Promise<CliWorld> {
  const program = builtProgram('app/cli')
  const tmux = await startTmux()
  const dataDir = join(tmux.folder, 'data')
  await mkdir(join(dataDir, 'agents'), { recursive: true })
  await copyFile(scriptedRules, join(dataDir, 'agents', 'scripted.yaml'))
  await placeUnhurried(dataDir)
  const started: ChildProcess[] = []
  const { NO_COLOR: _, DATABASE_URL: _url, ARCHITECT_URL: _there, ...inherited } = process.env
  const own = {
    ...inherited,
    ARCHITECT_DATA: dataDir,
    ARCHITECT_TMUX_SOCKET: tmux.socketPath,
    HOST: '127.0.0.1',
    PORT: '0',
    ...env,
  }

  const start = (args: string[], extra: NodeJS.ProcessEnv = {}, namespace = home) => {
    const inside = namespace === null ? [] : inNamespace(namespace)
    const [command = '', ...rest] = [...inside, process.execPath, program, ...args]
    const child = spawn(command, rest, { env: { ...own, ...extra } })
    started.push(child)
    return child
  }

  const run: CliWorld['run'] = async (args, { input = '', env: extra = {}, namespace = home } = {}) => {
    const child = start(args, extra, namespace)
    child.stdin.on('error', () => {}) // it may end without reading
    child.stdin.end(input)
    const code = new Promise<number | null>((resolve) => child.on('close', resolve))
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    return { code: await code, stdout, stderr }
  }

  return {
    tmux,
    dataDir,
    run,
    start,
    async json(args) {
      const answer = await run([...args, '--json'])
      if (answer.code !== 0) throw new Error(`${args.join(' ')}: ${answer.stderr}`)
      return JSON.parse(answer.stdout)
    },
    async [Symbol.asyncDispose]() {
      await run(['stop'], { env: { ARCHITECT_URL: '' } })
      for (const child of started) child.kill('SIGKILL')
      await tmux[Symbol.asyncDispose]()
    },
  }
}
