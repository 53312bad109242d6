import { spawn } from 'node:child_process'
import type { TmuxFixture } from './tmux.ts'
import { waitFor } from './wait-for.ts'

/** A person's terminal, attached to one session of a test's server. */
export interface AttachedClient extends AsyncDisposable {
  /** Keys as the terminal sends them. */
  press(bytes: string): void
}

/** Needs python3, whose pty module gives tmux a real terminal of the wanted size. */
export async function attachClient(
  server: TmuxFixture,
  session: string,
  { width, height }: { width: number; height: number },
): Promise<AttachedClient> {
  const { TMUX: _tmux, ...env } = process.env
  const child = spawn(
    'python3',
    ['-c', terminal, String(width), String(height), server.socketPath, session],
    {
      env: { ...env, TERM: 'xterm-256color' },
    },
  )
  child.stdout.resume()
  await waitFor(
    async () =>
      (await server.run('list-clients', '-F', '#{client_control_mode} #{client_session}')).includes(
        `0 ${session}\n`,
      ),
    'the attached client',
  )
  return {
    press: (bytes) => void child.stdin.write(bytes),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await new Promise((resolve) => child.on('close', resolve))
    },
  }
}

const terminal = `
import fcntl, os, pty, select, struct, sys, termios
width, height, socket, session = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
pid, fd = pty.fork()
if pid == 0:
    os.execvp('tmux', ['tmux', '-u', '-S', socket, 'attach', '-t', '=' + session])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', height, width, 0, 0))
while True:
    for ready in select.select([0, fd], [], [])[0]:
        data = os.read(ready, 65536)
        if not data: sys.exit()
        os.write(fd if ready == 0 else 1, data)
`
